/** Rows for the charts: one axis for the whole run, in epochs, both stages behind one another. */
import type { BestMark, EpochLog } from '../training/events.ts'
import { MAX_POINTS, type StepSeries } from './step-series.ts'

/** One row; `position` is the end of the n-th epoch of the run, or lies between for single steps. */
export interface ChartRow {
  position: number
  train?: number
  valid?: number
  step?: number
}

export interface AccuracyRow {
  position: number
  train: number
  valid: number
}

/** At most `MAX_POINTS` epochs, evenly spread, the last and the best among them. */
export function thin(
  epochs: readonly EpochLog[],
  best: BestMark | null,
): { log: EpochLog; position: number }[] {
  const all = epochs.map((log, index) => ({ log, position: index + 1 }))
  if (all.length <= MAX_POINTS) return all
  const every = all.length / (MAX_POINTS - 2)
  let next = 0
  return all.filter(({ log }, index) => {
    const isBest = best !== null && log.stage === best.stage && log.epoch === best.epoch
    const due = index >= next
    if (due) next += every
    return due || isBest || index === all.length - 1
  })
}

/** Epoch means and single steps in one list by falling age. */
export function lossRows(epochs: readonly EpochLog[], best: BestMark | null, steps: StepSeries): ChartRow[] {
  const rows: ChartRow[] = thin(epochs, best).map(({ log, position }) => ({
    position,
    train: log.train.loss,
    valid: log.valid.loss,
  }))
  for (const { position, loss } of steps.points) rows.push({ position, step: loss })
  return rows.sort((a, b) => a.position - b.position)
}

export function accuracyRows(epochs: readonly EpochLog[], best: BestMark | null): AccuracyRow[] {
  return thin(epochs, best).map(({ log, position }) => ({
    position,
    train: log.train.accuracy,
    valid: log.valid.accuracy,
  }))
}

/** Where stage two starts on the axis; null before it, and where it is the only one. */
export function stageTwoStart(epochs: readonly EpochLog[]): number | null {
  const index = epochs.findIndex(({ stage }) => stage === 'all')
  return index > 0 ? index : null
}

/** Position of the best epoch, whose weights are kept. */
export function bestPosition(epochs: readonly EpochLog[], best: BestMark | null): number | null {
  const index = epochs.findIndex(({ stage, epoch }) => stage === best?.stage && epoch === best.epoch)
  return index >= 0 ? index + 1 : null
}
