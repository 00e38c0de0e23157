import { expect, test } from 'vitest'
import { batchWeight } from '../class-weights.ts'
import { crossEntropy } from './criterion.ts'

const logits = Float32Array.from([1.5, -0.5, 0.25, 0, 2, -1, -1, 0.5, 3, 0.3, 0.2, 0.1])
const labels = Int32Array.of(0, 1, 0, 2)
const weights = [0.5, 1, 2]

/** torch.nn.CrossEntropyLoss(weight, label_smoothing) of these logits in double precision: the loss, and its gradient. */
const PYTORCH: [number, number, number[]][] = [
  [
    0,
    1.1993862031558415,
    [
      -0.037085753, 0.0118979, 0.025187853, 0.0285488, -0.039051316, 0.010502517, -0.122919435, 0.009324445,
      0.113594991, 0.183582701, 0.166112497, -0.349695197,
    ],
  ],
  [
    0.1,
    1.2641805221195033,
    [
      -0.01703052, 0.005150953, 0.011879567, 0.024857947, -0.018868838, -0.005989108, -0.114308693,
      0.002234371, 0.112074323, 0.171766755, 0.150857809, -0.322624564,
    ],
  ],
]

test.each(PYTORCH)(
  "classes that weigh differently give PyTorch's loss, label smoothing %s",
  (smoothing, loss, gradient) => {
    const counts = batchWeight(labels, weights)
    expect(counts).toBe(4)
    const found = crossEntropy(logits, labels, smoothing, 1 / counts, weights)
    expect(found.lossSum / counts).toBeCloseTo(loss, 6)
    found.gradient.forEach((value, i) => {
      expect(value, `${i}`).toBeCloseTo(gradient[i], 7)
    })
    expect(found.correct).toBe(2)
    // In two portions, each over what the whole batch counts.
    const half = (from: number, to: number) =>
      crossEntropy(
        logits.subarray(3 * from, 3 * to),
        labels.subarray(from, to),
        smoothing,
        1 / counts,
        weights,
      )
    expect((half(0, 2).lossSum + half(2, 4).lossSum) / counts).toBeCloseTo(loss, 6)
    expect([...half(0, 2).gradient, ...half(2, 4).gradient]).toEqual([...found.gradient])
  },
)

test('classes that weigh the same give the loss without weights', () => {
  const plain = crossEntropy(logits, labels, 0.1, 0.25)
  const same = crossEntropy(logits, labels, 0.1, 1 / batchWeight(labels, [3, 3, 3]), [3, 3, 3])
  expect(same.lossSum / 12).toBeCloseTo(plain.lossSum / 4, 10)
  same.gradient.forEach((value, i) => {
    expect(value).toBeCloseTo(plain.gradient[i], 7)
  })
})
