/** Honest estimates: how long a run takes here, and what is left of it. Seconds, photos a second, pixels. */
import { frozenPrefix, LOCKABLE_STAGES, type LockableStage, restingPrefix } from '../model/index.ts'
import {
  keptViews,
  type Recipe,
  stagesOf,
  stepsFrom,
  TRAINING_STAGES,
  type TrainingStage,
} from '../recipe/index.ts'
import type { EpochLog } from '../training/events.ts'
import { endOfStage } from '../training/patience.ts'

/** The probe measures a whole training step at this size. */
const PROBE_SIZE = 64

/** A forward pass, as a share of a step that trains all stages. */
const FORWARD = 1 / 3
/** Multiply-adds of each stage at any size, as a share of the network's (torchvision's ResNet-18 at 224 px). */
const SHARE: Record<LockableStage, number> = {
  stem: 0.07,
  layer1: 0.26,
  layer2: 0.23,
  layer3: 0.22,
  layer4: 0.22,
}
const shareOf = (stages: readonly LockableStage[]) => stages.reduce((sum, stage) => sum + SHARE[stage], 0)

/**
 * Cost of a training step over a frozen-prefix plan, as a share of the step that trains all stages: a forward pass
 * is about a third of a step, and a locked prefix needs no backward pass.
 */
export function stepCost(locked: readonly LockableStage[]): number {
  return FORWARD + (1 - FORWARD) * shareOf(LOCKABLE_STAGES.slice(frozenPrefix(locked)))
}

/**
 * Cost of the first `epochs` of a stage for one photo, as a share of a step that trains all stages: what is kept is computed
 * once a view, what follows it in each epoch. Validation keeps all that rests.
 */
function stageCost(
  recipe: Recipe,
  stage: TrainingStage,
  epochs = recipe.stages[stage].epochs,
): { train: number; valid: number } {
  const { locked } = recipe.stages[stage]
  const kept = FORWARD * shareOf(LOCKABLE_STAGES.slice(0, stepsFrom(recipe, stage)))
  const views = Math.min(keptViews(recipe, stage) ?? epochs, epochs)
  const rests = FORWARD * shareOf(LOCKABLE_STAGES.slice(0, restingPrefix(recipe.batchNorm, locked)))
  return {
    train: views * kept + epochs * (stepCost(locked) - kept),
    valid: epochs === 0 ? 0 : rests + epochs * (FORWARD - rests),
  }
}

/** Photos a second of a step that trains all stages at `size` px. */
const rateAt = (probeRate: number, size: number): number => probeRate / (size / PROBE_SIZE) ** 2

/** Seconds that a run of `recipe` takes, from the probe's rate (photos a second, 64 px, all stages). */
export function estimateSeconds(
  recipe: Recipe,
  photos: { train: number; valid: number },
  probeRate: number,
  stages: readonly TrainingStage[] = TRAINING_STAGES,
): number {
  const steps = stages.reduce((sum, stage) => {
    const { train, valid } = stageCost(recipe, stage)
    return sum + photos.train * train + photos.valid * valid
  }, 0)
  return steps / rateAt(probeRate, recipe.evaluation.crop)
}

/**
 * The probe's rate, corrected by what a run's epochs really took. A run that found its features computed already took so little
 * that it tells nothing.
 */
export function correctedRate(
  recipe: Recipe,
  photos: { train: number; valid: number },
  probeRate: number,
  epochs: readonly EpochLog[],
): number {
  const done = TRAINING_STAGES.map((stage) => ({
    stage,
    epochs: epochs.filter((log) => log.stage === stage).length,
  }))
  const cost = done.reduce((sum, { stage, epochs: count }) => {
    const { train, valid } = stageCost(recipe, stage, count)
    return sum + photos.train * train + photos.valid * valid
  }, 0)
  const seconds = epochs.reduce((sum, log) => sum + log.seconds, 0)
  const measured = (cost / seconds) * (recipe.evaluation.crop / PROBE_SIZE) ** 2
  const isTelling = measured > probeRate / FAR_OFF && measured < probeRate * FAR_OFF
  return isTelling ? measured : probeRate
}
/** A machine that was busy while it was probed may be so many times faster. */
const FAR_OFF = 10

/** The stage that a recipe ends with, which its freeze switches are about. */
export const lastStage = (recipe: Recipe): TrainingStage => stagesOf(recipe).at(-1) ?? 'head'

/** Seconds of one epoch of the stage that the freeze switches are about. */
export function estimateEpochSeconds(
  recipe: Recipe,
  photos: { train: number; valid: number },
  probeRate: number,
): number {
  const stage = lastStage(recipe)
  return estimateSeconds(recipe, photos, probeRate, [stage]) / Math.max(1, recipe.stages[stage].epochs)
}

/** What is known while a run goes. Times in ms of one clock. */
export interface Progress {
  recipe: Recipe
  stages: readonly TrainingStage[]
  stage: TrainingStage
  epoch: number
  /** Share of the running epoch's training steps that are done, 0..1. */
  share: number
  /** Training steps of an epoch. */
  steps: number
  epochStartedAt: number
  now: number
  epochs: readonly EpochLog[]
}

/** Seconds left of the whole run; null while there is nothing to estimate from. */
export function secondsLeft(progress: Progress): number | null {
  const { recipe, stage, epochs, share } = progress
  const spent = (progress.now - progress.epochStartedAt) / 1000
  const recent = epochs.filter((log) => log.stage === stage).slice(-3)
  let epochSeconds: number
  if (recent.length > 0) epochSeconds = recent.reduce((sum, log) => sum + log.seconds, 0) / recent.length
  else if (progress.steps >= 4 && share > 0.2) epochSeconds = spent / share
  else return null
  const done = epochs.filter((log) => log.stage === stage)
  const { epochs: total } = endOfStage(recipe, stage, epochs)
  const inEpoch = Math.max(0, epochSeconds - spent)
  let left = inEpoch + epochSeconds * Math.max(0, total - progress.epoch)
  // Later stages cost in proportion to what was measured of this one.
  const measured = done.reduce((sum, log) => sum + log.seconds, 0) || epochSeconds
  const seconds = measured / stageCost(recipe, stage, Math.max(1, done.length)).train
  for (const later of TRAINING_STAGES.slice(TRAINING_STAGES.indexOf(stage) + 1))
    if (progress.stages.includes(later)) left += seconds * stageCost(recipe, later).train
  return left
}
