import { describe, expect, it } from 'vitest'
import { kernelDevice } from '../kernels/device.ts'
import { checkConvolution, checkStep, GRADIENT_BOUND } from './random-plan.ts'

const CONVOLUTIONS = 150
const STEPS = 50

const device = await kernelDevice()

describe.skipIf(!device)('the plan agrees with plain tf-core', () => {
  for (let index = 0; index < CONVOLUTIONS; index++)
    it(`at random convolution ${index}`, () => checkConvolution(device!, index))

  const distances: number[] = []
  for (let index = 0; index < STEPS; index++)
    it(`at random step ${index}`, async () => {
      distances.push(await checkStep(device!, index))
    })

  // Some ReLUs fall the other way at random; a wrong kernel would be off in every step that uses it.
  it('in every gradient of most random steps', () => {
    const close = distances.filter((distance) => distance <= GRADIENT_BOUND).length
    expect(close / distances.length).toBeGreaterThan(0.4)
  })
})
