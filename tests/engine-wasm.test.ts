import { describe, expect, test } from 'vitest'
import { makeEngine } from './engine-factory.ts'
import {
  checkForward,
  checkGradients,
  checkRunningStatistics,
  checkTrajectory,
  checkTutorial,
  checkUnlocking,
  trajectories,
} from './reference/helpers.ts'

const wasm = () => makeEngine('wasm')

describe("the wasm engine gives PyTorch's numbers", () => {
  test('forward, in eval and in train mode', () => checkForward(wasm))
  test('every gradient', () => checkGradients(wasm))
  test('running statistics after one pass in train mode', () => checkRunningStatistics(wasm))
  test('a stage that is unlocked later starts its own step count', () => checkUnlocking(wasm))
  test('tutorial mode: frozen weights, batch norms in train mode', () => checkTutorial(wasm))
  test('there are ten trajectories', () => expect(Object.keys(trajectories)).toHaveLength(10))
  test.each(Object.keys(trajectories))('ten steps: %s', (key) => checkTrajectory(wasm, key))
})
