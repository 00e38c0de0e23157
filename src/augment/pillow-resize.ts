/**
 * Pillow's antialiased bilinear resize for 8 bit pictures, bit for bit (`Resample.c`: a triangle filter as wide
 * as the reduction, coefficients in fixed point, the horizontal pass rounded to bytes before the vertical one).
 * Pillow 13 takes the vertical pass first for some tall pictures and so differs by 1 of 255 there.
 */
import type { Region, Size } from './pixels.ts'
import type { Pixels } from './types.ts'

/** Fraction bits of a coefficient: 32 less 8 for the byte less 2 to spare. */
const PRECISION_BITS = 32 - 8 - 2
const HALF = 1 << (PRECISION_BITS - 1)

/** For each of `outSize` results: its first source pixel, its number of source pixels, and their weights. */
interface Coefficients {
  first: Int32Array
  count: Int32Array
  /** [outSize, taps]; the weights of one result add up to 2 ** PRECISION_BITS. */
  weights: Int32Array
  taps: number
}

const cache = new Map<number, Coefficients>()
const CACHE_ENTRIES = 512

function coefficients(inSize: number, outSize: number): Coefficients {
  const key = inSize * 2 ** 26 + outSize
  const found = cache.get(key)
  if (found) return found
  const made = computeCoefficients(inSize, outSize)
  if (cache.size >= CACHE_ENTRIES) cache.clear()
  cache.set(key, made)
  return made
}

/** `precompute_coeffs` and `normalize_coeffs_8bpc`. */
function computeCoefficients(inSize: number, outSize: number): Coefficients {
  const scale = inSize / outSize
  const support = Math.max(scale, 1)
  const taps = Math.ceil(support) * 2 + 1
  const first = new Int32Array(outSize)
  const count = new Int32Array(outSize)
  const weights = new Int32Array(outSize * taps)
  const exact = new Float64Array(taps)
  for (let out = 0; out < outSize; out++) {
    const center = (out + 0.5) * scale
    const from = Math.max(0, Math.trunc(center - support + 0.5))
    const to = Math.min(inSize, Math.trunc(center + support + 0.5))
    const inverse = 1 / support
    let sum = 0
    for (let i = from; i < to; i++) {
      const weight = Math.max(0, 1 - Math.abs((i - center + 0.5) * inverse))
      exact[i - from] = weight
      sum += weight
    }
    first[out] = from
    count[out] = to - from
    for (let i = 0; i < to - from; i++)
      weights[out * taps + i] = Math.trunc(0.5 + (exact[i] / sum) * (1 << PRECISION_BITS))
  }
  return { first, count, weights, taps }
}

/** Bytes of a picture, row-major, 3 (RGB) or 4 (RGBX; the fourth is never read) a pixel. */
interface Rows {
  data: Uint8Array | Uint8ClampedArray
  channels: 3 | 4
  /** Pixels a row. */
  width: number
}

/** The rows of `region`, each resized to `outWidth` RGB pixels, written to `into` from byte `at` on. */
function horizontalPass(source: Rows, region: Region, outWidth: number, into: Uint8Array, at: number): void {
  const { data, channels, width } = source
  const { first, count, weights, taps } = coefficients(region.width, outWidth)
  let out = at
  for (let y = 0; y < region.height; y++) {
    const row = ((region.top + y) * width + region.left) * channels
    for (let x = 0; x < outWidth; x++) {
      let from = row + first[x] * channels
      let tap = x * taps
      const end = tap + count[x]
      let red = HALF
      let green = HALF
      let blue = HALF
      for (; tap < end; tap++) {
        const weight = weights[tap]
        red += Math.imul(data[from], weight)
        green += Math.imul(data[from + 1], weight)
        blue += Math.imul(data[from + 2], weight)
        from += channels
      }
      // No clipping: the weights are never negative and their sum rounds to one.
      into[out] = red >> PRECISION_BITS
      into[out + 1] = green >> PRECISION_BITS
      into[out + 2] = blue >> PRECISION_BITS
      out += 3
    }
  }
}

/** Columns of RGB rows, resized from `inHeight` to `outHeight`. */
function verticalPass(rows: Uint8Array, rowBytes: number, inHeight: number, outHeight: number): Uint8Array {
  if (inHeight === outHeight) return rows
  const { first, count, weights, taps } = coefficients(inHeight, outHeight)
  const result = new Uint8Array(rowBytes * outHeight)
  const sums = new Int32Array(rowBytes)
  for (let y = 0; y < outHeight; y++) {
    sums.fill(HALF)
    for (let tap = 0; tap < count[y]; tap++) {
      const weight = weights[y * taps + tap]
      const row = (first[y] + tap) * rowBytes
      for (let i = 0; i < rowBytes; i++) sums[i] += Math.imul(rows[row + i], weight)
    }
    const out = y * rowBytes
    for (let i = 0; i < rowBytes; i++) result[out + i] = sums[i] >> PRECISION_BITS
  }
  return result
}

/**
 * RGB pixels resized to `width` x `height` px; of a region, which must lie inside the picture, as torchvision's
 * `resized_crop`: cropped first, so that what lies outside has no weight.
 */
export function resize(pixels: Pixels, width: number, height: number, region?: Region): Pixels {
  const part = region ?? { left: 0, top: 0, width: pixels.width, height: pixels.height }
  const rows = new Uint8Array(width * part.height * 3)
  horizontalPass({ ...pixels, channels: 3 }, part, width, rows, 0)
  return { width, height, data: verticalPass(rows, width * 3, part.height, height) }
}

/** A resize that is given its picture a few rows at a time, so that the whole need never be in memory as bytes. */
export class RowsResize {
  private readonly rows: Uint8Array
  private filled = 0

  constructor(
    private readonly from: Size,
    private readonly to: Size,
  ) {
    this.rows = new Uint8Array(to.width * from.height * 3)
  }

  /** The next `count` rows, RGBX [count, from.width, 4]. */
  push(data: Uint8ClampedArray, count: number): void {
    const { width } = this.from
    const region = { left: 0, top: 0, width, height: count }
    horizontalPass({ data, channels: 4, width }, region, this.to.width, this.rows, this.filled)
    this.filled += count * this.to.width * 3
  }

  /** Once all rows were given. */
  finish(): Pixels {
    const { width, height } = this.to
    return { width, height, data: verticalPass(this.rows, width * 3, this.from.height, height) }
  }
}

/** torchvision's size where the short side becomes `side`: the long one in proportion, its fraction cut off. */
export function shortSideSize(width: number, height: number, side: number): Size {
  if (width <= height) return { width: side, height: Math.trunc((side * height) / width) }
  return { width: Math.trunc((side * width) / height), height: side }
}
