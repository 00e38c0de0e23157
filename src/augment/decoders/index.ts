/**
 * Decoders for what most browsers do not decode, each a chunk of its own that is loaded on first need. Imports
 * nothing but the failures of a photo.
 */
import type { ImageFormat } from '../headers/types.ts'
import { PhotoError } from '../photo-error.ts'
import type { OpaqueImage } from './opaque-image.ts'

/** Formats that a library decodes where the browser does not. */
export type LibraryFormat = 'heic' | 'tiff'

/** Told after each photo that a library decoded: how long that took, in ms, without loading the library. */
export type OnDecoded = (format: LibraryFormat, milliseconds: number) => void

type Decoder = (bytes: Uint8Array<ArrayBuffer>) => Promise<OpaqueImage>

const LIBRARIES: Record<LibraryFormat, () => Promise<Decoder>> = {
  heic: async () => (await import('./heic.ts')).decodeHeic,
  tiff: async () => (await import('./tiff.ts')).decodeTiff,
}

export const hasLibrary = (format: ImageFormat): format is LibraryFormat => format in LIBRARIES

let last: Promise<unknown> = Promise.resolve()

/**
 * One photo after the other: a library keeps the whole thread busy, and libheif holds one file.
 * @throws PhotoError where the library cannot be loaded, or the file is damaged or of a kind that it cannot read.
 */
export async function decodeByLibrary(
  bytes: Uint8Array<ArrayBuffer>,
  format: LibraryFormat,
  onDecoded: OnDecoded,
): Promise<OpaqueImage> {
  const decoder = await LIBRARIES[format]().catch(() => {
    throw new PhotoError('no-decoder')
  })
  const decoded = last.then(async () => {
    const began = performance.now()
    const image = await decoder(bytes)
    onDecoded(format, performance.now() - began)
    return image
  })
  last = decoded.catch(() => {})
  return await decoded.catch((error: unknown) => {
    throw error instanceof PhotoError ? error : new PhotoError('damaged')
  })
}
