import { expect, test } from 'vitest'
import { score } from './metrics.ts'
import { hardest, mayBeMislabelled, trueProbability } from './top-losses.ts'

const scored = (trueClass: number, logits: readonly number[]) => {
  const [{ label, probability, loss }] = score(Float32Array.from(logits), [trueClass]).predicted
  return { trueClass, predictedClass: label, confidence: probability, loss }
}

test('the loss is that of the true class, so that its probability is read from it', () => {
  const sample = scored(1, [2, -1, 0.5])
  // torch.nn.functional.cross_entropy(torch.tensor([[2., -1., 0.5]]), torch.tensor([1]))
  expect(sample.loss).toBeCloseTo(3.2413112, 6)
  expect(trueProbability(sample)).toBeCloseTo(Math.exp(-1) / (Math.exp(2) + Math.exp(-1) + Math.exp(0.5)), 9)
  expect(score(Float32Array.of(2, -1, 0.5), [1], 0.1).predicted[0].loss).toBeCloseTo(3.2413112, 6)
})

test('a probability too small for a number still has its place in the order', () => {
  const list = [scored(1, [1000, 0]), scored(1, [2000, 0]), scored(0, [3, 0])]
  expect(list.slice(0, 2).map(trueProbability)).toEqual([0, 0])
  expect(hardest(list).map(({ loss }) => Math.round(loss))).toEqual([2000, 1000, 0])
})

test('only where the network is sure of another class may the label be wrong', () => {
  expect(mayBeMislabelled(scored(1, [5, 0]))).toBe(true)
  expect(mayBeMislabelled(scored(1, [1, 0]))).toBe(false)
  expect(mayBeMislabelled(scored(0, [5, 0]))).toBe(false)
})
