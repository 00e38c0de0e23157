/** Gradients of the two pools, NHWC. */

export interface PoolShape {
  count: number
  height: number
  width: number
  channels: number
}

/**
 * Adds each output's gradient to the first of the largest inputs of its window (3 x 3, stride 2, padding 1), in reading
 * order as in PyTorch. `dx` starts at zero.
 */
export function maxPoolGradient(
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  { count, height, width, channels }: PoolShape,
): void {
  const rows = Math.floor((height - 1) / 2) + 1
  const columns = Math.floor((width - 1) / 2) + 1
  let output = 0
  for (let photo = 0; photo < count; photo++) {
    const base = photo * height * width * channels
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const top = Math.max(0, 2 * row - 1)
        const bottom = Math.min(height, 2 * row + 2)
        const left = Math.max(0, 2 * column - 1)
        const right = Math.min(width, 2 * column + 2)
        for (let c = 0; c < channels; c++) {
          let at = base + (top * width + left) * channels + c
          let largest = x[at]
          for (let y = top; y < bottom; y++)
            for (let i = left; i < right; i++) {
              const place = base + (y * width + i) * channels + c
              if (x[place] > largest) {
                largest = x[place]
                at = place
              }
            }
          dx[at] += dy[output++]
        }
      }
  }
}

/** dx [count, height, width, channels] from dy [count, channels] of the mean over height and width. */
export function averagePoolGradient(
  dy: Float32Array,
  dx: Float32Array,
  { count, height, width, channels }: PoolShape,
): void {
  const area = height * width
  let target = 0
  for (let photo = 0; photo < count; photo++)
    for (let place = 0; place < area; place++)
      for (let c = 0; c < channels; c++) dx[target++] = dy[photo * channels + c] / area
}
