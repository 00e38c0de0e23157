/** Rows of a few photos as columns of a matrix, and back: what `convolution-pairs.ts` multiplies a filter's tap by. */

import { transpose } from './transpose'

const VECTOR = 16

/**
 * Rows of `k` floats, `stride` bytes apart, as the columns from `first` on of panels of eight columns, [columns / 8][k][8],
 * as `gemm` reads its second factor. `k` is a multiple of four.
 */
export function packRows(rows: i32, k: i32, from: usize, stride: usize, first: i32, to: usize): void {
  const bytes = (k as usize) << 2
  let row = 0
  while (row < rows) {
    const column = first + row
    let at = to + ((((column >> 3) as usize) * bytes) << 3) + (((column & 7) as usize) << 2)
    const source = from + (row as usize) * stride
    if ((column & 3) === 0 && row + 4 <= rows) {
      for (let i: usize = 0; i < bytes; i += VECTOR) {
        transpose(source + i, stride, at, 32, false)
        at += 128
      }
      row += 4
    } else {
      for (let i: usize = 0; i < bytes; i += 4) {
        store<f32>(at, load<f32>(source + i))
        at += 32
      }
      row++
    }
  }
}

/** Adds columns of [channels, columns], whose rows are `row` bytes apart, to rows `stride` bytes apart. */
export function addColumns(
  rows: i32,
  channels: i32,
  from: usize,
  row: usize,
  to: usize,
  stride: usize,
): void {
  const bytes = (channels as usize) << 2
  let at = 0
  for (; at + 4 <= rows; at += 4) {
    let source = from + ((at as usize) << 2)
    const target = to + (at as usize) * stride
    for (let i: usize = 0; i < bytes; i += VECTOR) {
      transpose(source, row, target + i, stride, true)
      source += row << 2
    }
  }
  for (; at < rows; at++) {
    let source = from + ((at as usize) << 2)
    const target = to + (at as usize) * stride
    for (let i: usize = 0; i < bytes; i += 4) {
      store<f32>(target + i, load<f32>(target + i) + load<f32>(source))
      source += row
    }
  }
}
