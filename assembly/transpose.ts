/** Four by four floats, from rows `step` apart to rows `toStep` apart, or added to those. */
export function transpose(from: usize, step: usize, to: usize, toStep: usize, adds: bool): void {
  const a = v128.load(from)
  const b = v128.load(from + step)
  const c = v128.load(from + 2 * step)
  const d = v128.load(from + 3 * step)
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  put(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5), adds)
  put(to + toStep, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), adds)
  put(to + 2 * toStep, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5), adds)
  put(to + 3 * toStep, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7), adds)
}

function put(to: usize, value: v128, adds: bool): void {
  v128.store(to, adds ? f32x4.add(v128.load(to), value) : value)
}
