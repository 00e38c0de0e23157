/** What a run works with, and how it says that it cannot go on. */
import type { Dataset, Sample, Split } from '../dataset/types.ts'
import type { StepConfig, TrainStep } from '../engine/train-step.ts'
import type { FreezePlan } from '../model/index.ts'
import type { Recipe, TrainingStage } from '../recipe/index.ts'
import { balancedWeights } from './class-weights.ts'
import type { RunControl } from './control.ts'
import type { FailureCode, TrainEvent } from './events.ts'
import type { Keeping } from './kept/keeping.ts'
import type { RememberedFeatures } from './kept/remembered.ts'
import type { PhotoLoader } from './photos.ts'
import type { RunState } from './run-state.ts'

export interface Run {
  engine: TrainStep
  photos: PhotoLoader
  recipe: Recipe
  dataset: Dataset
  stages: readonly TrainingStage[]
  control: RunControl
  /** Photos per forward and backward pass; null: the whole batch. */
  microBatch: number | null
  /** Where what the resting stages give is kept. */
  keeping: Keeping
  /** Features of the run before, and of this one for the next. */
  remembered: RememberedFeatures
  /** Of the photos, as `remembered` tells them apart. */
  photosKey: string
  /** Hash of the weight file that the run stands on. */
  weights: string
  /** Called after each epoch with the whole of the run so far. */
  keep(state: RunState): Promise<void>
}

/** Ends a run; the best weights so far are kept. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure'
  readonly code: FailureCode

  constructor(code: FailureCode, message: string) {
    super(message)
    this.code = code
  }
}

/** What an engine threw within a step; anything else that it throws is outside of one. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure'

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/** Part of a run: yields what happens, returns a result; null says that the person stopped it. */
export type Progress<T> = AsyncGenerator<TrainEvent, T>

export const photosOf = (dataset: Dataset, split: Split, skipped: ReadonlySet<string>): Sample[] =>
  dataset.samples.filter((sample) => sample.split === split && !skipped.has(sample.path))

export function stepConfig(run: Run, stage: TrainingStage, locked: FreezePlan): StepConfig {
  const { recipe, microBatch } = run
  const { kind, weightDecay, momentum, stageScale } = recipe.stages[stage].optimizer
  return {
    locked,
    batchNorm: recipe.batchNorm,
    optimizer: { kind, weightDecay, momentum, stageScale },
    labelSmoothing: recipe.stages[stage].labelSmoothing ?? recipe.labelSmoothing,
    ...(recipe.classWeights === 'balanced' && { classWeights: weightsOf(run.dataset) }),
    microBatch,
  }
}

/** Unreadable photos count too: which they are is known only when all were read. */
const weightsOf = (dataset: Dataset): number[] =>
  balancedWeights(
    photosOf(dataset, 'train', new Set()).map(({ label }) => label),
    dataset.classes.length,
  )
