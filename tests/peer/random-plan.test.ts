import { beforeAll, describe, it } from 'vitest'
import { checkConvolution, checkStep, peerDevice } from './random-plan.ts'

// A short sample; `npm run test:peer` runs them all.
const CONVOLUTIONS = 5
const STEPS = 1

let device: GPUDevice
beforeAll(async () => {
  device = await peerDevice()
})

describe('the plan agrees with plain tf-core', () => {
  for (let index = 0; index < CONVOLUTIONS; index++)
    it(`at random convolution ${index}`, () => checkConvolution(device, index))
  for (let index = 0; index < STEPS; index++)
    it(`at random step ${index}`, async () => {
      await checkStep(device, index)
    })
})
