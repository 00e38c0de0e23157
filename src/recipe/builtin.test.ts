import { expect, test } from 'vitest'
import { BUILTIN_WEIGHTS, FORMER_BUILTIN_WEIGHTS, isFormerBuiltin } from './builtin.ts'
import { presetRecipe } from './presets.ts'
import { readRecipe } from './problems.ts'

const sourceOf = (weights: object) => readRecipe({ ...presetRecipe('course'), weights }).recipe?.weights

test('a recipe says which weights are built in, and reads back as it is', () => {
  const recipe = presetRecipe('course')
  expect(recipe.weights).toEqual(BUILTIN_WEIGHTS)
  expect(readRecipe(JSON.parse(JSON.stringify(recipe))).recipe).toEqual(recipe)
})

test('one that names none, or the former ones, starts from a file that must be given', () => {
  expect(sourceOf({ kind: 'builtin' })).toEqual(FORMER_BUILTIN_WEIGHTS)
  expect(sourceOf({ kind: 'builtin', sha256: FORMER_BUILTIN_WEIGHTS.sha256 })).toEqual(FORMER_BUILTIN_WEIGHTS)
  expect(isFormerBuiltin(FORMER_BUILTIN_WEIGHTS)).toBe(true)
  expect(isFormerBuiltin(BUILTIN_WEIGHTS)).toBe(false)
})

test('one of weights that some other version has built in is a file too', () => {
  const sha256 = 'ab'.repeat(32)
  expect(sourceOf({ kind: 'builtin', sha256 })).toEqual({
    kind: 'file',
    name: 'builtin-abababab.safetensors',
    sha256,
  })
})

test('a hash that is none is refused', () => {
  expect(
    readRecipe({ ...presetRecipe('course'), weights: { kind: 'builtin', sha256: 'x' } }).problems,
  ).toEqual([{ path: 'weights.sha256', code: 'wrong-type', limit: '' }])
})
