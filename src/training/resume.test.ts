/** A run that is cut off and resumed is the run that was not, on a real engine. */
import { expect, test } from 'vitest'
import { makeEngine } from '../../tests/engine-factory.ts'
import { presetRecipe, type Recipe } from '../recipe/index.ts'
import type { History, TrainEvent } from './events.ts'
import { timeless, tinyDataset, tinyRecipe, tinyRequest, tinyTrainer } from './testing/fixtures.ts'

const wasm = () => makeEngine('wasm')
const dataset = tinyDataset({ train: 14, valid: 4, test: 2 })

function historyOf(end: TrainEvent): History {
  if (end.type !== 'finished') throw new Error(`ended with ${end.type}: ${'detail' in end ? end.detail : ''}`)
  return end.history
}

/** Runs to the end. */
async function whole(recipe: Recipe): Promise<History> {
  const { trainer, end } = tinyTrainer(wasm)
  await trainer.run(tinyRequest({ recipe, dataset }))
  return historyOf(end())
}

/** Cuts the run within the epoch after `epochs` whole ones, and resumes it with a trainer that knows nothing of it. */
async function cut(recipe: Recipe, epochs: number): Promise<History> {
  const first = tinyTrainer(wasm)
  let done = 0
  first.onEvent((event) => {
    if (event.type === 'epoch') done++
    if (event.type === 'step' && done === epochs) first.trainer.stop()
  })
  await first.trainer.run(tinyRequest({ recipe, dataset }))
  expect(historyOf(first.end()).epochs).toHaveLength(epochs)
  const second = tinyTrainer(wasm, first.store)
  await second.trainer.run(tinyRequest({ recipe, dataset, resume: true }))
  return historyOf(second.end())
}

const best = presetRecipe('best', 32).stages
const recipes: Record<string, Recipe> = {
  'Adam, StepLR, fresh augmentation': tinyRecipe(),
  'AdamW, one-cycle, stage scales, label smoothing, two cached views': tinyRecipe({
    labelSmoothing: 0.1,
    stages: {
      upper: { ...best.upper, epochs: 0 },
      head: { ...best.head, epochs: 3, cachedViews: 2 },
      all: { ...best.all, epochs: 2 },
    },
  }),
  'the plain view and another before layer4, which trains until patience is over, then all': tinyRecipe({
    stages: {
      head: { ...best.head, epochs: 1 },
      upper: { ...best.upper, epochs: 6, cachedViews: 2, patience: 1 },
      all: { ...best.all, epochs: 1 },
    },
  }),
}

for (const [name, recipe] of Object.entries(recipes)) {
  test(`${name}: the same recipe gives the same history twice, and so does a run that was cut off`, async () => {
    const expected = timeless(await whole(recipe))
    expect(expected.epochs.at(-1)?.train.loss).toBeLessThan(expected.epochs[0].train.loss)
    expect(timeless(await whole(recipe))).toEqual(expected)
    const { epochs: head } = recipe.stages.head
    for (const epochs of [1, head + 1]) expect(timeless(await cut(recipe, epochs))).toEqual(expected)
  })
}
