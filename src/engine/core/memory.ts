/** What the memory of an engine on TF.js depends on. */
import type { Boundary, FreezePlan } from '../../model/index.ts'
import type { StepConfig } from '../train-step.ts'

export interface MemoryUse {
  classes: number
  locked: FreezePlan
  batchNorm: StepConfig['batchNorm']
  optimizer: StepConfig['optimizer']['kind']
  /** Names of the parameters that this engine updates, of those that train; absent: all. */
  updated?: readonly string[]
  /** Where steps begin, from activations; absent: from photos. */
  boundary?: Boundary
}

/** Photos that are evaluated at a time: more of them are no faster. */
const MOST_EVALUATED = 32
/** Their pixels. */
const MOST_PIXELS = 2 ** 19

/** How many photos of `size` px are evaluated at a time. */
export const evaluatedAtOnce = (size: number): number =>
  Math.max(1, Math.min(MOST_EVALUATED, Math.floor(MOST_PIXELS / size ** 2)))

/** Bytes of an engine in steps over `photos` photos, of whose parameters it updates these. */
export type BytesOf = (photos: number, updated?: readonly string[]) => number

/** `bytesOf`, counted once for each case: a run asks again and again, and for few of them. */
export function countedOnce(bytesOf: BytesOf): BytesOf {
  const counted = new Map<string, number>()
  return (photos, updated) => {
    const key = `${photos} ${updated?.join()}`
    const bytes = counted.get(key) ?? bytesOf(photos, updated)
    counted.set(key, bytes)
    return bytes
  }
}
