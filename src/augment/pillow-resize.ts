/**
 * Pillow's antialiased bilinear resize for 8 bit pictures, bit for bit (`Resample.c`: a triangle filter as wide
 * as the reduction, coefficients in fixed point, the horizontal pass rounded to bytes before the vertical one).
 * Pillow 13 takes the vertical pass first for some tall pictures and so differs by 1 of 255 there.
 */
import type { Region, Size } from './pixels.ts'
import { type Planes, resizeColumns, resizePlaneRows, resizeRows, type WeightTable } from './simd/index.ts'
import type { Pixels } from './types.ts'

/** Fraction bits of a coefficient: 32 less 8 for the byte less 2 to spare. */
const PRECISION_BITS = 32 - 8 - 2

const cache = new Map<number, WeightTable>()
const CACHE_ENTRIES = 512

function weightTable(inSize: number, outSize: number): WeightTable {
  const key = inSize * 2 ** 26 + outSize
  const found = cache.get(key)
  if (found) return found
  const made = computeWeights(inSize, outSize)
  if (cache.size >= CACHE_ENTRIES) cache.clear()
  cache.set(key, made)
  return made
}

/** `precompute_coeffs` and `normalize_coeffs_8bpc`: the weights of one result add up to 2 ** PRECISION_BITS. */
function computeWeights(inSize: number, outSize: number): WeightTable {
  const scale = inSize / outSize
  const support = Math.max(scale, 1)
  const taps = Math.ceil(support) * 2 + 1
  const record = 2 + taps
  const values = new Int32Array(outSize * record)
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
    const at = out * record
    values[at] = from
    values[at + 1] = to - from
    for (let i = 0; i < to - from; i++)
      values[at + 2 + i] = Math.trunc(0.5 + (exact[i] / sum) * (1 << PRECISION_BITS))
  }
  return { results: outSize, record, values }
}

/**
 * RGB pixels resized to `width` x `height` px; of a region, which must lie inside the picture, as torchvision's
 * `resized_crop`: cropped first, so that what lies outside has no weight.
 */
export function resize(pixels: Pixels, width: number, height: number, region?: Region): Pixels {
  const part = region ?? { left: 0, top: 0, width: pixels.width, height: pixels.height }
  const rows = new Uint8Array(width * part.height * 3)
  const rowBytes = pixels.width * 3
  const offset = part.top * rowBytes + part.left * 3
  const source = { data: pixels.data, pixelBytes: 3, offset, rowBytes, rows: part.height } as const
  resizeRows(source, weightTable(part.width, width), rows, 0)
  return { width, height, data: toHeight(rows, width * 3, part.height, height) }
}

function toHeight(rows: Uint8Array, rowBytes: number, inHeight: number, outHeight: number): Uint8Array {
  return inHeight === outHeight ? rows : resizeColumns(rows, rowBytes, weightTable(inHeight, outHeight))
}

/** The same of a JPEG's planes: the pixels are made of them row by row. */
export function resizeFromPlanes(planes: Planes, { width, height }: Size): Pixels {
  const rows = resizePlaneRows(planes, weightTable(planes.width, width))
  return { width, height, data: toHeight(rows, width * 3, planes.height, height) }
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
  push(data: Uint8Array | Uint8ClampedArray, count: number): void {
    const { width } = this.from
    const source = { data, pixelBytes: 4, offset: 0, rowBytes: width * 4, rows: count } as const
    resizeRows(source, weightTable(width, this.to.width), this.rows, this.filled)
    this.filled += count * this.to.width * 3
  }

  /** Once all rows were given. */
  finish(): Pixels {
    const { width, height } = this.to
    return { width, height, data: toHeight(this.rows, width * 3, this.from.height, height) }
  }
}

/** torchvision's size where the short side becomes `side`: the long one in proportion, its fraction cut off. */
export function shortSideSize(width: number, height: number, side: number): Size {
  if (width <= height) return { width: side, height: Math.trunc((side * height) / width) }
  return { width: Math.trunc((side * width) / height), height: side }
}
