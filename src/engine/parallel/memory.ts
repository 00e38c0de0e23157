/** How much memory several engines take together. */
import { backboneRests, type FreezePlan, trainedParameters } from '../../model/index.ts'
import type { StepConfig } from '../train-step.ts'
import { shards } from './shards.ts'
import type { Workers } from './workers.ts'

const FLOAT = 4

/** Photos of a batch that one engine takes. */
export const shareOf = (photos: number, { train }: Workers): number => Math.ceil(photos / train)

export interface SharedUse {
  classes: number
  locked: FreezePlan
  batchNorm: StepConfig['batchNorm']
}

/**
 * Bytes of all engines in a step over `photos` photos, with the gradients and values that they exchange. `bytesOf`: of
 * one of them, for its photos and the names of what it updates; no photos: it only evaluates.
 */
export function sharedBytes(
  workers: Workers,
  { classes, locked, batchNorm }: SharedUse,
  photos: number,
  bytesOf: (photos: number, updated?: readonly string[]) => number,
): number {
  const evaluators = (trainers: number) => (Math.max(workers.train, workers.evaluate) - trainers) * bytesOf(0)
  if (workers.train === 1) return bytesOf(photos) + evaluators(1)
  const updated = shards(classes, workers.train)
  if (backboneRests(batchNorm, locked)) return bytesOf(photos, updated[0]) + evaluators(1)
  const heaps = updated.reduce((sum, names) => sum + bytesOf(shareOf(photos, workers), names), 0)
  const exchanged = FLOAT * trainedParameters(locked, classes).trained * (workers.train - 1)
  return heaps + exchanged + evaluators(workers.train)
}
