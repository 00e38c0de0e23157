/**
 * Image file -> upright pixels on white, not colour-managed, in the sizes asked for. The browser only decodes;
 * every pixel after that is computed by code of ours, so all browsers whose JPEG decoders agree see the same.
 * HEIC and TIFF, which few browsers decode, go to a library that is loaded with the first of them.
 */
import type { ByteBudget } from './byte-budget.ts'
import { decodeByLibrary, hasLibrary, type OnDecoded } from './decoders/index.ts'
import type { OpaqueImage } from './decoders/opaque-image.ts'
import { type ImageFormat, readImageHeader } from './image-header.ts'
import { withPlanes } from './jpeg-planes.ts'
import { PhotoError } from './photo-error.ts'
import { RowsResize, resizeFromPlanes } from './pillow-resize.ts'
import type { Region, Size } from './pixels.ts'
import type { Planes } from './simd/index.ts'
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
/** Some browsers have no wider canvas (Safari: 16,384 px); a panorama is read back in pieces of this width. */
const PIECE_WIDTH = 8192
/** Bytes a pixel while a library decodes: its own planes beside the result. */
const LIBRARY_BYTES = 10

/**
 * Decodes a photo once and gives it in each of `sizes`, in their order. `onDecoded` is told the time that a library
 * took, where one was needed.
 * @throws PhotoError where the file is no image, is cut off, is too large, or cannot be read.
 */
export async function decodePhoto(
  file: Blob,
  sizes: readonly KeptResize[],
  budget: ByteBudget,
  onDecoded: OnDecoded = () => {},
): Promise<Pixels[]> {
  const bytes = new Uint8Array(await readFile(file))
  if (bytes.length === 0) throw new PhotoError('empty')
  const header = readImageHeader(bytes)
  if (header === null) throw new PhotoError('not-an-image')
  if (header.truncated) throw new PhotoError('cut-off')
  const { size, format } = header
  if (size && size.width * size.height > MAX_PIXELS) throw new PhotoError('too-large')

  const bytesPerPixel = hasLibrary(format) ? LIBRARY_BYTES : 4
  const needed = size ? size.width * size.height * bytesPerPixel : UNKNOWN_BYTES
  return await withMemory(needed, budget, async () => {
    const wantedOf = (photo: Size) => sizes.map((size) => keptSize(photo.width, photo.height, size))
    if (format === 'jpeg') {
      const resized = await withPlanes(bytes, size, (planes) => resizePlanes(planes, wantedOf(planes)))
      if (resized) return resized
    }
    const image = await decode(bytes, format, onDecoded)
    const wanted = wantedOf(image)
    if (!(image instanceof ImageBitmap)) return resizeOpaque(image, wanted)
    try {
      return resizeBitmap(image, wanted)
    } finally {
      image.close()
    }
  })
}

/** Each loader has a budget of its own; what is larger than that is decoded by one of them at a time. */
async function withMemory<T>(needed: number, budget: ByteBudget, work: () => Promise<T>): Promise<T> {
  // Without locks (an address that is not secure) the loaders know nothing of each other.
  if (needed <= budget.limit || !navigator.locks) return await budget.with(needed, work)
  return await navigator.locks.request('tabtune-huge-photo', () => budget.with(needed, work))
}

async function readFile(file: Blob): Promise<ArrayBuffer> {
  try {
    return await file.arrayBuffer()
  } catch (error) {
    throw error instanceof PhotoError ? error : new PhotoError('unreadable')
  }
}

/** Formats that this browser was seen not to decode. */
const beyondBrowser = new Set<ImageFormat>()

async function decode(
  bytes: Uint8Array<ArrayBuffer>,
  format: ImageFormat,
  onDecoded: OnDecoded,
): Promise<ImageBitmap | OpaqueImage> {
  if (!beyondBrowser.has(format)) {
    const bitmap = await decodeByBrowser(bytes, format)
    if (bitmap) return bitmap
  }
  if (!hasLibrary(format)) throw new PhotoError('damaged')
  const image = await decodeByLibrary(bytes, format, onDecoded)
  beyondBrowser.add(format)
  return image
}

/** Null where the browser does not decode it. */
async function decodeByBrowser(
  bytes: Uint8Array<ArrayBuffer>,
  format: ImageFormat,
): Promise<ImageBitmap | null> {
  try {
    // A type of the header's own: the file's name may be wrong.
    return await createImageBitmap(new Blob([bytes], { type: `image/${format}` }), {
      imageOrientation: 'from-image',
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'premultiply',
    })
  } catch {
    return null
  }
}

/** A decoded picture on white, in each of `sizes`, by Pillow's resize. @throws PhotoError */
export function resizeBitmap(
  bitmap: ImageBitmap | OffscreenCanvas | HTMLCanvasElement,
  sizes: readonly Size[],
): Pixels[] {
  const { width, height } = bitmap
  const resizes = resizesOf({ width, height }, sizes)
  const stripRows = Math.min(height, Math.max(1, Math.floor(STRIP_PIXELS / width)))
  const pieceWidth = Math.min(width, PIECE_WIDTH)
  const context = canvasOf(pieceWidth, stripRows)
  for (let top = 0; top < height; top += stripRows) {
    const rows = Math.min(stripRows, height - top)
    const strip = readRows(context, bitmap, { left: 0, top, width, height: rows }, pieceWidth)
    for (const each of resizes) each.push(strip, rows)
  }
  return resizes.map((each) => each.finish())
}

/** Rows of a bitmap on white, RGBX [region.height, region.width, 4]. */
function readRows(
  context: OffscreenCanvasRenderingContext2D,
  bitmap: ImageBitmap | OffscreenCanvas | HTMLCanvasElement,
  { top, width, height: rows }: Region,
  pieceWidth: number,
): Uint8ClampedArray {
  const read = (left: number, columns: number) => {
    context.fillRect(0, 0, columns, rows)
    context.drawImage(bitmap, left, top, columns, rows, 0, 0, columns, rows)
    return context.getImageData(0, 0, columns, rows).data
  }
  if (pieceWidth === width) return read(0, width)
  const strip = new Uint8ClampedArray(width * rows * 4)
  for (let left = 0; left < width; left += pieceWidth) {
    const columns = Math.min(pieceWidth, width - left)
    const piece = read(left, columns)
    for (let y = 0; y < rows; y++)
      strip.set(piece.subarray(y * columns * 4, (y + 1) * columns * 4), (y * width + left) * 4)
  }
  return strip
}

/** The same for a JPEG's planes. @throws PhotoError */
function resizePlanes(planes: Planes, sizes: readonly Size[]): Pixels[] {
  checkSizes(sizes)
  return sizes.map((size) => resizeFromPlanes(planes, size))
}

/** The same for pixels of our own decoders. @throws PhotoError */
function resizeOpaque({ width, height, data }: OpaqueImage, sizes: readonly Size[]): Pixels[] {
  const resizes = resizesOf({ width, height }, sizes)
  for (const each of resizes) each.push(data, height)
  return resizes.map((each) => each.finish())
}

function resizesOf(from: Size, sizes: readonly Size[]): RowsResize[] {
  checkSizes(sizes)
  return sizes.map((size) => new RowsResize(from, size))
}

function checkSizes(sizes: readonly Size[]): void {
  if (sizes.some((size) => size.width * size.height > MAX_KEPT_PIXELS)) throw new PhotoError('too-narrow')
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
