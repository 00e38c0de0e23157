/**
 * Pillow's antialiased bilinear resize for 8 bit pictures, bit for bit (`Resample.c`: a triangle filter as wide
 * as the reduction, coefficients in fixed point, the horizontal pass rounded to bytes before the vertical one).
 * Pillow 13 takes the vertical pass first for some tall pictures and so differs by 1 of 255 there.
 */
import type { Region, Source } from './pixels.ts'
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

const cache = new Map<string, Coefficients>()
const CACHE_ENTRIES = 512

/** For `inSize` pixels, of which `extent` (at most as many) are picture. */
function coefficients(inSize: number, extent: number, outSize: number): Coefficients {
  const key = `${inSize} ${extent} ${outSize}`
  const found = cache.get(key)
  if (found) return found
  const made = computeCoefficients(inSize, extent, outSize)
  if (cache.size >= CACHE_ENTRIES) cache.clear()
  cache.set(key, made)
  return made
}

/** `precompute_coeffs` and `normalize_coeffs_8bpc`. */
function computeCoefficients(inSize: number, extent: number, outSize: number): Coefficients {
  const scale = extent / outSize
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

/** Rows of `region`, each reduced to `outWidth` RGB pixels. */
function horizontalPass(source: Source, region: Region, extent: number, outWidth: number): Uint8Array {
  const { data, channels, width } = source
  const { first, count, weights, taps } = coefficients(region.width, extent, outWidth)
  const result = new Uint8Array(outWidth * region.height * 3)
  let at = 0
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
      result[at] = red >> PRECISION_BITS
      result[at + 1] = green >> PRECISION_BITS
      result[at + 2] = blue >> PRECISION_BITS
      at += 3
    }
  }
  return result
}

/** Columns of RGB rows, reduced from `inHeight` to `outHeight`. */
function verticalPass(
  rows: Uint8Array,
  rowBytes: number,
  inHeight: number,
  extent: number,
  outHeight: number,
): Uint8Array {
  const { first, count, weights, taps } = coefficients(inHeight, extent, outHeight)
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

/** A whole picture resized to `width` x `height` px. */
export function resizeSource(source: Source, width: number, height: number): Pixels {
  const whole = { left: 0, top: 0, width: source.width, height: source.height }
  return resample(source, whole, source.extent ?? whole, width, height)
}

/**
 * RGB pixels resized to `width` x `height` px; of a region, which must lie inside the picture, as torchvision's
 * `resized_crop`: cropped first, so that what lies outside has no weight.
 */
export function resize(pixels: Pixels, width: number, height: number, region?: Region): Pixels {
  const part = region ?? { left: 0, top: 0, width: pixels.width, height: pixels.height }
  return resample({ ...pixels, channels: 3 }, part, part, width, height)
}

function resample(
  source: Source,
  region: Region,
  extent: { width: number; height: number },
  width: number,
  height: number,
): Pixels {
  const rows = horizontalPass(source, region, extent.width, width)
  if (extent.height === height) return { width, height, data: rows }
  return { width, height, data: verticalPass(rows, width * 3, region.height, extent.height, height) }
}

/** torchvision's size where the short side becomes `side`: the long one in proportion, its fraction cut off. */
export function shortSideSize(
  width: number,
  height: number,
  side: number,
): { width: number; height: number } {
  if (width <= height) return { width: side, height: Math.trunc((side * height) / width) }
  return { width: Math.trunc((side * width) / height), height: side }
}
