import { expect, test } from 'vitest'
import { balancedWeights } from './class-weights.ts'

test('balanced weights are those of scikit-learn, and a class without photos is left alone', () => {
  // compute_class_weight('balanced', classes=[0, 1, 2], y=[0, 0, 0, 1, 1, 2]) = [0.667, 1, 2]
  expect(balancedWeights([0, 0, 0, 1, 1, 2], 3)).toEqual([6 / 9, 1, 2])
  expect(balancedWeights([0, 0, 1, 1], 3)).toEqual([4 / 6, 4 / 6, 1])
})
