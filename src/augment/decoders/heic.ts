/**
 * HEIC by libheif (LGPL, its own chunk), for browsers that do not decode it. libheif itself turns and mirrors as the
 * file's `irot` and `imir` say, so the EXIF orientation, which repeats them, is left alone. Colours stay those of the
 * file: like everywhere here, no profile is applied.
 */
import libheif from 'libheif-js/libheif-wasm/libheif-bundle.mjs'
import { type OpaqueImage, onWhite } from './opaque-image.ts'

const decoder = new (libheif().HeifDecoder)()

/** One at a time: the decoder holds one file. @throws where the file is damaged or of another kind. */
export async function decodeHeic(bytes: Uint8Array): Promise<OpaqueImage> {
  const images = decoder.decode(bytes)
  try {
    const image = images.find((candidate) => candidate.is_primary()) ?? images[0]
    if (!image) throw new Error('no picture in the file')
    const width = image.get_width()
    const height = image.get_height()
    const data = new Uint8ClampedArray(width * height * 4)
    const shown = await new Promise((resolve) => {
      image.display({ data }, resolve)
    })
    if (!shown) throw new Error('the picture cannot be decoded')
    if (image.has_alpha_channel()) layOnWhite(data)
    return { width, height, data }
  } finally {
    for (const image of images) image.free()
  }
}

function layOnWhite(data: Uint8ClampedArray): void {
  for (let i = 0; i < data.length; i += 4) {
    const opacity = data[i + 3]
    if (opacity === 255) continue
    for (let channel = i; channel < i + 3; channel++) data[channel] = onWhite(data[channel], opacity)
  }
}
