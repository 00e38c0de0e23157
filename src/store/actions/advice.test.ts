import { expect, test } from 'vitest'
import { presetRecipe, readRecipe } from '../../recipe/index.ts'
import { useApp } from '../state.ts'
import { advisedRecipe, follow, stronger, undoAdvice } from './advice.ts'

test.each([
  ['lower-rate', { learningRate: 3e-5, epochs: 12 }],
  ['higher-rate', { learningRate: 3e-3, epochs: 12 }],
  ['more-epochs', { learningRate: 3e-4, epochs: 24 }],
] as const)('%s changes one number of the stage that it is about', (advice, expected) => {
  const before = presetRecipe('standard')
  const after = advisedRecipe(before, advice, 'upper')
  const { epochs, optimizer } = after.stages.upper
  expect({ learningRate: optimizer.learningRate, epochs }).toEqual(expected)
  expect(after.stages.head).toEqual(before.stages.head)
  expect(readRecipe(after).recipe).not.toBeNull()
})

test('a learning rate is never more than a recipe may have', () => {
  let recipe = presetRecipe('course')
  for (let i = 0; i < 6; i++) recipe = advisedRecipe(recipe, 'higher-rate', 'head')
  expect(recipe.stages.head.optimizer.learningRate).toBe(10)
})

test.each(['standard', 'course'] as const)(
  'more augmentation is more of each, and ends somewhere: %s',
  (preset) => {
    const { augmentation } = presetRecipe(preset)
    const once = stronger(augmentation)
    let often = once
    for (let i = 0; i < 10; i++) often = stronger(often)
    expect(stronger(often)).toEqual(often)
    for (const key of ['brightness', 'contrast', 'saturation', 'hue'] as const) {
      expect(once.jitter[key]).toBeGreaterThanOrEqual(augmentation.jitter[key])
      expect(often.jitter[key]).toBeLessThanOrEqual(0.4)
    }
    expect(often.verticalFlip).toBe(augmentation.verticalFlip)
    expect(readRecipe({ ...presetRecipe(preset), augmentation: often }).recipe).not.toBeNull()
  },
)

test('what was advised is taken back, unless the settings were changed since', async () => {
  const recipe = presetRecipe('standard')
  useApp.setState({ recipe })
  await follow('lower-rate', 'upper')
  expect(useApp.getState().recipe.stages.upper.optimizer.learningRate).toBe(3e-5)
  undoAdvice()
  expect(useApp.getState()).toMatchObject({ recipe, advised: null })
  await follow('lower-rate', 'upper')
  const own = { ...useApp.getState().recipe, batch: 7 }
  useApp.setState({ recipe: own })
  undoAdvice()
  expect(useApp.getState().recipe).toBe(own)
})
