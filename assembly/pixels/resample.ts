/**
 * The two passes of a resize. Weights come as a table of records, one a result: first source pixel or row, number of
 * taps, then the weights with 22 fraction bits; all int32, `record` bytes each.
 */

const PRECISION_BITS = 22
const HALF: i32 = 1 << 21

/** `rows` rows of pixels of `pixelBytes` (3 or 4), `rowBytes` apart, each to `outWidth` pixels of 3 bytes. */
export function horizontal(
  source: usize,
  rowBytes: usize,
  pixelBytes: usize,
  rows: i32,
  table: usize,
  record: usize,
  outWidth: usize,
  out: usize,
): void {
  const half = i32x4.splat(HALF)
  const tableEnd = table + record * outWidth
  for (let row = 0; row < rows; row++) {
    for (let entry = table; entry < tableEnd; entry += record) {
      let pixel = source + (load<i32>(entry) as usize) * pixelBytes
      const end = entry + 8 + ((load<i32>(entry, 4) as usize) << 2)
      let sum = half
      for (let weight = entry + 8; weight < end; weight += 4) {
        const bytes = i16x8.extend_low_i8x16_u(v128.load32_zero(pixel))
        sum = i32x4.add(sum, i32x4.mul(v128.load32_splat(weight), i32x4.extend_low_i16x8_u(bytes)))
        pixel += pixelBytes
      }
      const rounded = i32x4.shr_s(sum, PRECISION_BITS)
      const words = i16x8.narrow_i32x4_s(rounded, rounded)
      // The fourth byte is overwritten by the next pixel.
      v128.store32_lane(out, i8x16.narrow_i16x8_u(words, words), 0)
      out += 3
    }
    source += rowBytes
  }
}

/** Rows of `rowBytes` bytes, one after the other, to `outHeight` rows. */
export function vertical(
  source: usize,
  rowBytes: usize,
  table: usize,
  record: usize,
  outHeight: i32,
  out: usize,
): void {
  const half = i32x4.splat(HALF)
  for (let row = 0; row < outHeight; row++) {
    const first = source + (load<i32>(table) as usize) * rowBytes
    const end = table + 8 + ((load<i32>(table, 4) as usize) << 2)
    for (let column: usize = 0; column < rowBytes; column += 16) {
      let from = first + column
      let sum0 = half
      let sum1 = half
      let sum2 = half
      let sum3 = half
      for (let weight = table + 8; weight < end; weight += 4) {
        const factor = v128.load32_splat(weight)
        const bytes = v128.load(from)
        const low = i16x8.extend_low_i8x16_u(bytes)
        const high = i16x8.extend_high_i8x16_u(bytes)
        sum0 = i32x4.add(sum0, i32x4.mul(factor, i32x4.extend_low_i16x8_u(low)))
        sum1 = i32x4.add(sum1, i32x4.mul(factor, i32x4.extend_high_i16x8_u(low)))
        sum2 = i32x4.add(sum2, i32x4.mul(factor, i32x4.extend_low_i16x8_u(high)))
        sum3 = i32x4.add(sum3, i32x4.mul(factor, i32x4.extend_high_i16x8_u(high)))
        from += rowBytes
      }
      const low = i16x8.narrow_i32x4_s(i32x4.shr_s(sum0, PRECISION_BITS), i32x4.shr_s(sum1, PRECISION_BITS))
      const high = i16x8.narrow_i32x4_s(i32x4.shr_s(sum2, PRECISION_BITS), i32x4.shr_s(sum3, PRECISION_BITS))
      v128.store(out + column, i8x16.narrow_i16x8_u(low, high))
    }
    out += rowBytes
    table += record
  }
}
