/**
 * Image file -> upright pixels on white, not colour-managed, in the sizes asked for. The browser only decodes;
 * every pixel after that is computed by code of ours, so all browsers whose JPEG decoders agree see the same.
 */
import type { ByteBudget } from './byte-budget.ts'
import { readImageHeader } from './image-header.ts'
import { resizeSource } from './pillow-resize.ts'
import type { Source } from './pixels.ts'
import { reduceTile } from './reduce.ts'
import { keptSize } from './transform.ts'
import type { KeptResize, Pixels } from './types.ts'

/** Why a photo gives no pixels, in words that follow "photo.jpg: ". */
export class PhotoError extends Error {}

/** Larger photos are refused: the bitmap alone would take a gigabyte. */
const MAX_PIXELS = 250e6
/** Photos of more pixels are first reduced by a whole factor, where three times the wanted size remains. */
const HUGE_PIXELS = 4e6
/** A long, thin photo whose short side is enlarged may not become larger than this. */
const MAX_KEPT_PIXELS = 50e6
/** Pillow's `reducing_gap` at which the result is indistinguishable. */
const REDUCING_GAP = 3
/** Reserved in the budget where the header does not tell the size. */
const UNKNOWN_BYTES = 64e6
/** Side of the pieces in which a huge bitmap is read back, in px. */
const TILE = 2048

/**
 * Decodes a photo once and gives it in each of `sizes`, in their order.
 * @throws PhotoError where the file is no image, is cut off, is too large, or cannot be read.
 */
export async function decodePhoto(
  file: Blob,
  sizes: readonly KeptResize[],
  budget: ByteBudget,
): Promise<Pixels[]> {
  const bytes = new Uint8Array(await readFile(file))
  if (bytes.length === 0) throw new PhotoError('the file is empty')
  const header = readImageHeader(bytes)
  if (header === null) throw new PhotoError('not an image that this browser can read')
  if (header.truncated) throw new PhotoError('the file is cut off')
  const { size } = header
  if (size && size.width * size.height > MAX_PIXELS)
    throw new PhotoError(`too large: ${size.width} x ${size.height} px`)

  return await budget.with(size ? size.width * size.height * 4 : UNKNOWN_BYTES, async () => {
    // A type of the header's own: the file's name may be wrong.
    const bitmap = await decode(new Blob([bytes], { type: `image/${header.format}` }))
    try {
      return sizes.map((wanted) => {
        const kept = keptSize(bitmap.width, bitmap.height, wanted)
        if (kept.width * kept.height > MAX_KEPT_PIXELS)
          throw new PhotoError(`too narrow: ${bitmap.width} x ${bitmap.height} px`)
        return resizeBitmap(bitmap, kept)
      })
    } finally {
      bitmap.close()
    }
  })
}

async function readFile(file: Blob): Promise<ArrayBuffer> {
  try {
    return await file.arrayBuffer()
  } catch {
    throw new PhotoError('the file cannot be read (moved, changed or not permitted)')
  }
}

async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, {
      imageOrientation: 'from-image',
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'premultiply',
    })
  } catch {
    throw new PhotoError('the image is damaged or of a kind that this browser cannot read')
  }
}

/** A decoded picture at a size, by Pillow's resize. */
export function resizeBitmap(
  bitmap: ImageBitmap | OffscreenCanvas,
  size: { width: number; height: number },
): Pixels {
  return resizeSource(readBitmap(bitmap, reduction(bitmap, size)), size.width, size.height)
}

/** The whole factor by which a huge photo is reduced before it is resized. */
export function reduction(
  photo: { width: number; height: number },
  size: { width: number; height: number },
): number {
  if (photo.width * photo.height <= HUGE_PIXELS) return 1
  const ratio = Math.min(photo.width / size.width, photo.height / size.height)
  return Math.min(TILE, Math.max(1, Math.floor(ratio / REDUCING_GAP)))
}

let canvas: OffscreenCanvas | undefined

/** RGBX bytes of a part of a bitmap, on white. */
function readTile(
  bitmap: ImageBitmap | OffscreenCanvas,
  left: number,
  top: number,
  width: number,
  height: number,
): Uint8ClampedArray {
  canvas ??= new OffscreenCanvas(width, height)
  if (canvas.width < width || canvas.height < height) {
    canvas.width = Math.max(canvas.width, width)
    canvas.height = Math.max(canvas.height, height)
  }
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false })
  if (!context) throw new PhotoError('the browser gives no canvas to decode on')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.drawImage(bitmap, left, top, width, height, 0, 0, width, height)
  return context.getImageData(0, 0, width, height).data
}

/** The bitmap's pixels, each side divided by `factor` (the mean of factor x factor px). */
function readBitmap(bitmap: ImageBitmap | OffscreenCanvas, factor: number): Source {
  const { width, height } = bitmap
  if (factor === 1 && width <= TILE && height <= TILE)
    return { width, height, data: readTile(bitmap, 0, 0, width, height), channels: 4 }

  const reduced: Source = {
    width: Math.ceil(width / factor),
    height: Math.ceil(height / factor),
    data: new Uint8Array(Math.ceil(width / factor) * Math.ceil(height / factor) * 3),
    channels: 3,
    extent: { width: width / factor, height: height / factor },
  }
  const step = TILE - (TILE % factor)
  for (let top = 0; top < height; top += step) {
    for (let left = 0; left < width; left += step) {
      const tileWidth = Math.min(step, width - left)
      const tileHeight = Math.min(step, height - top)
      const data = readTile(bitmap, left, top, tileWidth, tileHeight)
      const tile: Source = { width: tileWidth, height: tileHeight, data, channels: 4 }
      reduceTile(tile, factor, reduced, left / factor, top / factor)
    }
  }
  return reduced
}
