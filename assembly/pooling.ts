/** Gradients of the two pools, NHWC; channels are a multiple of four. */

const VECTOR = 16

/**
 * Adds each output's gradient to the first of the largest inputs of its window (3 x 3, stride 2, padding 1), in reading
 * order as in PyTorch. `y` is the pool's output, `dx` starts at zero.
 */
export function maxPoolGradient(
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
): void {
  const pixel = (channels as usize) << 2
  const rows = (height - 1) / 2 + 1
  const columns = (width - 1) / 2 + 1
  for (let photo = 0; photo < count; photo++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const top = max(0, 2 * row - 1)
        const bottom = min(height, 2 * row + 2)
        const left = max(0, 2 * column - 1)
        const right = min(width, 2 * column + 2)
        for (let c: usize = 0; c < pixel; c += VECTOR) {
          const largest = v128.load(y + c)
          let slope = v128.load(dy + c)
          for (let i = top; i < bottom; i++)
            for (let j = left; j < right; j++) {
              const at = (((photo * height + i) * width + j) as usize) * pixel + c
              const isHere = f32x4.eq(v128.load(x + at), largest)
              v128.store(dx + at, f32x4.add(v128.load(dx + at), v128.and(slope, isHere)))
              slope = v128.andnot(slope, isHere)
            }
        }
        y += pixel
        dy += pixel
      }
}

/** dx from dy [count, channels] of the mean over `area` pixels. */
export function averagePoolGradient(dy: usize, dx: usize, count: i32, area: i32, channels: i32): void {
  const pixel = (channels as usize) << 2
  const share = f32x4.splat(1 / (area as f32))
  for (let photo = 0; photo < count; photo++) {
    for (let place = 0; place < area; place++) {
      for (let c: usize = 0; c < pixel; c += VECTOR) v128.store(dx + c, f32x4.mul(v128.load(dy + c), share))
      dx += pixel
    }
    dy += pixel
  }
}
