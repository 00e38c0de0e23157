import { beforeEach, describe, expect, test } from 'vitest'
import type { Dataset } from '../../dataset/types.ts'
import { presetRecipe } from '../../recipe/index.ts'
import { documentOf, recipeFragment } from '../../recipe/link.ts'
import { initialState, patchData, useApp } from '../state.ts'
import {
  changeAugmentation,
  changeRecipe,
  choosePreset,
  chooseWeights,
  proposePreset,
  resetRecipe,
  setLocked,
  toggleAugmentation,
  toggleOperation,
} from './recipe.ts'
import { importRecipe, openRecipeLink, recipeLink, undoArrival } from './recipe-arrival.ts'

const recipe = () => useApp.getState().recipe
const imagenet = { kind: 'imagenet' } as const
const run = (status: 'running' | 'completed') => useApp.setState(({ run }) => ({ run: { ...run, status } }))

/** Photos of two classes, and a processor that learns from 20 a second. */
function withPhotos(photos: number, rate = 20): void {
  const samples = Array.from({ length: photos }, (_, i) => ({
    path: `${i}.jpg`,
    split: 'train' as const,
    label: i % 2,
    source: { kind: 'file' as const, file: new File([], `${i}.jpg`) },
  }))
  const classes = ['a', 'b'].map((id) => ({ id, name: id }))
  const dataset: Dataset = { name: 'things', classes, samples, problems: [], ignored: 0, splitBySeed: false }
  patchData({ dataset })
  useApp.setState({ probe: { chosen: 'wasm', adapter: '', rates: { wasm: rate } } })
}

beforeEach(() => useApp.setState(initialState, true))

describe('a proposal', () => {
  test('is the quick preset, at the size that the machine has the time for, until the person chooses another', () => {
    withPhotos(2000)
    proposePreset()
    expect(recipe()).toMatchObject({ preset: 'quick', evaluation: { crop: 112 } })
    withPhotos(60, 200)
    proposePreset()
    expect(recipe()).toMatchObject({ preset: 'quick', evaluation: { crop: 224 } })
    choosePreset('best')
    proposePreset()
    expect(recipe().preset).toBe('best')
  })

  test('leaves a freeze plan that was set by hand', async () => {
    withPhotos(2000)
    await setLocked(['stem', 'layer1'])
    proposePreset()
    expect(recipe().preset).toBe('quick')
    expect(recipe().stages.all.locked).toEqual(['stem', 'layer1'])
  })
})

describe('settings that were changed one by one', () => {
  test('stay when other weights are chosen', () => {
    changeRecipe((now) => ({ ...now, batch: 9 }))
    chooseWeights(imagenet)
    expect(recipe()).toMatchObject({ batch: 9, weights: imagenet, evaluation: { crop: 64 } })
  })

  test('are as the preset has them after a reset', () => {
    changeRecipe((now) => ({ ...now, batch: 9, seed: 4, engine: 'wasm' }))
    resetRecipe()
    expect(recipe()).toEqual(presetRecipe('course'))
  })

  test('name what is wrong with a value that no recipe has', () => {
    expect(changeRecipe((now) => ({ ...now, batch: 1000 }))).toEqual({
      path: 'batch',
      code: 'too-big',
      limit: '512',
    })
    expect(recipe().batch).toBe(128)
  })

  test('count for the next run while one goes on; which photos validate cannot change then', () => {
    run('running')
    expect(changeRecipe((now) => ({ ...now, batch: 9 }))).toBeNull()
    expect(changeRecipe((now) => ({ ...now, seed: 9 }))).toMatchObject({ code: 'running' })
    expect(recipe()).toMatchObject({ batch: 9, seed: 0 })
  })
})

describe('an operation that is switched off', () => {
  test('has its values again when it is switched on', () => {
    changeAugmentation((now) => ({ ...now, verticalFlip: 0.3 }))
    toggleOperation('RandomVerticalFlip')
    expect(recipe().augmentation.verticalFlip).toBe(0)
    toggleOperation('RandomVerticalFlip')
    expect(recipe().augmentation.verticalFlip).toBe(0.3)
  })

  test('remembers the last value before a slider went down to nothing', () => {
    changeAugmentation((now) => ({ ...now, grayscale: 0.4 }))
    changeAugmentation((now) => ({ ...now, grayscale: 0 }))
    toggleOperation('RandomGrayscale')
    expect(recipe().augmentation.grayscale).toBe(0.4)
  })

  test('comes back with all others', () => {
    const before = recipe().augmentation
    toggleAugmentation(false)
    expect(recipe().augmentation.horizontalFlip).toBe(0)
    toggleAugmentation(true)
    expect(recipe().augmentation).toEqual(before)
  })
})

describe('a recipe that comes in', () => {
  const teachers = { ...presetRecipe('best'), seed: 31 }

  test('by a link is taken, and can be undone', async () => {
    changeRecipe((now) => ({ ...now, batch: 9 }))
    const before = recipe()
    await openRecipeLink(await recipeLink(teachers))
    expect(recipe()).toEqual(teachers)
    expect(useApp.getState().arrival).toMatchObject({ status: 'taken', from: 'link' })
    undoArrival()
    expect(recipe()).toEqual(before)
    expect(useApp.getState().arrival).toBeNull()
  })

  test('before the folder, and undone after it, leaves what is proposed', async () => {
    await openRecipeLink(await recipeLink(teachers))
    withPhotos(60, 200)
    undoArrival()
    expect(recipe().preset).toBe('quick')
  })

  test('is no longer replaced by a proposal', async () => {
    await openRecipeLink(recipeFragment(teachers))
    withPhotos(2000)
    proposePreset()
    expect(recipe()).toEqual(teachers)
  })

  test('is refused with its problems where a value is impossible, and the settings stay', async () => {
    const before = recipe()
    await importRecipe(new File([JSON.stringify({ ...teachers, batch: 0 })], 'r.json'))
    expect(useApp.getState().arrival).toMatchObject({
      status: 'refused',
      name: 'r.json',
      problems: [{ path: 'batch', code: 'too-small' }],
    })
    await importRecipe(new File(['{'], 'half.json'))
    expect(useApp.getState().arrival).toMatchObject({ status: 'refused', problems: [] })
    await importRecipe(new File([new Uint8Array(200_000)], 'photo.jpg'))
    expect(useApp.getState().arrival).toMatchObject({ status: 'refused', problems: [] })
    expect(recipe()).toEqual(before)
  })

  test('waits where a run goes on', async () => {
    run('running')
    const before = recipe()
    await openRecipeLink(recipeFragment(teachers))
    expect(useApp.getState().arrival).toMatchObject({ problems: [{ code: 'running' }] })
    expect(recipe()).toEqual(before)
  })

  test('leaves an address alone that carries none', async () => {
    await openRecipeLink('#results')
    expect(useApp.getState().arrival).toBeNull()
    expect(() => documentOf('#results')).toThrow()
  })
})
