/** Why a photo gives no pixels: codes for the page to translate, and English words for logs. */

export const PHOTO_FAILURES = {
  empty: 'the file is empty',
  'not-an-image': 'not an image that can be read here, whatever its name says',
  'cut-off': 'the file is cut off',
  'damaged-in-zip': 'the file is damaged within the zip',
  damaged: 'the image is damaged or of a kind that this browser cannot read',
  'unsupported-kind': 'an image for measuring (floating point, more than 16 bits or CIELab), not a photo',
  'no-decoder': 'the decoder for this format could not be loaded',
  'too-large': 'the photo has more than 250 megapixels',
  'too-narrow': 'the photo is too narrow',
  unreadable: 'the file cannot be read (moved, changed or not permitted)',
  vanished: 'the file is no longer there',
  'not-permitted': 'the file may no longer be read',
  'no-canvas': 'the browser gives no canvas to decode on',
} as const

export type PhotoFailure = keyof typeof PHOTO_FAILURES

/** Its message is one of `PHOTO_FAILURES`, which also survives the way from a worker. */
export class PhotoError extends Error {
  constructor(readonly code: PhotoFailure) {
    super(PHOTO_FAILURES[code])
  }
}

/** The code of a reason, for translating it; undefined for an unforeseen one, which is shown as it is. */
export function photoFailure(reason: string): PhotoFailure | undefined {
  const codes = Object.keys(PHOTO_FAILURES) as PhotoFailure[]
  return codes.find((code) => PHOTO_FAILURES[code] === reason)
}
