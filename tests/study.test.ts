/** What `npm run study` reads, skips and sums up; its runs are the command line's. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openFolder } from '../scripts/study/folders.ts'
import { chosenRows, isBeginning, RECIPES, recipesOf } from '../scripts/study/recipes.ts'
import {
  beginning,
  type Part,
  parseRecords,
  recipesSha256,
  StudyFile,
  type StudyRecord,
} from '../scripts/study/record.ts'
import { checkFolder, summaryText } from '../scripts/study/summary.ts'
import { presetRecipe, recipeSchema, stagesOf } from '../src/recipe/index.ts'

const shaOf = (name: string) => recipesSha256(recipesOf(chosenRows([name])[0], 0))

function record(
  recipe: string,
  seed: number,
  accuracy: number,
  others: Partial<StudyRecord> = {},
): StudyRecord {
  return {
    by: 'tabtune',
    recipe,
    sha256: shaOf(recipe),
    data: 'hymenoptera',
    photos: 397,
    seed,
    parts: [
      {
        seconds: 40,
        readySeconds: 2.5,
        best: { stage: 'head', epoch: 9, accuracy },
        stages: [{ stage: 'head', epochs: 30, accuracy, seconds: 35 }],
        engine: 'wasm',
        kernels: 'fma-1',
      },
    ],
    cores: 1,
    ...others,
  }
}

const lineOf = (value: unknown) => `${JSON.stringify(value)}\n`

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabtune-study-'))
  path = join(folder, 'study.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the table of recipes', () => {
  test.each(RECIPES.map((row) => [row.name, row] as const))('%s holds recipes that can run', (_, row) => {
    for (const recipe of recipesOf(row, 3)) {
      expect(recipeSchema.parse(recipe)).toEqual(recipe)
      expect(recipe.seed).toBe(3)
      expect(stagesOf(recipe)).not.toEqual([])
    }
  })

  test('no two rows have one name or train the same', () => {
    const shas = RECIPES.map((row) => recipesSha256(recipesOf(row, 0)))
    expect(new Set(RECIPES.map(({ name }) => name)).size).toBe(RECIPES.length)
    expect(new Set(shas).size).toBe(RECIPES.length)
  })

  test('is chosen from by rows and by groups, in its own order', () => {
    expect(chosenRows(null)).toBe(RECIPES)
    expect(chosenRows(['best', 'quick']).map(({ name }) => name)).toEqual(['quick', 'best'])
    expect(chosenRows(['layers']).map(({ name }) => name)).toContain('all-rates-same')
    expect(() => chosenRows(['quick', 'none-such'])).toThrow('--only none-such: neither a recipe')
  })
})

describe('the beginning of a run', () => {
  const recipeOf = (name: string) => recipesOf(chosenRows([name])[0], 1)[0]

  test('is another row where only later stages differ', () => {
    expect(isBeginning(recipeOf('quick'), recipeOf('best'))).toBe(true)
    expect(isBeginning(recipeOf('standard'), recipeOf('best'))).toBe(true)
    expect(isBeginning(recipeOf('standard'), recipeOf('standard'))).toBe(false)
    expect(isBeginning(recipeOf('best'), recipeOf('standard'))).toBe(false)
    expect(isBeginning(recipeOf('standard'), recipeOf('all'))).toBe(false)
    expect(isBeginning(recipeOf('quick'), recipeOf('upper-no-smoothing'))).toBe(false)
    expect(isBeginning(recipeOf('upper-rate-1e-4'), recipeOf('best'))).toBe(false)
  })

  const [head, upper, all] = [
    { stage: 'head', epochs: 30, accuracy: 0.8, seconds: 36, bestEpoch: 14 },
    { stage: 'upper', epochs: 12, accuracy: 0.86, seconds: 394, bestEpoch: 7 },
    { stage: 'all', epochs: 8, accuracy: 0.86, seconds: 900, bestEpoch: 3 },
  ] as const
  const whole: Part = {
    seconds: 1340,
    readySeconds: 2,
    best: { stage: 'all', epoch: 3, accuracy: 0.86 },
    stages: [head, upper, all],
    engine: 'wasm',
    kernels: 'fma-1',
  }

  test('came to what its stages came to, in their time', () => {
    expect(beginning(whole, ['head', 'upper'])).toEqual({
      ...whole,
      seconds: 440,
      best: { stage: 'upper', epoch: 7, accuracy: 0.86 },
      stages: [head, upper],
    })
    expect(beginning(whole, ['head'])).toMatchObject({
      seconds: 46,
      best: { stage: 'head', epoch: 14, accuracy: 0.8 },
    })
  })

  test('is not known of a run that lacks its stages, or does not say their best epochs', () => {
    expect(beginning({ ...whole, stages: [head] }, ['head', 'upper'])).toBeNull()
    const { bestEpoch, ...former } = head
    expect(beginning({ ...whole, stages: [former, upper] }, ['head'])).toBeNull()
  })
})

describe("a recipe's hash", () => {
  test('is the same whatever the seed and the order of the fields', () => {
    const recipe = presetRecipe('quick')
    const turned = Object.fromEntries(Object.entries(recipe).reverse()) as typeof recipe
    expect(recipesSha256([{ ...turned, seed: 7 }])).toBe(recipesSha256([recipe]))
    expect(recipesSha256([{ ...recipe, batch: 16 }])).not.toBe(recipesSha256([recipe]))
  })
})

describe("the study's file", () => {
  const [first, second] = [record('quick', 1, 0.93), record('quick', 2, 0.94)]

  test('that does not exist has no runs; what is added is found again, by everything that makes a run', () => {
    const file = new StudyFile(path)
    expect(file.records).toEqual([])
    file.add(first)
    expect(file.find(first)).toEqual(first)
    const again = new StudyFile(path)
    expect(again.note).toBeNull()
    expect(again.find({ ...first })).toEqual(first)
    for (const other of [
      { seed: 2 },
      { photos: 398 },
      { data: 'trashnet' },
      { sha256: 'a'.repeat(64) },
      { recipe: 'best' },
      { by: 'pytorch' as const },
    ])
      expect(again.find({ ...first, ...other })).toBeUndefined()
  })

  test('that was cut off goes on after its last whole line', () => {
    writeFileSync(path, lineOf(first) + lineOf(second).slice(0, 50))
    const file = new StudyFile(path)
    expect(file.records).toEqual([first])
    expect(file.note).toMatch(/^line 2, the last, is broken and ignored/)
    file.add(second)
    expect(readFileSync(path, 'utf8')).toBe(lineOf(first) + lineOf(second))
  })

  test('that lacks only its last line end loses no run', () => {
    writeFileSync(path, lineOf(first).trimEnd())
    const file = new StudyFile(path)
    expect(file.records).toEqual([first])
    file.add(second)
    expect(readFileSync(path, 'utf8')).toBe(lineOf(first) + lineOf(second))
  })

  test('with a broken line before the last is refused, and said where', () => {
    expect(() => parseRecords(`{"by":\n${lineOf(first)}`)).toThrow('line 1: not JSON')
    expect(() => parseRecords(lineOf({ ...first, seed: -1 }) + lineOf(second))).toThrow('line 1: seed')
    expect(() => parseRecords(lineOf({ ...first, more: 1 }) + lineOf(second))).toThrow('line 1')
  })

  test('that only prints leaves a broken line as it is', () => {
    writeFileSync(path, '{"by"')
    expect(new StudyFile(path).records).toEqual([])
    expect(readFileSync(path, 'utf8')).toBe('{"by"')
  })
})

describe('the summary', () => {
  const rowsOf = (records: StudyRecord[], label: string) =>
    summaryText(records)
      .split('\n')
      .filter((line) => line.startsWith(`| ${label} |`))

  test('has mean, lowest and highest over the seeds, seconds, epochs and the best stage', () => {
    const runs = [record('quick', 1, 0.93), record('quick', 3, 0.95), record('quick', 2, 0.94)]
    expect(rowsOf(runs, 'quick')).toEqual([
      '| quick | hymenoptera, 397 photos | 1 2 3 | 0.940 | 0.930 | 0.950 | 40 | 2.5 | head 30 | head | 1 |',
    ])
  })

  test('keeps folders apart, and a group of other rows brings the preset that they differ from', () => {
    const runs = [
      record('quick', 1, 0.93),
      record('quick', 1, 0.8, { data: 'trashnet', photos: 780 }),
      record('head-112', 1, 0.9),
    ]
    expect(rowsOf(runs, 'quick')).toHaveLength(4)
    expect(summaryText(runs)).toContain('### Size of the photos')
    expect(summaryText(runs)).not.toContain('### Patience')
  })

  test('adds up two runs of a row, and counts which stage was best', () => {
    const [part] = record('quick', 1, 0.9).parts
    const upper = { ...part, best: { ...part.best, stage: 'all' as const, accuracy: 0.95 } }
    const runs = [
      record('fixres', 1, 0, { parts: [part, upper] }),
      record('fixres', 2, 0, { parts: [part, part] }),
      record('fixres', 3, 0, { parts: [part, upper] }),
    ]
    expect(rowsOf(runs, 'fixres')).toEqual([
      '| fixres | hymenoptera, 397 photos | 1 2 3 | 0.933 (0.900) | 0.900 | 0.950 | 80 | 5.0 | head 30 + head 30 | all 2, head 1 | 1 |',
    ])
  })

  test('does not mix a recipe with what its row was before', () => {
    const old = record('quick', 2, 0.5, { sha256: 'b'.repeat(64) })
    const text = summaryText([record('quick', 1, 0.93), old])
    expect(text).toContain('| quick | hymenoptera, 397 photos | 1 | 0.930 |')
    expect(text).toContain('| quick (bbbbbbbb) | hymenoptera, 397 photos | 2 | 0.500 |')
  })

  test('sets PyTorch beside the same run here', () => {
    const [part] = record('quick', 1, 0.92).parts
    const parts = [{ ...part, mirrored: 0.925 }]
    const theirs = record('quick', 1, 0.92, { by: 'pytorch', cores: 2, parts })
    const text = summaryText([record('quick', 1, 0.93), theirs])
    expect(text).toContain(
      '| quick | hymenoptera, 397 photos | 1 | 0.930 | 0.920 | 0.925 | +0.010 | 40 (1) | 40 (2) | 1.0 |',
    )
  })
})

describe('the check', () => {
  const photos = { name: 'hymenoptera', photos: 397 }
  const runs = [1, 2].flatMap((seed) => [
    record('quick', seed, 0.93),
    record('standard', seed, 0.93),
    record('best', seed, 0.95),
  ])

  test('holds means to the targets of the folder', () => {
    const checked = checkFolder(runs, photos, [1, 2])
    expect(checked.map(({ missed }) => missed)).toEqual([false, true, false])
    expect(checked[1].text).toBe('standard on hymenoptera: 0.930 over seeds 1 2, target 0.935: not reached')
  })

  test('misses a target whose runs are not all there', () => {
    expect(checkFolder(runs, photos, [1, 2, 3]).map(({ missed }) => missed)).toEqual([true, true, true])
  })

  test('only tells of a folder without targets', () => {
    const own = runs.map((run) => ({ ...run, data: 'mine' }))
    const checked = checkFolder(own, { ...photos, name: 'mine' }, [1, 2])
    expect(checked.some(({ missed }) => missed)).toBe(false)
    expect(checked[0].text).toBe('quick on mine: 0.930 over seeds 1 2, no target')
  })
})

describe('a folder', () => {
  test('counts its photos, and a zip of it the same, without its path', () => {
    const birds = join(folder, 'birds')
    mkdirSync(join(birds, 'train', 'owl'), { recursive: true })
    for (const name of ['a.jpg', 'b.PNG', 'notes.txt']) writeFileSync(join(birds, 'train', 'owl', name), '')
    expect(openFolder(birds)).toEqual({ name: 'birds', path: birds, photos: 2 })
    const zip = join(folder, 'birds.zip')
    const empty = new Uint8Array()
    writeFileSync(zip, zipSync({ 'owl/a.jpg': empty, 'owl/b.PNG': empty, 'notes.txt': empty }))
    expect(openFolder(zip)).toEqual({ name: 'birds', path: zip, photos: 2 })
    expect(() => openFolder(join(folder, 'none'))).toThrow('there is no such folder')
  })

  test('samples are those beside the page', () => {
    expect(openFolder('samples')).toMatchObject({ name: 'samples', photos: 150 })
  })
})
