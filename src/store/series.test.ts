import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { EpochLog } from '../training/events.ts'
import { accuracyRows, bestPosition, lossRows, stageTwoStart, thin } from './chart-data.ts'
import { mergeEvents } from './merge-events.ts'
import { addStep, emptySeries, MAX_POINTS } from './step-series.ts'

function logs(stage: 'head' | 'all', count: number): EpochLog[] {
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
  expect(rows.at(-1)?.position).toBe(1000)
  expect(rows.some(({ position }) => position === 777)).toBe(true)
})

test('both stages stand on one axis; stage two starts where stage one ends', () => {
  const epochs = [...logs('head', 3), ...logs('all', 2)]
  expect(stageTwoStart(epochs)).toBe(3)
  expect(bestPosition(epochs, { stage: 'all', epoch: 1, accuracy: 1, loss: 0 })).toBe(4)
  expect(accuracyRows(epochs, null).map(({ position }) => position)).toEqual([1, 2, 3, 4, 5])
  expect(stageTwoStart(logs('all', 2))).toBeNull()
})

test('steps and epochs are one list in order', () => {
  const steps = addStep(addStep(emptySeries, { position: 0.5, loss: 3 }), { position: 1.5, loss: 2 })
  const rows = lossRows(logs('head', 2), null, steps)
  expect(rows.map(({ position }) => position)).toEqual([0.5, 1, 1.5, 2])
  expect(rows[0]).toEqual({ position: 0.5, step: 3 })
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
