/**
 * Image file -> upright pixels on white, not colour-managed, in the sizes asked for. The browser only decodes;
 * every pixel after that is computed by code of ours, so all browsers whose JPEG decoders agree see the same.
 */
import type { ByteBudget } from './byte-budget.ts'
import { readImageHeader } from './image-header.ts'
import { PhotoError } from './photo-error.ts'
import { RowsResize } from './pillow-resize.ts'
import type { Size } from './pixels.ts'
import { keptSize } from './transform.ts'
import type { KeptResize, Pixels } from './types.ts'

/** Larger photos are refused: the bitmap alone would take a gigabyte. */
const MAX_PIXELS = 250e6
/** A long, thin photo whose short side is enlarged may not become larger than this. */
const MAX_KEPT_PIXELS = 50e6
/** Reserved in the budget where the header does not tell the size. */
const UNKNOWN_BYTES = 64e6
/** A bitmap is read back in strips of about so many pixels. */
const STRIP_PIXELS = 1e6

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
  if (bytes.length === 0) throw new PhotoError('empty')
  const header = readImageHeader(bytes)
  if (header === null) throw new PhotoError('not-an-image')
  if (header.truncated) throw new PhotoError('cut-off')
  const { size } = header
  if (size && size.width * size.height > MAX_PIXELS) throw new PhotoError('too-large')

  return await budget.with(size ? size.width * size.height * 4 : UNKNOWN_BYTES, async () => {
    // A type of the header's own: the file's name may be wrong.
    const bitmap = await decode(new Blob([bytes], { type: `image/${header.format}` }))
    try {
      return resizeBitmap(
        bitmap,
        sizes.map((wanted) => keptSize(bitmap.width, bitmap.height, wanted)),
      )
    } finally {
      bitmap.close()
    }
  })
}

async function readFile(file: Blob): Promise<ArrayBuffer> {
  try {
    return await file.arrayBuffer()
  } catch {
    throw new PhotoError('unreadable')
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
    throw new PhotoError('damaged')
  }
}

/** A decoded picture on white, in each of `sizes`, by Pillow's resize. @throws PhotoError */
export function resizeBitmap(
  bitmap: ImageBitmap | OffscreenCanvas | HTMLCanvasElement,
  sizes: readonly Size[],
): Pixels[] {
  const { width, height } = bitmap
  if (sizes.some((size) => size.width * size.height > MAX_KEPT_PIXELS)) throw new PhotoError('too-narrow')
  const resizes = sizes.map((size) => new RowsResize({ width, height }, size))
  const stripRows = Math.min(height, Math.max(1, Math.floor(STRIP_PIXELS / width)))
  const context = canvasOf(width, stripRows)
  for (let top = 0; top < height; top += stripRows) {
    const rows = Math.min(stripRows, height - top)
    context.fillRect(0, 0, width, rows)
    context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows)
    const { data } = context.getImageData(0, 0, width, rows)
    for (const each of resizes) each.push(data, rows)
  }
  return resizes.map((each) => each.finish())
}

let canvas: OffscreenCanvas | undefined

/** A canvas of at least a size, that fills white; made once. */
function canvasOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  canvas ??= new OffscreenCanvas(width, height)
  if (canvas.width < width) canvas.width = width
  if (canvas.height < height) canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false })
  if (!context) throw new PhotoError('no-canvas')
  context.fillStyle = '#fff'
  return context
}
