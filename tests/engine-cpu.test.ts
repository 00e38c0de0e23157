import { describe, test } from 'vitest'
import { makeEngine } from './engine-factory.ts'
import {
  checkForward,
  checkGradients,
  checkRunningStatistics,
  checkTrajectory,
  FORWARD_ONLY,
} from './reference/helpers.ts'

const cpu = () => makeEngine('cpu')

/** TF.js's own kernels, gradients and tape. Its convolution gradients take a minute: one test has them. */
describe("TF.js's own tape gives PyTorch's numbers", () => {
  test('forward, in eval and in train mode', () => checkForward(cpu, FORWARD_ONLY))
  test('every gradient', () => checkGradients(cpu))
  test('running statistics after one pass in train mode', () => checkRunningStatistics(cpu, FORWARD_ONLY))
  test.each([
    'head only | sgd lr=0.01 momentum=0.9 weight_decay=1e-4',
    'head only | adam lr=0.001',
    'head only | adamw lr=0.001 weight_decay=0.01',
  ])('ten steps: %s', (key) => checkTrajectory(cpu, key))
})
