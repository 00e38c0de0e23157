import { beforeAll, describe, expect, it } from 'vitest'
import { deviceTraits } from '../device.ts'
import { relativeError, runConvolution, testDevice } from '../testing.ts'
import { type ConvolutionFamily, NO_EPILOGUE } from './convolution.ts'
import { EMULATED_F16_FAMILIES, F16_FAMILIES } from './convolution-f16.ts'
import { random, reference, shape, tensors } from './convolution-testing.ts'

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

/** Rounded to the nearest half-precision number, of two as near to the even one. */
function half(value: number): number {
  const unit = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value)))) - 10)
  const units = value / unit
  const up = Math.round(units)
  return unit * (up - units === 0.5 && up % 2 !== 0 ? up - 1 : up)
}

const SHAPE = shape(2, 5, 32, 64, 3, 2)

type Values = ReturnType<typeof tensors>

/** y, dx and dw of a family. */
async function results(family: ConvolutionFamily, values: Values) {
  const run = (kind: Parameters<typeof runConvolution>[3]) =>
    runConvolution(device, family, SHAPE, kind, { ...values, before: undefined })
  return {
    y: await run({ forward: NO_EPILOGUE }),
    dx: await run({ inputGradient: { accumulate: false } }),
    dw: await run('filterGradient'),
  }
}

/** The largest relative error of each of the three. */
async function errors(family: ConvolutionFamily, values: Values, expected: ReturnType<typeof reference>) {
  const { y, dx, dw } = await results(family, values)
  return [relativeError(y, expected.y), relativeError(dx, expected.dx), relativeError(dw, expected.dw)]
}

const values = tensors(SHAPE)
const rounded: Values = { x: values.x.map(half), w: values.w.map(half), dy: values.dy.map(half) }
const [products, tiles] = EMULATED_F16_FAMILIES

describe('convolution in half precision', () => {
  it('rounds operands only, where tiles alone are f16', async () => {
    for (const error of await errors(tiles, values, reference(SHAPE, rounded)))
      expect(error).toBeLessThan(1e-6)
    for (const error of await errors(tiles, values, reference(SHAPE, values)))
      expect(error).toBeGreaterThan(1e-5)
  })

  it('stays within the rounding of 16 products where these are f16 too', async () => {
    for (const error of await errors(products, values, reference(SHAPE, rounded))) {
      expect(error).toBeGreaterThan(1e-5)
      // Sums of up to 16 values below 1, each rounded to a unit of 2 ** -8 at the most.
      expect(error).toBeLessThan(16 * 2 ** -9)
    }
  })

  it('keeps gradients that are below the least normal number of f16', async () => {
    const small = { ...values, dy: random('dy', values.dy.length).map((value) => value * 1e-6) }
    const [, dx, dw] = await errors(tiles, small, reference(SHAPE, small))
    expect(dx).toBeLessThan(1e-2)
    expect(dw).toBeLessThan(1e-2)
  })

  for (const family of F16_FAMILIES)
    it(`agrees with the emulation on a device that has it: ${family.id}`, async ({ skip }) => {
      if (!family.forward!.suits(SHAPE, deviceTraits(device))) return skip()
      for (const error of await errors(family, values, reference(SHAPE, rounded)))
        expect(error).toBeLessThan(16 * 2 ** -9)
    })
})
