/** What the plan holds on the GPU, counted from the programs themselves: nothing here touches a device. */
import { type Boundary, isLocked } from '../../model/index.ts'
import type { StepConfig } from '../train-step.ts'
import type { KernelChoice } from './choice.ts'
import { BLOCK, TABLE_ROW } from './kernels/optimizer.ts'
import { type PackedLayout, packedLayout } from './layout.ts'
import { lowerTraining } from './lower.ts'
import { programBytes } from './memory.ts'

/** What decides how much a step holds, besides its photos. */
export type HeldBy = Pick<StepConfig, 'locked' | 'batchNorm'> & {
  optimizer: Pick<StepConfig['optimizer'], 'kind'>
}

/** First packed float that trains: gradients and moments are kept from there on. */
export const firstTrained = (layout: PackedLayout, locked: StepConfig['locked']): number =>
  layout.parameters.find(({ stage }) => !isLocked(locked, stage))!.offset

/** Bytes that outlive a step: parameters, gradients, moments, running statistics, tables. */
export function standingBytes(layout: PackedLayout, { locked, optimizer }: HeldBy): number {
  const { total, channels, parameters } = layout
  const trained = total - firstTrained(layout, locked)
  const moments = optimizer.kind === 'sgd' ? 1 : 2
  // Running and folded statistics, four numbers of the batch, and half a word of a table for each channel.
  const statistics = channels * (2 + 2 + 4 + 0.5)
  const tables = total / BLOCK / 4 + parameters.length * TABLE_ROW
  return 4 * (total + trained * (1 + moments) + statistics + tables)
}

/**
 * Bytes of GPU memory of training steps over `count` photos of `size` px, or their activations at a boundary, computed at
 * once, for a head of `classes`: all that the plan allocates but a few kilobytes.
 */
export function trainingBytes(
  held: HeldBy,
  classes: number,
  choice: KernelChoice,
  count: number,
  size: number,
  boundary: Boundary = 0,
): number {
  const layout = packedLayout(classes)
  const program = lowerTraining(
    layout,
    choice,
    held,
    firstTrained(layout, held.locked),
    boundary === 0 ? 'photos' : boundary,
    count,
    size,
  )
  return standingBytes(layout, held) + programBytes(program)
}
