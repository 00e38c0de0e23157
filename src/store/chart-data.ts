/** Rows for the charts: one axis for the whole run, in epochs, both stages behind one another. */
import type { TrainingStage } from '../recipe/index.ts'
import type { BestMark, EpochLog } from '../training/events.ts'
import { MAX_POINTS, type StepPoint, type StepSeries } from './step-series.ts'

/** How the loss is drawn. */
export interface CurveView {
  /** Weight of the past in the moving mean, 0 (none) to less than 1. */
  smoothing: number
  /** Logarithmic loss axis. */
  log: boolean
}

export const PLAIN_VIEW: CurveView = { smoothing: 0, log: false }

/** One row; `position` is the end of the n-th epoch of the run. `…Raw` stand beside smoothed values. */
export interface ChartRow {
  position: number
  train?: number
  valid?: number
  trainRaw?: number
  validRaw?: number
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

/** Mean losses of the epochs, behind a row where the run begins. What cannot be drawn on the axis is left out. */
export function lossRows(
  epochs: readonly EpochLog[],
  best: BestMark | null,
  view: CurveView = PLAIN_VIEW,
): ChartRow[] {
  const drawn = (value: number) => (isDrawn(value, view) ? value : undefined)
  return [{ position: 0 }, ...epochRows(epochs, best, view.smoothing, drawn, ({ loss }) => loss)]
}

/** The steps that can be drawn on the axis. */
export const drawnSteps = ({ points }: StepSeries, view: CurveView): readonly StepPoint[] =>
  points.filter(({ loss }) => isDrawn(loss, view))

const isDrawn = (loss: number, { log }: CurveView): boolean => Number.isFinite(loss) && (!log || loss > 0)

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

export interface ValueAxis {
  domain: [number, number]
  ticks: number[]
}

/** The axis that holds all losses of `rows` and `steps`. */
export function lossAxis(
  rows: readonly ChartRow[],
  steps: readonly StepPoint[],
  { log }: CurveView,
): ValueAxis {
  const values = rows
    .flatMap(({ train, valid, trainRaw, validRaw }) => [train, valid, trainRaw, validRaw])
    .concat(steps.map(({ loss }) => loss))
    .flatMap((value = 0) => (value > 0 ? [value] : []))
  const lowest = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const highest = values.reduce((a, b) => Math.max(a, b), 0)
  if (values.length === 0) return linearAxis(1)
  return log ? logAxis(lowest, highest) : linearAxis(highest)
}

/** From 0, with three to five ticks at round distances. */
function linearAxis(highest: number): ValueAxis {
  const power = 10 ** Math.floor(Math.log10(highest / 3))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => highest / size <= 4)
  const distance = step ?? highest
  const count = Math.ceil(highest / distance)
  // Without the digits that a product of decimal fractions gathers.
  const ticks = Array.from({ length: count + 1 }, (_, index) => Number((index * distance).toPrecision(6)))
  return { domain: [0, ticks[count]], ticks }
}

/** 1, 2 and 5 times a power of ten, or powers of ten alone where that would be many. */
function logAxis(lowest: number, highest: number): ValueAxis {
  const all: number[] = []
  // One power lower than it seems: the logarithm of 999,999,999.999998 is 9.
  for (let power = Math.floor(Math.log10(lowest)) - 1; power <= Math.ceil(Math.log10(highest)); power++)
    for (const factor of [1, 2, 5]) all.push(Number((factor * 10 ** power).toPrecision(1)))
  const from = Math.max(
    0,
    all.findLastIndex((tick) => tick <= lowest),
  )
  const to = all.findIndex((tick) => tick >= highest)
  const ticks = all.slice(from, Math.max(to, from + 1) + 1)
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

export interface StageBegin {
  /** On the axis. */
  position: number
  stage: TrainingStage
}

/** Where each stage but the first begins. */
export const stageBegins = (epochs: readonly EpochLog[]): StageBegin[] =>
  epochs.flatMap(({ stage }, position) =>
    position > 0 && stage !== epochs[position - 1].stage ? [{ position, stage }] : [],
  )

/** Position of the best epoch, whose weights are kept. */
export function bestPosition(epochs: readonly EpochLog[], best: BestMark | null): number | null {
  const index = epochs.findIndex(({ stage, epoch }) => stage === best?.stage && epoch === best.epoch)
  return index >= 0 ? index + 1 : null
}
