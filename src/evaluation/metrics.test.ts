import { expect, test } from 'vitest'
import {
  accuracyInterval,
  crossEntropy,
  MetricsSum,
  majorityShare,
  softmax,
  top1,
  topClasses,
} from './metrics.ts'

test('softmax adds up to one and survives large logits', () => {
  const probabilities = softmax([1000, 1001, 999])
  expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
  expect(probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(-1) + Math.exp(-2)), 12)
})

test("cross entropy is PyTorch's, with and without label smoothing", () => {
  // torch.nn.CrossEntropyLoss(label_smoothing=s)(torch.tensor([[2., -1., 0.5]], dtype=float64), torch.tensor([1]))
  expect(crossEntropy([2, -1, 0.5], 1)).toBeCloseTo(3.2413112, 6)
  expect(crossEntropy([2, -1, 0.5], 1, 0.1)).toBeCloseTo(3.0913112, 6)
  expect(crossEntropy([1000, -1000], 0)).toBe(0)
  expect(crossEntropy([1000, -1000], 1)).toBe(2000)
})

test('smoothing by one would ask for the uniform distribution whatever the label', () => {
  expect(crossEntropy([2, -1, 0.5], 0, 1)).toBeCloseTo(crossEntropy([2, -1, 0.5], 2, 1), 12)
})

test('of equal logits the first class wins', () => {
  expect(top1([1, 3, 3])).toBe(1)
  expect(top1([0, 0, 0])).toBe(0)
  expect(topClasses([0.2, 0.4, 0.4], 2)).toEqual([
    { label: 1, probability: 0.4 },
    { label: 2, probability: 0.4 },
  ])
})

test('means are over samples, not over batches', () => {
  const sum = new MetricsSum()
  sum.add(1, 2, 4)
  sum.add(4, 1, 1)
  expect(sum.means()).toEqual({ loss: 1.6, accuracy: 0.6, correct: 3, samples: 5 })
  expect(() => new MetricsSum().means()).toThrow('no samples')
})

test('the majority share is that of the most frequent class', () => {
  expect(majorityShare([0, 1, 1, 1])).toBe(0.75)
  expect(majorityShare([])).toBe(0)
})

test('the interval of an accuracy is Wilson’s', () => {
  // Worked out from the formula in Wilson 1927, z = 1.959964.
  const { low, high } = accuracyInterval(141, 153)
  expect(low).toBeCloseTo(0.8679, 4)
  expect(high).toBeCloseTo(0.9546, 4)
  expect(accuracyInterval(10, 10).high).toBeCloseTo(1, 12)
  expect(accuracyInterval(0, 10).low).toBeCloseTo(0, 12)
  expect(accuracyInterval(0, 0)).toEqual({ low: 0, high: 1 })
})
