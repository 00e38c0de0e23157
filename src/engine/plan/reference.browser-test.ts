import { describe, it } from 'vitest'
import {
  checkClassWeights,
  checkForward,
  checkGradients,
  checkRunningStatistics,
  checkTrajectory,
  checkTutorial,
  checkUnlocking,
  type EngineFactory,
  restingKeys,
  trajectories,
  weightedNames,
} from '../../../tests/reference/helpers.ts'
import { createPlan } from './plan.ts'
import { testDevice } from './testing.ts'

/** One device for all checks: its pipelines are compiled once. */
const device = testDevice()
const make: EngineFactory = async () => createPlan(await device)

describe('the plan agrees with PyTorch in float64', () => {
  it('in eval mode and in the loss of train mode', () => checkForward(make))
  it('in every gradient', () => checkGradients(make))
  it('in every gradient, with tiles in workgroup memory too', () =>
    checkGradients(async () => createPlan(await device, { kernels: 'workgroup-64x64' })))
  it('in the running statistics', () => checkRunningStatistics(make))
  it('when a stage is unlocked between steps', () => checkUnlocking(make))
  it('with every batch norm in train mode, as the tutorial has it', () => checkTutorial(make))
  for (const key of Object.keys(trajectories)) it(`over ten steps: ${key}`, () => checkTrajectory(make, key))
  for (const key of restingKeys())
    it(`over ten steps on kept activations: ${key}`, () => checkTrajectory(make, key, (values) => values))
  for (const name of weightedNames())
    it(`over ten steps with class weights: ${name}`, () => checkClassWeights(make, name))
  for (const name of weightedNames({ freeze: 'head only' }))
    it(`over ten steps with class weights, photo by photo: ${name}`, () =>
      checkClassWeights(make, name, { microBatch: 1 }))
})
