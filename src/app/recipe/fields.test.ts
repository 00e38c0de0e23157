import { describe, expect, test } from 'vitest'
import { presetRecipe, type Recipe, readRecipe } from '../../recipe/index.ts'
import { type Field, isChanged, SECTIONS } from './fields.ts'

const PRESETS = (['course', 'quick', 'standard', 'best'] as const).map((name) => presetRecipe(name))
/** With what only SGD and cached views have. */
const { stages } = PRESETS[0]
const sgd: Recipe = {
  ...PRESETS[0],
  stages: {
    upper: { ...stages.upper, optimizer: { ...stages.upper.optimizer, kind: 'sgd', momentum: 0.9 } },
    head: { ...stages.head, optimizer: { ...stages.head.optimizer, kind: 'sgd', momentum: 0.9 } },
    all: {
      ...stages.all,
      cachedViews: 2,
      optimizer: { ...stages.all.optimizer, kind: 'sgd', momentum: 0.9 },
    },
  },
}
const fields = SECTIONS.flatMap((section) => section.fields)

/** `stages.head.epochs` and the like, down to the last value. */
function leaves(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key))
}

const at = (recipe: Recipe, path: string): string =>
  JSON.stringify(path.split('.').reduce<unknown>((of, key) => Object(of)[key], recipe))

/** The recipe with another value in the field that a recipe may have. */
function changed(recipe: Recipe, field: Field): Recipe {
  const tries = {
    number: () =>
      [1, 0.5, 0.75, 64, 96, 2].map((value) => (field.kind === 'number' ? field.set(recipe, value) : recipe)),
    choice: () => (field.kind === 'choice' ? field.options.map((option) => field.set(recipe, option)) : []),
    switch: () => (field.kind === 'switch' ? [field.set(recipe, !field.get(recipe))] : []),
    stages: () => (field.kind === 'stages' ? [field.set(recipe, ['stem']), field.set(recipe, [])] : []),
  }[field.kind]()
  const taken = tries.find(
    (tried) => readRecipe(tried).recipe && JSON.stringify(tried) !== JSON.stringify(recipe),
  )
  if (!taken) throw new Error(`${field.id} cannot be changed`)
  return taken
}

describe('the settings', () => {
  test('reach every value of a recipe but its version, its preset and its weights', () => {
    const reached = new Set<string>()
    const all = new Set<string>()
    for (const recipe of [...PRESETS, sgd]) {
      for (const path of leaves(recipe)) all.add(path)
      for (const field of fields.filter(({ isThere }) => isThere?.(recipe) ?? true)) {
        const other = changed(recipe, field)
        for (const path of leaves(recipe)) if (at(recipe, path) !== at(other, path)) reached.add(path)
      }
    }
    const own = new Set(['version', 'preset', 'weights.kind', 'weights.sha256'])
    expect([...all].filter((path) => !reached.has(path) && !own.has(path))).toEqual([])
  })

  test('have a name of their own each', () => {
    const ids = fields.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('take only what a choice offers', () => {
    const [course] = PRESETS
    for (const field of fields) if (field.kind === 'choice') expect(field.set(course, 'unknown')).toBe(course)
  })
})

describe('a section', () => {
  test('is as the preset has it until something of it is changed, and again when it is reset', () => {
    for (const preset of PRESETS)
      for (const section of SECTIONS) {
        expect(isChanged(section, preset, preset)).toBe(false)
        for (const field of section.fields.filter(({ isThere }) => isThere?.(preset) ?? true)) {
          const other = changed(preset, field)
          expect(isChanged(section, other, preset), `${preset.preset} ${field.id}`).toBe(true)
          expect(isChanged(section, section.copy(other, preset), preset), field.id).toBe(false)
        }
      }
  })

  test('leaves the other sections alone when it is reset', () => {
    const [course] = PRESETS
    for (const section of SECTIONS)
      for (const other of SECTIONS.filter(({ name }) => name !== section.name && name !== 'run'))
        for (const field of other.fields.filter(({ isThere }) => isThere?.(course) ?? true)) {
          const recipe = changed(course, field)
          expect(section.copy(recipe, course), `${section.name} ${field.id}`).toEqual(recipe)
        }
  })
})
