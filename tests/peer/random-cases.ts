/** Random shapes and settings, the same ones in every run: each case is drawn from a stream of its own number. */

import type { ConvolutionShape } from '../../src/engine/plan/kernels/convolution.ts'
import type { OptimizerConfig, StepConfig } from '../../src/engine/train-step.ts'
import { LOCKABLE_STAGES, STAGES } from '../../src/model/index.ts'
import { stream } from '../../src/random/index.ts'

interface Draws {
  /** A whole number from `from` to `to`. */
  int(from: number, to: number): number
  pick<T>(of: readonly T[]): T
  chance(share: number): boolean
}

function drawsOf(...key: (string | number)[]): Draws {
  const random = stream('peer', ...key)
  const int = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  return { int, pick: (of) => of[int(0, of.length - 1)], chance: (share) => random() < share }
}

/** Of one convolution: plain loops in JavaScript check it. */
const MOST_PRODUCTS = 3e6

/** A layer as the plan has it: channels in quads, of which the last of the input may hold fewer values. */
export function convolutionCase(index: number): ConvolutionShape {
  const draw = drawsOf('convolution', index)
  const kernel = draw.pick([1, 3, 3, 3, 7])
  const stride = draw.pick([1, 1, 2])
  const padding = (kernel - 1) / 2
  const usedChannels = kernel === 7 ? draw.int(1, 8) : draw.pick([draw.int(1, 32), 4 * draw.int(1, 40)])
  const inChannels = 4 * Math.ceil(usedChannels / 4)
  const outChannels = 4 * draw.int(1, 36)
  const pixels = MOST_PRODUCTS / (inChannels * outChannels * kernel ** 2)
  const outSide = draw.int(1, Math.max(1, Math.min(24, Math.floor(Math.sqrt(pixels)))))
  // With a stride of 2 two sides give the same output.
  const side = (outSide - 1) * stride + 1 + draw.int(0, stride - 1)
  const count = draw.int(1, Math.max(1, Math.min(9, Math.floor(pixels / outSide ** 2))))
  return { count, side, usedChannels, inChannels, outSide, outChannels, kernel, stride, padding }
}

export interface StepCase {
  config: StepConfig
  classes: number
  count: number
  size: number
  learningRate: number
}

export function stepCase(index: number): StepCase {
  const draw = drawsOf('step', index)
  const locked = draw.chance(0.4)
    ? LOCKABLE_STAGES.slice(0, draw.int(0, LOCKABLE_STAGES.length))
    : LOCKABLE_STAGES.filter(() => draw.chance(0.3))
  const kind = draw.pick(['adam', 'adamw', 'sgd'] as const)
  const optimizer: OptimizerConfig = {
    kind,
    weightDecay: draw.pick([0, 0.0001, 0.05]),
    momentum: kind === 'sgd' ? draw.pick([0, 0.9]) : 0,
    stageScale: draw.chance(0.5) ? {} : { [draw.pick(STAGES)]: draw.pick([0.1, 0.5]) },
  }
  return {
    config: {
      locked,
      optimizer,
      batchNorm: draw.pick(['frozen', 'frozen', 'tutorial']),
      labelSmoothing: draw.pick([0, 0, 0.1]),
      microBatch: null,
    },
    classes: draw.int(2, 13),
    count: draw.int(2, 5),
    size: draw.int(33, 72),
    learningRate: 0.001,
  }
}
