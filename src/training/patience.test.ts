import { expect, test } from 'vitest'
import type { EpochLog } from './events.ts'
import { schedulePosition, stageEnd } from './patience.ts'
import { learningRateAt } from './schedules.ts'

/** Epochs of one stage with these validation accuracies. */
const epochs = (accuracies: readonly number[]): EpochLog[] =>
  accuracies.map((accuracy, i) => {
    const metrics = { loss: 1, accuracy, correct: 0, samples: 1 }
    return {
      stage: 'all',
      epoch: i + 1,
      learningRate: 1,
      train: metrics,
      valid: metrics,
      seconds: 1,
      locked: [],
    }
  })

test('without patience, or while something better comes, a stage has all its epochs', () => {
  expect(stageEnd({ epochs: 9, patience: null }, epochs([0.5, 0.5, 0.5]))).toEqual({
    epochs: 9,
    cutAfter: null,
  })
  expect(stageEnd({ epochs: 9, patience: 2 }, epochs([0.5, 0.4, 0.6, 0.5]))).toEqual({
    epochs: 9,
    cutAfter: null,
  })
})

test('after so many epochs without anything better, as many follow', () => {
  const { cutAfter, epochs: end } = stageEnd({ epochs: 20, patience: 2 }, epochs([0.5, 0.6, 0.4, 0.5]))
  expect({ cutAfter, end }).toEqual({ cutAfter: 4, end: 6 })
  // What comes after it, better or not, changes nothing.
  expect(stageEnd({ epochs: 20, patience: 2 }, epochs([0.5, 0.6, 0.4, 0.5, 0.9])).epochs).toBe(6)
  expect(stageEnd({ epochs: 5, patience: 2 }, epochs([0.5, 0.6, 0.4, 0.5])).epochs).toBe(5)
})

test('an equal accuracy with a lower loss is better', () => {
  const logs = epochs([0.5, 0.5, 0.5]).map((log, i) => ({ ...log, valid: { ...log.valid, loss: 3 - i } }))
  expect(stageEnd({ epochs: 9, patience: 1 }, logs).cutAfter).toBeNull()
})

test('a schedule comes to its end where the stage does, without a jump', () => {
  const at = (epoch: number, cutAfter: number | null, end: number, kind: 'cosine' | 'one-cycle') => {
    const position = { epoch, epochs: 20, step: epoch * 10, steps: 200 }
    const schedule = kind === 'cosine' ? { kind } : { kind, warmup: 0.3 }
    return learningRateAt(schedule, 1, schedulePosition(position, { epochs: end, cutAfter }))
  }
  for (const kind of ['cosine', 'one-cycle'] as const) {
    expect(at(3, null, 20, kind)).toBe(at(3, 8, 12, kind))
    expect(at(8, 8, 12, kind)).toBeCloseTo(at(8, null, 20, kind), 12)
    // Three twentieths of the schedule an epoch in place of one.
    expect(at(9, 8, 12, kind)).toBeCloseTo(at(11, null, 20, kind), 12)
    expect(at(12, 8, 12, kind)).toBeCloseTo(at(20, null, 20, kind), 12)
    const rates = [8, 9, 10, 11, 12].map((epoch) => at(epoch, 8, 12, kind))
    expect(rates).toEqual(rates.toSorted((a, b) => b - a))
  }
})
