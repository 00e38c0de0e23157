/** When a stage ends: after its epochs, or earlier where validation gets no better. */
import type { Recipe, StageRecipe, TrainingStage } from '../recipe/index.ts'
import type { EpochLog } from './events.ts'
import { isBetter } from './run-state.ts'
import type { StagePosition } from './schedules.ts'

export interface StageEnd {
  /** Epochs after which the stage ends. */
  epochs: number
  /** The epoch after which patience was over, counted from 1; null where it is not. */
  cutAfter: number | null
}

/**
 * Where a stage ends, from what its epochs came to so far. It follows from the history alone, so that a resumed run ends
 * where the other would have. What is left of the schedule when patience is over is gone through in `patience` epochs: a rate
 * that never came down leaves weights that still move.
 * @param logs of this stage alone, in order
 */
export function stageEnd(
  { epochs, patience }: Pick<StageRecipe, 'epochs' | 'patience'>,
  logs: readonly EpochLog[],
): StageEnd {
  if (patience === null) return { epochs, cutAfter: null }
  let best: EpochLog | null = null
  for (const log of logs) {
    if (!best || isBetter(markOf(log), markOf(best))) best = log
    if (log.epoch - best.epoch < patience) continue
    return { epochs: Math.min(epochs, log.epoch + patience), cutAfter: log.epoch }
  }
  return { epochs, cutAfter: null }
}

/** The same, from the history of a whole run. */
export const endOfStage = (recipe: Recipe, stage: TrainingStage, epochs: readonly EpochLog[]): StageEnd =>
  stageEnd(
    recipe.stages[stage],
    epochs.filter((log) => log.stage === stage),
  )

const markOf = ({ stage, epoch, valid }: EpochLog) => ({
  stage,
  epoch,
  accuracy: valid.accuracy,
  loss: valid.loss,
})

/** A place in a stage that may end early as a place in its whole schedule: beyond the cut, time goes faster. */
export function schedulePosition(position: StagePosition, { epochs, cutAfter }: StageEnd): StagePosition {
  if (cutAfter === null || position.epoch < cutAfter || epochs <= cutAfter) return position
  const cut = (done: number, whole: number, at: number) =>
    at + (done - at) * ((whole - at) / (((epochs - cutAfter) / position.epochs) * whole))
  const epoch = cut(position.epoch, position.epochs, cutAfter)
  const step = cut(position.step, position.steps, (cutAfter / position.epochs) * position.steps)
  return { ...position, epoch, step }
}
