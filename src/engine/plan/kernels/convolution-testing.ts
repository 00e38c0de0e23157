/** For tests of convolutions: shapes, operands, and results in float64 by the definition. */
import { stream } from '../../../random/index.ts'
import type { ConvolutionShape } from './convolution.ts'

/** With the padding that keeps the side at stride 1. `usedChannels`: those of x that are not padding. */
export const shape = (
  count: number,
  side: number,
  inChannels: number,
  outChannels: number,
  kernel: number,
  stride: number,
  usedChannels = inChannels,
): ConvolutionShape => {
  const padding = (kernel - 1) / 2
  const outSide = Math.floor((side + 2 * padding - kernel) / stride) + 1
  return { count, side, inChannels, outSide, outChannels, kernel, stride, padding, usedChannels }
}

/** Between -1 and 1. */
export const random = (name: string, count: number) => {
  const draw = stream(name)
  return Float32Array.from({ length: count }, () => draw() * 2 - 1)
}

/** x, w and dy; channels beyond the used ones are zero. */
export function tensors(s: ConvolutionShape) {
  const x = random('x', s.count * s.side ** 2 * s.inChannels)
  const w = random('w', s.kernel ** 2 * s.inChannels * s.outChannels)
  const dy = random('dy', s.count * s.outSide ** 2 * s.outChannels)
  for (let i = 0; i < x.length; i++) if (i % s.inChannels >= s.usedChannels) x[i] = 0
  for (let i = 0; i < w.length; i++)
    if (Math.floor(i / s.outChannels) % s.inChannels >= s.usedChannels) w[i] = 0
  return { x, w, dy }
}

/** Calls `visit` for every (pixel of y, tap) that lies inside the image, with the indices of x, w and y. */
function eachTap(s: ConvolutionShape, visit: (x: number, w: number, y: number) => void): void {
  for (let image = 0; image < s.count; image++)
    for (let oy = 0; oy < s.outSide; oy++)
      for (let ox = 0; ox < s.outSide; ox++)
        for (let ky = 0; ky < s.kernel; ky++)
          for (let kx = 0; kx < s.kernel; kx++) {
            const iy = oy * s.stride - s.padding + ky
            const ix = ox * s.stride - s.padding + kx
            if (iy < 0 || ix < 0 || iy >= s.side || ix >= s.side) continue
            visit(
              ((image * s.side + iy) * s.side + ix) * s.inChannels,
              (ky * s.kernel + kx) * s.inChannels * s.outChannels,
              ((image * s.outSide + oy) * s.outSide + ox) * s.outChannels,
            )
          }
}

/** y, dx and dw, in float64. */
export function reference(s: ConvolutionShape, { x, w, dy }: ReturnType<typeof tensors>) {
  const y = new Float64Array(dy.length)
  const dx = new Float64Array(x.length)
  const dw = new Float64Array(w.length)
  eachTap(s, (xi, wi, yi) => {
    for (let i = 0; i < s.usedChannels; i++)
      for (let o = 0; o < s.outChannels; o++) {
        const at = wi + i * s.outChannels + o
        y[yi + o] += x[xi + i] * w[at]
        dx[xi + i] += dy[yi + o] * w[at]
        dw[at] += dy[yi + o] * x[xi + i]
      }
  })
  return { y, dx, dw }
}
