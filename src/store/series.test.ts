import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { TrainingStage } from '../recipe/index.ts'
import type { EpochLog } from '../training/events.ts'
import {
  accuracyRows,
  bestPosition,
  drawnSteps,
  lossAxis,
  lossRows,
  nearestRow,
  smooth,
  stageBegins,
  thin,
} from './chart-data.ts'
import { historyCsv } from './history-csv.ts'
import { mergeEvents } from './merge-events.ts'
import { addStep, emptySeries, MAX_POINTS } from './step-series.ts'

function logs(stage: TrainingStage, count: number): EpochLog[] {
  return Array.from({ length: count }, (_, index) => ({
    stage,
    epoch: index + 1,
    learningRate: 0.01,
    train: { loss: 1 / (index + 1), accuracy: 0.5, correct: 1, samples: 2 },
    valid: { loss: 2 / (index + 1), accuracy: 0.25, correct: 1, samples: 4 },
    seconds: 1,
    locked: [],
  }))
}

test('a line of steps never grows longer than a chart draws, and keeps its mean', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (count) => {
      let series = emptySeries
      for (let i = 0; i < count; i++) series = addStep(series, { position: i, loss: i % 2 })
      expect(series.points.length).toBeLessThan(MAX_POINTS)
      for (let i = 1; i < series.points.length; i++)
        expect(series.points[i].position).toBeGreaterThan(series.points[i - 1].position)
      for (const { loss } of series.points) {
        expect(loss).toBeGreaterThanOrEqual(0)
        expect(loss).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 30 },
  )
})

test('a thousand epochs are thinned, the last and the best stay', () => {
  const epochs = logs('all', 1000)
  const rows = thin(epochs, { stage: 'all', epoch: 777, accuracy: 1, loss: 0 })
  expect(rows.length).toBeLessThanOrEqual(MAX_POINTS)
  expect(rows.at(-1)).toBe(999)
  expect(rows).toContain(776)
})

test('stages stand on one axis; each starts where the one before ends', () => {
  const epochs = [...logs('head', 3), ...logs('all', 2)]
  expect(stageBegins(epochs)).toEqual([{ position: 3, stage: 'all' }])
  expect(stageBegins([...logs('head', 1), ...logs('upper', 2), ...logs('all', 1)])).toEqual([
    { position: 1, stage: 'upper' },
    { position: 3, stage: 'all' },
  ])
  expect(bestPosition(epochs, { stage: 'all', epoch: 1, accuracy: 1, loss: 0 })).toBe(4)
  expect(accuracyRows(epochs, null).map(({ position }) => position)).toEqual([1, 2, 3, 4, 5])
  expect(stageBegins(logs('all', 2))).toEqual([])
})

test('smoothing starts at the first value, keeps a constant, and leans on the past', () => {
  expect(smooth([3, 3, 3], 0.9).map((value) => value.toFixed(6))).toEqual([
    '3.000000',
    '3.000000',
    '3.000000',
  ])
  expect(smooth([4, 2], 0)).toEqual([4, 2])
  // Weights 0.5 and 0.25 of 0.75.
  expect(smooth([1, 4], 0.5)).toEqual([1, 3])
  expect(smooth([1, Number.POSITIVE_INFINITY, 4], 0.5)).toEqual([1, Number.POSITIVE_INFINITY, 3])
})

test('a smoothed loss keeps its raw values beside it', () => {
  const rows = lossRows(logs('all', 3), null, { smoothing: 0.6, log: false })
  expect(rows.map(({ trainRaw }) => trainRaw)).toEqual([undefined, 1, 1 / 2, 1 / 3])
  expect(rows[3].train).toBeGreaterThan(1 / 3)
})

test('what a logarithmic axis cannot show is left out, and its ticks hold the rest', () => {
  const view = { smoothing: 0, log: true }
  const series = addStep(addStep(emptySeries, { position: 0.5, loss: 0 }), { position: 0.7, loss: 3 })
  const steps = drawnSteps(series, view)
  expect(steps).toEqual([{ position: 0.7, loss: 3 }])
  const { domain, ticks } = lossAxis(lossRows(logs('head', 4), null, view), steps, view)
  expect(domain).toEqual([0.2, 5])
  expect(ticks).toEqual([0.2, 0.5, 1, 2, 5])
})

test('a linear axis begins at 0 and has round ticks', () => {
  const axis = (loss: number) => lossAxis([], [{ position: 1, loss }], { smoothing: 0, log: false }).ticks
  expect(axis(2.55)).toEqual([0, 1, 2, 3])
  expect(axis(0.07)).toEqual([0, 0.02, 0.04, 0.06, 0.08])
  expect(axis(8)).toEqual([0, 2, 4, 6, 8])
})

test('either axis holds any positive losses', () => {
  const losses = fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(losses, fc.boolean(), (values, log) => {
      const rows = values.map((train, position) => ({ position, train }))
      const { domain, ticks } = lossAxis(rows, [], { smoothing: 0, log })
      expect(domain[0]).toBeLessThanOrEqual(Math.min(...values))
      expect(domain[1]).toBeGreaterThanOrEqual(Math.max(...values) * (1 - 1e-5))
      expect(domain[0]).toBeLessThan(domain[1])
      expect(ticks.length).toBeGreaterThan(0)
    }),
  )
})

test('a position between two rows belongs to the nearer one', () => {
  const rows = [{ position: 1 }, { position: 2 }, { position: 4 }]
  expect([0, 1.4, 1.6, 3.5, 9].map((position) => nearestRow(rows, position))).toEqual([0, 0, 1, 2, 2])
})

test('the history as a file holds one line an epoch and marks the best', () => {
  const text = historyCsv([...logs('head', 1), ...logs('all', 2)], {
    stage: 'all',
    epoch: 2,
    accuracy: 0.25,
    loss: 1,
  })
  const lines = text.split('\r\n')
  expect(lines).toHaveLength(5)
  expect(lines[0].split(',')).toHaveLength(13)
  expect(lines[1]).toBe('head,1,0.01,1,0.5,1,2,2,0.25,1,4,1,0')
  expect(lines[3]).toBe('all,2,0.01,0.5,0.5,1,2,1,0.25,1,4,1,1')
})

test('updates are merged: the first at once, then one call an interval, none lost', () => {
  vi.useFakeTimers()
  try {
    const delivered: number[][] = []
    const merged = mergeEvents<number>(
      (values) => delivered.push(values),
      100,
      () => Date.now(),
    )
    merged.push(1)
    vi.advanceTimersByTime(0)
    for (let i = 2; i <= 50; i++) merged.push(i)
    vi.advanceTimersByTime(99)
    expect(delivered).toEqual([[1]])
    vi.advanceTimersByTime(1)
    expect(delivered).toHaveLength(2)
    expect(delivered.flat()).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  } finally {
    vi.useRealTimers()
  }
})
