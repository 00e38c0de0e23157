/** Rows for the charts: one axis for the whole run, in epochs, both stages behind one another. */
import type { BestMark, EpochLog } from '../training/events.ts'
import { MAX_POINTS, type StepSeries } from './step-series.ts'

/** How the loss is drawn. */
export interface CurveView {
  /** Weight of the past in the moving mean, 0 (none) to less than 1. */
  smoothing: number
  /** Logarithmic loss axis. */
  log: boolean
}

export const PLAIN_VIEW: CurveView = { smoothing: 0, log: false }

/**
 * One row; `position` is the end of the n-th epoch of the run, or lies between for single steps. `…Raw` stand beside
 * smoothed values.
 */
export interface ChartRow {
  position: number
  train?: number
  valid?: number
  trainRaw?: number
  validRaw?: number
  step?: number
}

/**
 * Exponential moving mean, debiased, so that it starts at the first value: TensorBoard's smoothing (`resmoothDataset`
 * of its line chart). Values that are not finite stay and do not count.
 * @param weight of the past, in [0, 1)
 */
export function smooth(values: readonly number[], weight: number): number[] {
  let mean = 0
  let missing = 1
  return values.map((value) => {
    if (!Number.isFinite(value)) return value
    mean = weight * mean + (1 - weight) * value
    missing *= weight
    return mean / (1 - missing)
  })
}

/** Indices of at most `MAX_POINTS` epochs, evenly spread, the last and the best among them. */
export function thin(epochs: readonly EpochLog[], best: BestMark | null): number[] {
  const all = epochs.map((_, index) => index)
  if (all.length <= MAX_POINTS) return all
  const every = all.length / (MAX_POINTS - 2)
  const bestIndex = (bestPosition(epochs, best) ?? 0) - 1
  let next = 0
  return all.filter((index) => {
    const due = index >= next
    if (due) next += every
    return due || index === bestIndex || index === all.length - 1
  })
}

/** Epoch means and single steps in one list by falling age. What cannot be drawn on the axis is left out. */
export function lossRows(
  epochs: readonly EpochLog[],
  best: BestMark | null,
  steps: StepSeries,
  view: CurveView = PLAIN_VIEW,
): ChartRow[] {
  const drawn = (value: number) => (Number.isFinite(value) && (!view.log || value > 0) ? value : undefined)
  const rows = epochRows(epochs, best, view.smoothing, drawn, ({ loss }) => loss)
  for (const { position, loss } of steps.points) rows.push({ position, step: drawn(loss) })
  return rows.sort((a, b) => a.position - b.position)
}

/** Accuracies in 0..1. */
export function accuracyRows(
  epochs: readonly EpochLog[],
  best: BestMark | null,
  view: CurveView = PLAIN_VIEW,
): ChartRow[] {
  return epochRows(
    epochs,
    best,
    view.smoothing,
    (value) => value,
    ({ accuracy }) => accuracy,
  )
}

function epochRows(
  epochs: readonly EpochLog[],
  best: BestMark | null,
  smoothing: number,
  drawn: (value: number) => number | undefined,
  value: (metrics: EpochLog['train']) => number,
): ChartRow[] {
  const trainRaw = epochs.map(({ train }) => value(train))
  const validRaw = epochs.map(({ valid }) => value(valid))
  const train = smooth(trainRaw, smoothing)
  const valid = smooth(validRaw, smoothing)
  return thin(epochs, best).map((index) => ({
    position: index + 1,
    train: drawn(train[index]),
    valid: drawn(valid[index]),
    ...(smoothing > 0 && { trainRaw: drawn(trainRaw[index]), validRaw: drawn(validRaw[index]) }),
  }))
}

/**
 * Domain and ticks of a logarithmic axis that holds all positive values of `rows`: numbers 1, 2 and 5 times a power
 * of ten, or powers of ten alone where that would be many.
 */
export function logAxis(rows: readonly ChartRow[]): { domain: [number, number]; ticks: number[] } {
  const values = rows.flatMap(({ train, valid, trainRaw, validRaw, step }) =>
    [train, valid, trainRaw, validRaw, step].flatMap((value = 0) => (value > 0 ? [value] : [])),
  )
  if (values.length === 0) return { domain: [0.1, 1], ticks: [0.1, 1] }
  const lowest = values.reduce((a, b) => Math.min(a, b))
  const highest = values.reduce((a, b) => Math.max(a, b))
  const all: number[] = []
  for (let power = Math.floor(Math.log10(lowest)); power <= Math.ceil(Math.log10(highest)); power++)
    for (const factor of [1, 2, 5]) all.push(Number((factor * 10 ** power).toPrecision(1)))
  const from = all.findLastIndex((tick) => tick <= lowest)
  const to = all.findIndex((tick) => tick >= highest)
  const ticks = all.slice(Math.max(0, from), Math.max(to, from + 1) + 1)
  const powers = ticks.filter((tick) => Number.isInteger(Math.log10(tick)))
  return { domain: [ticks[0], ticks[ticks.length - 1]], ticks: ticks.length > 6 ? powers : ticks }
}

/** Index of the row nearest to `position`; rows stand in order. */
export function nearestRow(rows: readonly { position: number }[], position: number): number {
  let nearest = 0
  for (const [index, row] of rows.entries())
    if (Math.abs(row.position - position) < Math.abs(rows[nearest].position - position)) nearest = index
  return nearest
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
