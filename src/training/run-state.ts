/** The whole of a run between two epochs, as data: what a checkpoint holds and a resumed run starts from. */
import type { OptimizerState } from '../engine/train-step.ts'
import { type FreezePlan, isLocked, type StateDict, stateEntries } from '../model/index.ts'
import type { Recipe, TrainingStage } from '../recipe/index.ts'
import type { BestMark, EpochLog } from './events.ts'

/** The epoch with the best validation accuracy so far. */
export interface Best {
  mark: BestMark
  /** The entries that may differ from the base weights. */
  weights: StateDict
  optimizer: OptimizerState
}

/** Immutable: each epoch makes a new one. */
export interface RunState {
  /** The complete weights that the run stands on; they never change during a run. */
  base: StateDict
  /** The entries that may differ from `base`, after the last epoch. */
  weights: StateDict
  /** null before a stage's first epoch: each stage has a new optimizer. */
  optimizer: OptimizerState | null
  stage: TrainingStage
  /** Epochs done in this stage; the shuffle and the augmentation follow from it. */
  epochsDone: number
  /** Optimizer steps done in this stage. */
  stepsDone: number
  /** Optimizer steps of the whole stage, as counted at its first epoch; null before it. */
  stageSteps: number | null
  /** The running stage's freeze plan. */
  locked: FreezePlan
  epochs: readonly EpochLog[]
  best: Best | null
  /** Paths of photos that could not be read. */
  skipped: ReadonlySet<string>
}

/** A run that has not begun, on complete weights. */
export function freshRun(base: StateDict, recipe: Recipe, stage: TrainingStage): RunState {
  return {
    base,
    weights: new Map(),
    optimizer: null,
    stage,
    epochsDone: 0,
    stepsDone: 0,
    stageSteps: null,
    locked: recipe.stages[stage].locked,
    epochs: [],
    best: null,
    skipped: new Set(),
  }
}

/** The next stage, from the best weights so far, with nothing done in it yet. */
export function beginStage(state: RunState, recipe: Recipe, stage: TrainingStage): RunState {
  return {
    ...state,
    stage,
    weights: state.best?.weights ?? state.weights,
    optimizer: null,
    epochsDone: 0,
    stepsDone: 0,
    stageSteps: null,
    locked: recipe.stages[stage].locked,
  }
}

/** All 122 entries: the base with what changed laid over it. */
export const complete = (base: StateDict, changed: StateDict): StateDict => new Map([...base, ...changed])

/** Whether of what may differ from the base weights only the classifier does. */
export const isPretrained = (changed: StateDict): boolean =>
  [...changed.keys()].every((name) => name.startsWith('fc.'))

/**
 * Names of the entries that an epoch under this plan changes: what the unlocked stages own, and in tutorial mode
 * every batch norm's statistics.
 */
export function changedEntries(
  locked: FreezePlan,
  batchNorm: Recipe['batchNorm'],
  classes: number,
): string[] {
  return stateEntries(classes)
    .filter((entry) => {
      if (!isLocked(locked, entry.stage)) return true
      return batchNorm === 'tutorial' && entry.kind !== 'weight' && entry.kind !== 'bias'
    })
    .map((entry) => entry.name)
}

/** Whether `candidate` beats `best`: by validation accuracy, then by lower loss. */
export function isBetter(candidate: BestMark, best: BestMark | null): boolean {
  if (!best) return true
  if (candidate.accuracy !== best.accuracy) return candidate.accuracy > best.accuracy
  return candidate.loss < best.loss
}
