/** The two passes of a resize. */
import { layOut, loops, putInts } from './loops.ts'

/** How each result of a resize is summed: records of [first source, taps, ...weights], one after the other. */
export interface WeightTable {
  results: number
  /** int32s a record. */
  record: number
  values: Int32Array
}

/** Rows of pixels within `data`. */
export interface PixelRows {
  data: Uint8Array | Uint8ClampedArray
  /** Bytes of a pixel: RGB, or RGBX whose fourth is never read. */
  pixelBytes: 3 | 4
  /** Of the first pixel, in bytes. */
  offset: number
  /** From one row to the next, in bytes. */
  rowBytes: number
  rows: number
}

/** Each row as `table.results` RGB pixels, written to `into` from byte `at` on. */
export function resizeRows(source: PixelRows, table: WeightTable, into: Uint8Array, at: number): void {
  const { data, pixelBytes, offset, rowBytes, rows } = source
  const used = data.subarray(offset, offset + rows * rowBytes)
  const size = table.results * rows * 3
  const { at: address, bytes } = layOut(table.values.byteLength, used.length, size)
  const [weights, from, out] = address
  putInts(table.values, weights)
  bytes.set(used, from)
  loops.horizontal(from, rowBytes, pixelBytes, rows, weights, table.record * 4, table.results, out)
  into.set(bytes.subarray(out, out + size), at)
}

/** Rows of `rowBytes` bytes as `table.results` rows. */
export function resizeColumns(rows: Uint8Array, rowBytes: number, table: WeightTable): Uint8Array {
  const size = table.results * rowBytes
  const { at, bytes } = layOut(table.values.byteLength, rows.length, size)
  const [weights, from, out] = at
  putInts(table.values, weights)
  bytes.set(rows, from)
  loops.vertical(from, rowBytes, weights, table.record * 4, table.results, out)
  return bytes.slice(out, out + size)
}
