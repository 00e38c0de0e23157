/** PyTorch's reference values with every family of convolutions forced in turn. */
import { describe, it } from 'vitest'
import { FAMILIES } from '../../src/engine/plan/candidates.ts'
import { runs } from '../../src/engine/plan/choice.ts'
import { deviceTraits } from '../../src/engine/plan/device.ts'
import { KINDS } from '../../src/engine/plan/kernels/convolution.ts'
import { LAYER_GROUPS } from '../../src/engine/plan/layer-groups.ts'
import { createPlan } from '../../src/engine/plan/plan.ts'
import {
  checkForward,
  checkGradients,
  checkRunningStatistics,
  checkTrajectory,
  checkTutorial,
  checkUnlocking,
  type EngineFactory,
  trajectories,
} from '../reference/helpers.ts'
import { kernelDevice } from './device.ts'

const device = await kernelDevice()

for (const { id, ...family } of FAMILIES) {
  // Half precision is not held to these bounds: convolution-f16.browser-test.ts has its own.
  const isHere =
    device !== null &&
    !family.float16 &&
    KINDS.some((kind) =>
      LAYER_GROUPS.some((group) => runs({ id, ...family }, kind, group, deviceTraits(device))),
    )
  describe.skipIf(!isHere)(`${id}, forced wherever it suits, agrees with PyTorch in float64`, () => {
    const make: EngineFactory = () => createPlan(device!, { kernels: id })
    it('in eval mode and in the loss of train mode', () => checkForward(make))
    it('in every gradient', () => checkGradients(make))
    it('in the running statistics', () => checkRunningStatistics(make))
    it('when a stage is unlocked between steps', () => checkUnlocking(make))
    it('with every batch norm in train mode, as the tutorial has it', () => checkTutorial(make))
    for (const key of Object.keys(trajectories))
      it(`over ten steps: ${key}`, () => checkTrajectory(make, key))
  })
}
