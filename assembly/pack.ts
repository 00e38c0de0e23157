/** Matrices as panels of eight columns, [columns / 8][rows][8], as `gemm` reads its second factor. */

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
      transposeFour(source, to)
      transposeFour(source + 16, to + 128)
      transposeFour(source + 128, to + 16)
      transposeFour(source + 144, to + 144)
      source += panel
      to += 256
    }
  }
}

/** A 4 x 4 corner of an 8 x 8 block. */
function transposeFour(from: usize, to: usize): void {
  const a = v128.load(from)
  const b = v128.load(from, 32)
  const c = v128.load(from, 64)
  const d = v128.load(from, 96)
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5))
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 32)
  v128.store(to, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5), 64)
  v128.store(to, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7), 96)
}
