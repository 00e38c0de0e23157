import { expect, test } from 'vitest'
import type { PhotoPrediction } from '../training/events.ts'
import { compareRuns } from './compare-runs.ts'

const classes = ['ants', 'bees'].map((name) => ({ id: name, name }))

/** Photo `i` is of class i % 2; those in `wrong` are taken for the other. */
const run = (photos: number, wrong: readonly number[], split: 'valid' | 'test' = 'valid') =>
  Array.from({ length: photos }, (_, i): PhotoPrediction => {
    const trueClass = i % 2
    const predictedClass = wrong.includes(i) ? 1 - trueClass : trueClass
    return { path: `${i}.jpg`, split, trueClass, predictedClass, confidence: 0.9, loss: 0.1 }
  })

test('classes and photos that two runs differ in', () => {
  const found = compareRuns(classes, run(20, [0, 1, 2]), run(20, [1]))
  expect(found).toMatchObject({
    photos: 20,
    right: [17, 19],
    classes: [{ name: 'ants', photos: 10, first: 8, second: 10 }],
    onlyFirst: [],
  })
  expect(found.onlySecond.map(({ path }) => path)).toEqual(['0.jpg', '2.jpg'])
  // Two of two by chance: one half squared, on either side.
  expect(found.chance).toBeCloseTo(0.5, 12)
})

test('equal runs differ by chance always; one-sided differences of ten hardly ever', () => {
  expect(compareRuns(classes, run(9, [3]), run(9, [3]))).toMatchObject({ classes: [], chance: 1 })
  const wrong = Array.from({ length: 10 }, (_, i) => i)
  expect(compareRuns(classes, run(20, wrong), run(20, [])).chance).toBeCloseTo(2 / 1024, 12)
})

test('only validation photos that both know count', () => {
  expect(compareRuns(classes, run(4, []), run(2, [])).photos).toBe(2)
  expect(compareRuns(classes, run(4, [], 'test'), run(4, [])).photos).toBe(0)
})

test('thousands of differences are no underflow', () => {
  const odd = Array.from({ length: 4000 }, (_, i) => i)
  expect(
    compareRuns(
      classes,
      run(8000, odd),
      run(
        8000,
        odd.map((i) => i + 4000),
      ),
    ).chance,
  ).toBeCloseTo(1, 1)
})
