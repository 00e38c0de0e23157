import { describe, it } from 'vitest'
import { kernelDevice } from '../kernels/device.ts'
import { checkConvolution, checkStep } from './random-plan.ts'

// A short sample; `npm run test:peer` runs them all.
const CONVOLUTIONS = 5
const STEPS = 1

const device = await kernelDevice()

describe.skipIf(!device)('the plan agrees with plain tf-core', () => {
  for (let index = 0; index < CONVOLUTIONS; index++)
    it(`at random convolution ${index}`, () => checkConvolution(device!, index))
  for (let index = 0; index < STEPS; index++)
    it(`at random step ${index}`, async () => {
      await checkStep(device!, index)
    })
})
