import { expect, test } from 'vitest'
import reference from '../../tests/reference/schedules.json' with { type: 'json' }
import { cosineAnnealing, learningRateAt, oneCycle, stepDecay } from './schedules.ts'

function expectRates(actual: number[], expected: number[]) {
  expect(actual).toHaveLength(expected.length)
  for (const [i, rate] of expected.entries())
    expect(Math.abs(actual[i] - rate)).toBeLessThan(rate * 1e-9 + 1e-15)
}

test("StepLR gives PyTorch's very numbers", () => {
  const expected = reference['StepLR step_size=10 gamma=0.1']
  expect(expected.map((_, epoch) => stepDecay(0.1, epoch, 10, 0.1))).toEqual(expected)
})

test('cosine annealing agrees with PyTorch at each epoch', () => {
  const expected = reference['CosineAnnealingLR T_max=20 eta_min=0.001']
  expectRates(
    expected.map((_, epoch) => cosineAnnealing(0.1, epoch, 20, 0.001)),
    expected,
  )
})

test('one-cycle agrees with PyTorch at each step', () => {
  const expected = reference['OneCycleLR max_lr=0.4 total_steps=30 pct_start=0.3']
  expectRates(
    expected.map((_, step) => oneCycle(0.4, step, 30, 0.3)),
    expected,
  )
})

test('step and cosine change after an epoch, one-cycle after a batch', () => {
  const at = (epoch: number, step: number) => ({ epoch, epochs: 4, step, steps: 40 })
  const step = { kind: 'step', every: 2, gamma: 0.1 } as const
  expect(learningRateAt(step, 1, at(1, 19))).toBe(1)
  expect(learningRateAt(step, 1, at(2, 20))).toBe(0.1)
  expect(learningRateAt({ kind: 'cosine' }, 1, at(1, 10))).toBe(
    learningRateAt({ kind: 'cosine' }, 1, at(1, 19)),
  )
  const cycle = { kind: 'one-cycle', warmup: 0.3 } as const
  expect(learningRateAt(cycle, 1, at(0, 1))).toBeGreaterThan(learningRateAt(cycle, 1, at(0, 0)))
  expect(learningRateAt({ kind: 'constant' }, 0.5, at(3, 39))).toBe(0.5)
})

test('one-cycle stays finite where the warm-up is shorter than a step and where a stage is one step', () => {
  expect(oneCycle(1, 0, 3, 0.3)).toBe(1)
  expect(oneCycle(1, 2, 3, 0.3)).toBeCloseTo(4e-6, 12)
  expect(oneCycle(1, 0, 1, 0.3)).toBe(1)
  expect(oneCycle(1, 0, 10, 0.1)).toBe(1)
})
