import { expect, test } from 'vitest'
import { calibrated, compareLosses } from './calibrated.ts'

/** Cross entropy of a true class against another one, `logit` ahead of it. */
const lossOf = (logit: number) => Math.log1p(Math.exp(-logit))

const losses = (logits: readonly number[]) => logits.map(lossOf)
const named = (logits: readonly number[]) =>
  new Map(losses(logits).map((loss, index) => [`${index}.jpg`, loss]))

// Of ten photos as sure as this, three are wrong: the logit that suits them is log(7 / 3).
const sevenOfTen = (logit: number) => [...new Array(7).fill(logit), ...new Array(3).fill(-logit)]

test('finds the temperature at which a confidence is what it claims', () => {
  const fit = Math.log(7 / 3)
  for (const logit of [fit / 2, fit, 4 * fit]) {
    const { temperature, losses: scaled } = calibrated(losses(sevenOfTen(logit)))
    expect(temperature / (logit / fit)).toBeGreaterThan(0.97)
    expect(temperature / (logit / fit)).toBeLessThan(1.03)
    const entropy = -(0.7 * Math.log(0.7) + 0.3 * Math.log(0.3))
    expect(scaled.reduce((sum, loss) => sum + loss, 0) / 10).toBeCloseTo(entropy, 3)
  }
})

test('knows no infinities: certainties right and wrong, no photos at all', () => {
  const { losses: scaled } = calibrated([0, 1e-20, 800])
  expect(scaled.every(Number.isFinite)).toBe(true)
  expect(calibrated([]).losses).toEqual([])
})

test('being surer of the same answers is neither better nor worse', () => {
  const modest = named(sevenOfTen(1))
  const sure = named(sevenOfTen(6))
  const { before, after } = compareLosses(modest, sure)
  expect(after).toBeCloseTo(before, 3)
})

test('more right answers are better, by more than the error where they are many', () => {
  const before = named([...sevenOfTen(2), ...sevenOfTen(2), ...sevenOfTen(2)])
  const logits = [...before.keys()].map((_, index) => (index % 10 === 9 ? -2 : 2))
  const better = compareLosses(before, named(logits))
  expect(better.before - better.after).toBeGreaterThan(better.error)
  const worse = compareLosses(named(logits), before)
  expect(worse.before - worse.after).toBeLessThan(-worse.error)
})

test('compares the photos that both know, and says nothing certain of one', () => {
  const two = new Map([
    ['a', lossOf(1)],
    ['b', lossOf(1)],
  ])
  const { error } = compareLosses(two, new Map([['a', lossOf(3)]]))
  expect(error).toBe(Number.POSITIVE_INFINITY)
})
