import { describe, expect, it } from 'vitest'
import { FAMILIES } from '../candidates.ts'
import { deviceTraits } from '../device.ts'
import { relativeError, runConvolution, STEP, testDevice } from '../testing.ts'
import { type ConvolutionFamily, type ConvolutionShape, NO_EPILOGUE } from './convolution.ts'
import { random, reference, shape, tensors } from './convolution-testing.ts'
import { WORKGROUP_FAMILIES } from './convolution-workgroup.ts'

const device = await testDevice()
const traits = deviceTraits(device)

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
  '3x3, stride 2, 256 columns': shape(3, 5, 128, 256, 3, 2),
  '3x3, 128 columns, odd side': shape(2, 5, 128, 128, 3, 1),
  '3x3, odd numbers of quads': shape(2, 6, 20, 12, 3, 1),
}

/**
 * Tilings after the first differ from it in numbers only, and compiling them takes a software adapter seconds: here one
 * that fetches ahead, one that is not square and one of Winograd's products are tried on one shape each
 * (`npm run test:kernels:all` tries all of them on all shapes).
 */
const LEFT_OUT = ['workgroup-32x32', 'workgroup-128x128', 'workgroup-128x128-winograd']
const furtherTiling = (family: ConvolutionFamily): boolean => WORKGROUP_FAMILIES.indexOf(family) > 0
function shapesOf(family: ConvolutionFamily): [string, ConvolutionShape][] {
  const all = Object.entries(SHAPES)
  if (!furtherTiling(family)) return all
  const one = family.id.endsWith('winograd') ? '3x3, 128 columns, odd side' : '3x3, stride 2, 256 columns'
  return all.filter(([name]) => name === one)
}

const references = new Map<string, ReturnType<typeof reference>>()

/** Of a shape with its `tensors`: computed for the first family that asks. */
function referenceOf(name: string): ReturnType<typeof reference> {
  let known = references.get(name)
  if (!known) {
    known = reference(SHAPES[name], tensors(SHAPES[name]))
    references.set(name, known)
  }
  return known
}

/** Half precision has a test of its own. What a family does not take has no test: another family computes it. */
for (const family of FAMILIES.filter(({ id, float16 }) => !float16 && !LEFT_OUT.includes(id)))
  describe(`convolution, ${family.id}`, () => {
    const { forward, inputGradient, filterGradient } = family

    for (const [name, s] of shapesOf(family)) {
      const values = tensors(s)
      const expected = referenceOf(name)

      if (forward?.suits(s, traits))
        it(`agrees with float64: ${name}, forward`, async () => {
          const y = await runConvolution(device, family, s, { forward: NO_EPILOGUE }, values)
          expect(relativeError(y, expected.y)).toBeLessThan(1e-5)
        })

      if (inputGradient?.suits(s, traits) && s.usedChannels === s.inChannels)
        it(`agrees with float64: ${name}, input gradient`, async () => {
          const before = random('dx', values.x.length)
          for (const accumulate of [false, true]) {
            const kind = { inputGradient: { accumulate } }
            const dx = await runConvolution(device, family, s, kind, { ...values, before })
            const sums = accumulate ? expected.dx.map((value, i) => value + before[i]) : expected.dx
            expect(relativeError(dx, sums)).toBeLessThan(1e-5)
          }
        })

      if (filterGradient?.suits(s, traits))
        it(`agrees with float64: ${name}, filter gradient`, async () => {
          const before = new Float32Array(values.w.length).fill(7)
          const dw = await runConvolution(device, family, s, 'filterGradient', { ...values, before })
          expect(relativeError(dw, expected.dw)).toBeLessThan(1e-5)
        })
    }

    const folded = SHAPES['3x3, three photos, 2 x 2 map']
    if (forward?.suits(folded, traits) && !furtherTiling(family))
      it('scales, shifts, adds and clips at zero in the order of a folded batch norm', async () => {
        const s = folded
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

    const batches = [shape(2, 3, 256, 256, 3, 1), shape(3, 9, 16, 16, 3, 1)]
    if (batches.every((s) => filterGradient?.suits(s, traits)) && !furtherTiling(family))
      it('adds the gradients of a later micro-batch to those that are there', async () => {
        for (const s of batches) {
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
