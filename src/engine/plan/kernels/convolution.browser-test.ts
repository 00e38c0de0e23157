import { beforeAll, describe, expect, it } from 'vitest'
import { stream } from '../../../random/index.ts'
import { FAMILIES } from '../candidates.ts'
import { deviceTraits } from '../device.ts'
import { relativeError, runConvolution, STEP, testDevice } from '../testing.ts'
import { type ConvolutionShape, NO_EPILOGUE } from './convolution.ts'

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

const shape = (
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

const SHAPES: Record<string, ConvolutionShape> = {
  '3x3, one photo, odd side': shape(1, 9, 64, 64, 3, 1),
  '3x3, three photos, 2 x 2 map': shape(3, 2, 32, 64, 3, 1),
  '3x3, 1 x 1 map': shape(3, 1, 8, 16, 3, 1),
  '3x3, stride 2, odd side': shape(3, 13, 16, 32, 3, 2),
  '3x3, stride 2, even side': shape(2, 8, 16, 32, 3, 2),
  '3x3, stride 2, 1 x 1 map': shape(3, 1, 16, 32, 3, 2),
  '1x1, stride 2, odd side': shape(3, 7, 16, 32, 1, 2),
  '1x1, stride 2, even side': shape(1, 6, 64, 128, 1, 2),
  'stem of a 33 px photo': shape(3, 33, 4, 64, 7, 2, 3),
  'head of 12 columns': shape(5, 1, 512, 12, 1, 1),
}

const random = (name: string, count: number) => {
  const draw = stream(name)
  return Float32Array.from({ length: count }, () => draw() * 2 - 1)
}

/** x, w and dy; channels beyond the used ones are zero. */
function tensors(s: ConvolutionShape) {
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

/** The convolution and both gradients, in float64. */
function reference(s: ConvolutionShape, { x, w, dy }: ReturnType<typeof tensors>) {
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

for (const family of FAMILIES)
  describe(`convolution, ${family.id}`, () => {
    const { forward, inputGradient, filterGradient } = family

    for (const [name, s] of Object.entries(SHAPES)) {
      const values = tensors(s)
      const expected = reference(s, values)

      if (forward)
        it(`agrees with float64: ${name}, forward`, async ({ skip }) => {
          if (!forward.suits(s, deviceTraits(device))) return skip()
          const y = await runConvolution(device, family, s, { forward: NO_EPILOGUE }, values)
          expect(relativeError(y, expected.y)).toBeLessThan(1e-5)
        })

      if (inputGradient && s.usedChannels === s.inChannels)
        it(`agrees with float64: ${name}, input gradient`, async ({ skip }) => {
          if (!inputGradient.suits(s, deviceTraits(device))) return skip()
          const before = random('dx', values.x.length)
          for (const accumulate of [false, true]) {
            const kind = { inputGradient: { accumulate } }
            const dx = await runConvolution(device, family, s, kind, { ...values, before })
            const sums = accumulate ? expected.dx.map((value, i) => value + before[i]) : expected.dx
            expect(relativeError(dx, sums)).toBeLessThan(1e-5)
          }
        })

      if (filterGradient)
        it(`agrees with float64: ${name}, filter gradient`, async ({ skip }) => {
          if (!filterGradient.suits(s, deviceTraits(device))) return skip()
          const before = new Float32Array(values.w.length).fill(7)
          const dw = await runConvolution(device, family, s, 'filterGradient', { ...values, before })
          expect(relativeError(dw, expected.dw)).toBeLessThan(1e-5)
        })
    }

    if (forward)
      it('scales, shifts, adds and clips at zero in the order of a folded batch norm', async ({ skip }) => {
        const s = SHAPES['3x3, three photos, 2 x 2 map']
        if (!forward.suits(s, deviceTraits(device))) return skip()
        const values = tensors(s)
        const [scale, shift] = [random('scale', s.outChannels), random('shift', s.outChannels)]
        const added = random('added', values.dy.length)
        const all = { scale: true, shift: true, add: true, relu: true }
        const y = await runConvolution(
          device,
          family,
          s,
          { forward: all },
          { ...values, scale, shift, added },
        )
        const expected = reference(s, values).y.map((value, i) =>
          Math.max(0, value * scale[i % s.outChannels] + shift[i % s.outChannels] + added[i]),
        )
        expect(relativeError(y, expected)).toBeLessThan(1e-5)
      })

    if (filterGradient)
      it('adds the gradients of a later micro-batch to those that are there', async ({ skip }) => {
        for (const s of [shape(2, 3, 256, 256, 3, 1), shape(3, 9, 16, 16, 3, 1)]) {
          if (!filterGradient.suits(s, deviceTraits(device))) return skip()
          const values = tensors(s)
          const before = random('dw', values.w.length)
          const step = { ...STEP, accumulate: true }
          const arrays = { ...values, before }
          const dw = await runConvolution(device, family, s, 'filterGradient', arrays, step)
          const expected = reference(s, values).dw.map((value, i) => value + before[i])
          expect(relativeError(dw, expected)).toBeLessThan(1e-5)
        }
      })
  })
