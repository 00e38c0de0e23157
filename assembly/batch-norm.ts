/**
 * Batch norm in train mode over [rows, channels], with the addition and the ReLU after it. Channels are a multiple of
 * four. Sums are taken in float32 over 64 rows, which stay in the cache, and in float64 over these.
 */

const TILE = 64
const VECTOR = 16

/** Adds four floats to four doubles. */
function addToDoubles(sums: usize, values: v128): void {
  const low = f64x2.promote_low_f32x4(values)
  const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(values, values, 2, 3, 2, 3))
  v128.store(sums, f64x2.add(v128.load(sums), low))
  v128.store(sums, f64x2.add(v128.load(sums, 16), high), 16)
}

/** Adds each channel's sum to `sums` (float64). */
export function channelSums(z: usize, rows: i32, channels: i32, sums: usize): void {
  const row = (channels as usize) << 2
  for (let first = 0; first < rows; first += TILE) {
    const count = min(TILE, rows - first)
    const from = z + (first as usize) * row
    for (let c: usize = 0; c < row; c += VECTOR) {
      let sum = f32x4.splat(0)
      let at = from + c
      for (let i = 0; i < count; i++) {
        sum = f32x4.add(sum, v128.load(at))
        at += row
      }
      addToDoubles(sums + 2 * c, sum)
    }
  }
}

/** Adds each channel's sum of (z - mean)^2 to `sums` (float64). */
export function channelSquares(z: usize, rows: i32, channels: i32, mean: usize, sums: usize): void {
  const row = (channels as usize) << 2
  for (let first = 0; first < rows; first += TILE) {
    const count = min(TILE, rows - first)
    const from = z + (first as usize) * row
    for (let c: usize = 0; c < row; c += VECTOR) {
      const middle = v128.load(mean + c)
      let sum = f32x4.splat(0)
      let at = from + c
      for (let i = 0; i < count; i++) {
        const distance = f32x4.sub(v128.load(at), middle)
        sum = f32x4.add(sum, f32x4.mul(distance, distance))
        at += row
      }
      addToDoubles(sums + 2 * c, sum)
    }
  }
}

/** y = scale (z - mean) + shift [+ shortcut] [ReLU]. A shortcut of 0 is none; `y` may be `z`. NaN stays NaN. */
export function normalize(
  z: usize,
  y: usize,
  rows: i32,
  channels: i32,
  mean: usize,
  scale: usize,
  shift: usize,
  shortcut: usize,
  relu: bool,
): void {
  const row = (channels as usize) << 2
  const zero = f32x4.splat(0)
  for (let i = 0; i < rows; i++) {
    for (let c: usize = 0; c < row; c += VECTOR) {
      const distance = f32x4.sub(v128.load(z + c), v128.load(mean + c))
      let value = f32x4.add(f32x4.mul(distance, v128.load(scale + c)), v128.load(shift + c))
      if (shortcut) value = f32x4.add(value, v128.load(shortcut + c))
      v128.store(y + c, relu ? f32x4.max(value, zero) : value)
    }
    z += row
    y += row
    if (shortcut) shortcut += row
  }
}

/** Sets dy to 0 where the ReLU's output y is 0. `count` is a multiple of four. */
export function maskRelu(dy: usize, y: usize, count: i32): void {
  const end = dy + ((count as usize) << 2)
  const zero = f32x4.splat(0)
  for (; dy < end; dy += VECTOR, y += VECTOR)
    v128.store(dy, v128.and(v128.load(dy), f32x4.ne(v128.load(y), zero)))
}

/** Adds each channel's sums of dy and of dy (z - mean) to `sums` and `products` (float64). */
export function gradientSums(
  z: usize,
  dy: usize,
  rows: i32,
  channels: i32,
  mean: usize,
  sums: usize,
  products: usize,
): void {
  const row = (channels as usize) << 2
  for (let first = 0; first < rows; first += TILE) {
    const count = min(TILE, rows - first)
    const offset = (first as usize) * row
    for (let c: usize = 0; c < row; c += VECTOR) {
      const middle = v128.load(mean + c)
      let sum = f32x4.splat(0)
      let product = f32x4.splat(0)
      let at = offset + c
      for (let i = 0; i < count; i++) {
        const slope = v128.load(dy + at)
        sum = f32x4.add(sum, slope)
        product = f32x4.add(product, f32x4.mul(slope, f32x4.sub(v128.load(z + at), middle)))
        at += row
      }
      addToDoubles(sums + 2 * c, sum)
      addToDoubles(products + 2 * c, product)
    }
  }
}

/** z = a dy + b (z - mean) + d. */
export function gradient(
  z: usize,
  dy: usize,
  rows: i32,
  channels: i32,
  mean: usize,
  a: usize,
  b: usize,
  d: usize,
): void {
  const row = (channels as usize) << 2
  for (let i = 0; i < rows; i++) {
    for (let c: usize = 0; c < row; c += VECTOR) {
      const distance = f32x4.sub(v128.load(z + c), v128.load(mean + c))
      const slope = f32x4.add(f32x4.mul(v128.load(a + c), v128.load(dy + c)), v128.load(d + c))
      v128.store(z + c, f32x4.add(slope, f32x4.mul(v128.load(b + c), distance)))
    }
    z += row
    dy += row
  }
}
