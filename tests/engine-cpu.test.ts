import { describe, test } from 'vitest'
import { makeEngine } from './engine-factory.ts'
import {
  checkClassWeights,
  checkForward,
  checkRunningStatistics,
  checkTrajectory,
  FORWARD_ONLY,
  weightedNames,
} from './reference/helpers.ts'

const cpu = () => makeEngine('cpu')

/** TF.js's own kernels and tape. Its convolution gradients take minutes: `tests/long` has them. */
describe("TF.js's own tape gives PyTorch's numbers", () => {
  test('forward, in eval and in train mode', () => checkForward(cpu, FORWARD_ONLY))
  test('running statistics after one pass in train mode', () => checkRunningStatistics(cpu, FORWARD_ONLY))
  // The optimizers are the same code as on wasm, whose test has all of them.
  test('ten steps of the head, the backbone computed once for each batch', () =>
    checkTrajectory(cpu, 'head only | adam lr=0.001', (values) => values))
  test.each(weightedNames({ freeze: 'head only' }))('ten steps with class weights: %s', (name) =>
    checkClassWeights(cpu, name, { keep: true }),
  )
})
