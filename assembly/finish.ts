/** What follows a convolution whose batch norm is folded. */

/** y = y + bias [+ shortcut] [ReLU], rows of `channels` floats (a multiple of four); a shortcut of 0 is none. */
export function finish(y: usize, rows: i32, channels: i32, bias: usize, shortcut: usize, relu: bool): void {
  const row = (channels as usize) << 2
  const zero = f32x4.splat(0)
  for (let i = 0; i < rows; i++) {
    for (let c: usize = 0; c < row; c += 16) {
      let value = f32x4.add(v128.load(y + c), v128.load(bias + c))
      if (shortcut) value = f32x4.add(value, v128.load(shortcut + c))
      v128.store(y + c, relu ? f32x4.max(value, zero) : value)
    }
    y += row
    if (shortcut) shortcut += row
  }
}
