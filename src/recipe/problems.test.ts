import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { goingOn } from './go-on.ts'
import { documentOf, recipeFragment } from './link.ts'
import { presetRecipe } from './presets.ts'
import { readRecipe } from './problems.ts'
import { PRESETS, type Preset } from './recipe.ts'

type Path = readonly (string | number)[]

/** The best preset as a document, with one value replaced (or taken out by `undefined`). */
function withValue(path: Path, value: unknown): unknown {
  const replaced = (of: unknown, [key, ...rest]: Path): unknown => {
    if (key === undefined) return value
    if (Array.isArray(of)) return of.map((item, i) => (i === key ? replaced(item, rest) : item))
    const record: Record<string, unknown> = { ...Object(of) }
    record[key] = replaced(record[key], rest)
    return record
  }
  return JSON.parse(JSON.stringify(replaced(presetRecipe('best'), path)))
}

describe('a document that is no recipe', () => {
  test.each<[Path, unknown, string, string]>([
    [['batch'], 0, 'too-small', '1'],
    [['batch'], 513, 'too-big', '512'],
    [['batch'], 1.5, 'not-whole', ''],
    [['batch'], '32', 'not-a-number', ''],
    [['batch'], undefined, 'missing', ''],
    [['stages', 'head', 'optimizer', 'learningRate'], 0, 'not-above', '0'],
    [['labelSmoothing'], 1, 'not-below', '1'],
    [['stages', 'all', 'optimizer', 'kind'], 'lion', 'not-offered', 'adam, adamw, sgd'],
    [
      ['stages', 'all', 'schedule', 'kind'],
      'warm-restarts',
      'not-offered',
      'constant, step, cosine, one-cycle',
    ],
    [['augmentation', 'geometry', 'scale'], [0.9, 0.3], 'order', ''],
    [['evaluation', 'crop'], 96, 'sizes-differ', ''],
    [['shuffle'], 'yes', 'wrong-type', 'boolean'],
    [['augmentation', 'blur'], 3, 'unknown-field', ''],
  ])('%j = %j is named with its field and its bound', (path, value, code, limit) => {
    const { problems } = readRecipe(withValue(path, value))
    expect(problems).toHaveLength(1)
    expect(problems?.[0]).toMatchObject({ path: path.join('.'), code })
    if (limit) expect(problems?.[0].limit).toBe(limit)
  })

  test('a list, a number and nothing are not recipes', () => {
    for (const document of [[], 7, null, 'recipe'])
      expect(readRecipe(document).problems).toEqual([{ path: '', code: 'not-a-recipe', limit: '' }])
  })
})

describe('an older recipe, whose cached views stand once', () => {
  const older = (headFeatures: unknown, preset: Preset = 'course') => {
    const { stages, ...recipe } = presetRecipe(preset)
    const { cachedViews: _, ...head } = stages.head
    const { cachedViews: __, ...all } = stages.all
    return { ...recipe, headFeatures, stages: { head, all } }
  }

  test('is read with them where the stage locks the whole backbone', () => {
    expect(readRecipe(older({ views: 4 })).recipe?.stages.head.cachedViews).toBe(4)
    expect(readRecipe(older(null)).recipe).toMatchObject(presetRecipe('course'))
    const { stages } = older({ views: 3 })
    const both = {
      ...older({ views: 3 }),
      stages: { ...stages, all: { ...stages.all, locked: stages.head.locked } },
    }
    expect(readRecipe(both).recipe?.stages.all.cachedViews).toBe(3)
    const partly = { ...stages, head: { ...stages.head, locked: ['stem', 'layer1'] } }
    expect(readRecipe({ ...older({ views: 3 }), stages: partly }).recipe?.stages.head.cachedViews).toBeNull()
  })

  test('is refused where their number is none', () => {
    expect(readRecipe(older({ views: 0 })).problems).toMatchObject([
      { path: 'stages.head.cachedViews', code: 'too-small', limit: '1' },
    ])
    expect(readRecipe(older('four')).problems).toMatchObject([
      { path: 'headFeatures', code: 'unknown-field' },
    ])
  })
})

test('a recipe of two stages has a third one without epochs, and `quality` is what `best` was called', () => {
  const { stages, ...recipe } = presetRecipe('best')
  const { upper: _, ...two } = stages
  const read = readRecipe({ ...recipe, preset: 'quality', stages: two }).recipe
  expect(read).toMatchObject({ ...recipe, preset: 'best', stages: two })
  expect(read?.stages.upper.epochs).toBe(0)
})

test('quick, standard and best go on from each other; the course from nothing', () => {
  const [quick, standard, best] = (['quick', 'standard', 'best'] as const).map((name) => presetRecipe(name))
  expect(goingOn(quick)).toEqual({ recipe: standard, stage: 'upper' })
  expect(goingOn(standard)).toEqual({ recipe: best, stage: 'all' })
  expect(goingOn(best)).toBeNull()
  expect(goingOn(presetRecipe('course'))).toBeNull()
  const own = { ...quick, seed: 7, batch: 9 }
  expect(goingOn(own)?.recipe).toEqual({ ...standard, seed: 7, batch: 9 })
})

describe('a recipe in a link', () => {
  test('comes back as it was, without what it ran on, and is short enough to be sent', () => {
    for (const preset of PRESETS) {
      const recipe = { ...presetRecipe(preset), seed: 17 }
      const resolved = { engine: 'wasm', kernels: 'x', microBatch: null } as const
      const fragment = recipeFragment({ ...recipe, resolved })
      expect(fragment).toMatch(/^#recipe=[\w-]+$/)
      expect(fragment.length).toBeLessThan(1000)
      expect(readRecipe(documentOf(fragment)).recipe).toEqual(recipe)
    }
  })

  test('is refused where it was cut off or changed, and never taken for another recipe', () => {
    const whole = recipeFragment(presetRecipe('course'))
    fc.assert(
      fc.property(fc.integer({ min: 8, max: whole.length - 1 }), (length) => {
        expect(() => documentOf(whole.slice(0, length))).toThrow()
      }),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        let document: unknown = null
        try {
          document = documentOf(`#recipe=${text}`)
        } catch {
          return
        }
        expect(readRecipe(document).recipe).toBeNull()
      }),
    )
  })

  test('is not unpacked where it is far too long', () => {
    expect(() => documentOf(`#recipe=${'A'.repeat(9000)}`)).toThrow(/too many/)
  })
})
