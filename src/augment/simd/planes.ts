/** From a JPEG decoder's planes to a resized picture, through the pixels that libjpeg makes of them. */
import { layOut, loops, putInts } from './loops.ts'
import type { WeightTable } from './resample.ts'

/** Luma and chroma of a JPEG in one buffer, full range. */
export interface Planes {
  width: number
  height: number
  data: Uint8Array<ArrayBuffer>
  /** Of Y, Cb and Cr: the first byte, and bytes from one row to the next. */
  layout: readonly [Plane, Plane, Plane]
  /** Pixels that share a sample of chroma. */
  shared: { across: 1 | 2; down: 1 | 2 }
}

interface Plane {
  offset: number
  stride: number
}

/** Narrower chroma is upsampled in another way by libjpeg. */
export const LEAST_CHROMA_WIDTH = 3

/** Biases of the even and the odd samples of libjpeg's upsampling: of both directions, and across only. */
const BIAS_BOTH = [8, 7] as const
const BIAS_ACROSS = [4, 8] as const

/** The planes come into the loops' memory in strips of about so many pixels. */
const STRIP_PIXELS = 2 ** 18

/**
 * The picture's rows, each as `table.results` RGB pixels. A row of pixels is made, read and overwritten by the next,
 * so that it never leaves a core's cache.
 */
export function resizePlaneRows(planes: Planes, table: WeightTable): Uint8Array {
  const { width, height, data, layout, shared } = planes
  const [luma, blue, red] = layout
  const chromaWidth = Math.ceil(width / shared.across)
  const chromaHeight = Math.ceil(height / shared.down)
  const [biasEven, biasOdd] = shared.down === 2 ? BIAS_BOTH : BIAS_ACROSS
  const rowBytes = table.results * 3
  const result = new Uint8Array(height * rowBytes)
  const stripRows = Math.max(2, Math.floor(STRIP_PIXELS / width))

  for (let top = 0; top < height; top += stripRows) {
    const end = Math.min(height, top + stripRows)
    // Upsampling down looks at one more row of chroma above and below.
    const firstChroma = Math.max(0, Math.floor(top / shared.down) - (shared.down - 1))
    const endChroma = Math.min(chromaHeight, Math.ceil(end / shared.down) + (shared.down - 1))
    const part = ({ offset, stride }: Plane, first: number, last: number) =>
      data.subarray(offset + first * stride, offset + last * stride)
    const ys = part(luma, top, end)
    const cbs = part(blue, firstChroma, endChroma)
    const crs = part(red, firstChroma, endChroma)
    const { at, bytes } = layOut(
      table.values.byteLength,
      ys.length,
      cbs.length,
      crs.length,
      chromaWidth * 2,
      chromaWidth * 2,
      chromaWidth * 2,
      width * 4,
      (end - top) * rowBytes,
    )
    const [weights, y, cb, cr, sums, cbRow, crRow, pixels, out] = at
    putInts(table.values, weights)
    bytes.set(ys, y)
    bytes.set(cbs, cb)
    bytes.set(crs, cr)
    for (let row = top; row < end; row++) {
      // The two rows of chroma nearest to this one; beyond the picture the last one goes on.
      const near = Math.floor(row / shared.down)
      const neighbour = shared.down === 1 ? near : near + (row % 2 === 0 ? -1 : 1)
      const far = Math.min(chromaHeight - 1, Math.max(0, neighbour))
      let [cbAt, crAt] = [cb + (near - firstChroma) * blue.stride, cr + (near - firstChroma) * red.stride]
      if (shared.across === 2) {
        const [cbFar, crFar] = [cb + (far - firstChroma) * blue.stride, cr + (far - firstChroma) * red.stride]
        loops.upsample(cbAt, cbFar, chromaWidth, biasEven, biasOdd, sums, cbRow)
        loops.upsample(crAt, crFar, chromaWidth, biasEven, biasOdd, sums, crRow)
        cbAt = cbRow
        crAt = crRow
      }
      loops.toRgbx(y + (row - top) * luma.stride, cbAt, crAt, width, pixels)
      loops.horizontal(
        pixels,
        0,
        4,
        1,
        weights,
        table.record * 4,
        table.results,
        out + (row - top) * rowBytes,
      )
    }
    result.set(bytes.subarray(out, out + (end - top) * rowBytes), top * rowBytes)
  }
  return result
}
