/** Matrices as panels of eight columns, [columns / 8][rows][8], as `gemm` reads its second factor. */

import { transpose } from './transpose'

/** Packs [rows, columns]; a row begins `stride` bytes after the one before. The last panel is filled with zeros. */
export function pack(rows: i32, columns: i32, from: usize, stride: usize, to: usize): void {
  for (let column = 0; column < columns; column += 8) {
    if (column + 8 > columns) {
      for (let row = 0; row < rows; row++)
        for (let i = 0; i < 8; i++) {
          const source = from + (row as usize) * stride + (((column + i) as usize) << 2)
          store<f32>(to, column + i < columns ? load<f32>(source) : 0)
          to += 4
        }
      return
    }
    let source = from + ((column as usize) << 2)
    for (let row = 0; row < rows; row++) {
      v128.store(to, v128.load(source))
      v128.store(to, v128.load(source, 16), 16)
      source += stride
      to += 32
    }
  }
}

/** Packs the transposed of [columns, rows]: for numbers that are no multiples of eight. */
export function packColumns(rows: i32, columns: i32, from: usize, to: usize): void {
  for (let column = 0; column < columns; column += 8)
    for (let row = 0; row < rows; row++)
      for (let i = column; i < column + 8; i++) {
        store<f32>(to, i < columns ? load<f32>(from + ((i * rows + row) << 2)) : 0)
        to += 4
      }
}

/** Panels of the transposed matrix from panels of [rows, columns]; both are multiples of eight. */
export function packTransposed(rows: i32, columns: i32, from: usize, to: usize): void {
  const panel = (rows as usize) << 5
  for (let row = 0; row < rows; row += 8) {
    let source = from + ((row as usize) << 5)
    for (let column = 0; column < columns; column += 8) {
      transpose(source, 32, to, 32, false)
      transpose(source + 16, 32, to + 128, 32, false)
      transpose(source + 128, 32, to + 16, 32, false)
      transpose(source + 144, 32, to + 144, 32, false)
      source += panel
      to += 256
    }
  }
}
