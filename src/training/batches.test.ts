import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutBatches, epochOrder, needsTwoPhotos, trainBatches } from './batches.ts'

const items = Array.from({ length: 41 }, (_, i) => i)
const recipe = (shuffle: boolean, crop: number) => ({
  shuffle,
  seed: 7,
  batch: 20,
  evaluation: { mode: 'both' as const, resize: 48, crop },
})

test('without shuffle the sorted order stays', () => {
  expect(epochOrder(items, recipe(false, 64), 'head', 3)).toEqual(items)
})

test('a shuffle depends on seed, stage and epoch, and on nothing else', () => {
  const order = epochOrder(items, recipe(true, 64), 'head', 1)
  expect(order).not.toEqual(items)
  expect([...order].sort((a, b) => a - b)).toEqual(items)
  expect(epochOrder(items, recipe(true, 64), 'head', 1)).toEqual(order)
  expect(epochOrder(items, recipe(true, 64), 'head', 2)).not.toEqual(order)
  expect(epochOrder(items, recipe(true, 64), 'all', 1)).not.toEqual(order)
  expect(epochOrder(items, { shuffle: true, seed: 8 }, 'head', 1)).not.toEqual(order)
})

test('the last, smaller batch trains too', () => {
  expect(trainBatches(items, recipe(false, 64), 'all', 1).map((batch) => batch.length)).toEqual([20, 20, 1])
})

test('a last batch of one joins the one before where layer4 is 1 x 1', () => {
  expect(needsTwoPhotos(32)).toBe(true)
  expect(needsTwoPhotos(33)).toBe(false)
  expect(trainBatches(items, recipe(false, 32), 'all', 1).map((batch) => batch.length)).toEqual([20, 21])
  expect(cutBatches([1], 20, true)).toEqual([[1]])
})

test('every item is in exactly one batch, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), fc.boolean(), (list, size, join) => {
      const batches = cutBatches(list, size, join)
      expect(batches.flat()).toEqual(list)
      for (const batch of batches.slice(0, -1)) expect(batch).toHaveLength(size)
    }),
  )
})
