/** Which stages are locked (frozen). `fc` never is. */
import { BOUNDARIES, type Boundary, FEATURES_BOUNDARY } from './boundary.ts'
import {
  type EntrySpec,
  LOCKABLE_STAGES,
  type LockableStage,
  parameterCounts,
  STAGES,
  type Stage,
} from './resnet18.ts'

/** The locked stages, in network order, without duplicates. */
export type FreezePlan = readonly LockableStage[]

export const LOCK_ALL: FreezePlan = LOCKABLE_STAGES
export const LOCK_NONE: FreezePlan = []

/** In network order and without duplicates, so that two plans can be compared and hashed. */
export function normalizeFreezePlan(locked: Iterable<Stage>): FreezePlan {
  const set = new Set(locked)
  return LOCKABLE_STAGES.filter((stage) => set.has(stage))
}

export const isLocked = (plan: FreezePlan, stage: Stage): boolean =>
  (plan as readonly Stage[]).includes(stage)

/**
 * How many stages from the input on are locked without a gap: these need no gradients, nothing saved,
 * and can be folded. 5 means that the whole backbone is locked.
 */
export function frozenPrefix(plan: FreezePlan): Boundary {
  const first = LOCKABLE_STAGES.findIndex((stage) => !isLocked(plan, stage))
  return first < 0 ? FEATURES_BOUNDARY : BOUNDARIES[first]
}

/** `tutorial`: every batch norm is in train mode, those of locked stages too. */
export type BatchNormMode = 'frozen' | 'tutorial'

/** Whether a stage's batch norm is in train mode, and so updates its running statistics. */
export const updatesBatchNorm = (batchNorm: BatchNormMode, plan: FreezePlan, stage: Stage): boolean =>
  batchNorm === 'tutorial' || !isLocked(plan, stage)

/**
 * How many stages from the input on are locked without a gap, and their batch norms with them: up to there nothing sees
 * the batch, so what they give for a photo stays the same from step to step.
 */
export const restingPrefix = (batchNorm: BatchNormMode, plan: FreezePlan): Boundary =>
  batchNorm === 'tutorial' ? 0 : frozenPrefix(plan)

/** Whether what the backbone gives for a photo stays the same from step to step: nothing sees the batch there. */
export const backboneRests = (batchNorm: BatchNormMode, plan: FreezePlan): boolean =>
  restingPrefix(batchNorm, plan) === FEATURES_BOUNDARY

export const isTrained = (plan: FreezePlan, entry: EntrySpec): boolean =>
  (entry.kind === 'weight' || entry.kind === 'bias') && !isLocked(plan, entry.stage)

/** Number of parameters that train under a plan, and in all. */
export function trainedParameters(plan: FreezePlan, classes: number): { trained: number; total: number } {
  const counts = parameterCounts(classes)
  let trained = 0
  let total = 0
  for (const stage of STAGES) {
    total += counts[stage]
    if (!isLocked(plan, stage)) trained += counts[stage]
  }
  return { trained, total }
}
