/** What is kept changes no number of a run, wherever it is kept: on a real engine. */
import { beforeAll, describe, expect, test } from 'vitest'
import { makeEngine } from '../../../tests/engine-factory.ts'
import type { Transform } from '../../augment/types.ts'
import type { Sample } from '../../dataset/types.ts'
import { LOCKABLE_STAGES } from '../../model/index.ts'
import { presetRecipe, type Recipe } from '../../recipe/index.ts'
import {
  DrawnPhotos,
  timeless,
  tinyDataset,
  tinyRecipe,
  tinyRequest,
  tinyTrainer,
} from '../testing/fixtures.ts'
import { IN_MEMORY, type Keeping, type KeptFile } from './keeping.ts'
import { KeptRows } from './rows.ts'

/** Photos that are the same in every view. */
class SamePhotos extends DrawnPhotos {
  override batches(lists: readonly (readonly Sample[])[], transform: Transform) {
    const { evaluation } = presetRecipe('course', 32)
    return super.batches(lists, transform.kind === 'train' ? { kind: 'evaluate', evaluation } : transform)
  }
}

/** A file of `rows` rows of `rowBytes`; every `lossy`th read fails. */
class TestFile implements KeptFile {
  readonly #bytes: Uint8Array<ArrayBuffer>[] = []
  reads = 0
  closed = 0

  constructor(
    readonly rows: number,
    readonly lossy = 0,
  ) {}

  append(bytes: Uint8Array<ArrayBuffer>) {
    return this.#bytes.length < this.rows ? this.#bytes.push(bytes.slice()) - 1 : null
  }

  read(bytes: Uint8Array<ArrayBuffer>, at: number) {
    if (this.lossy > 0 && ++this.reads % this.lossy === 0) return false
    bytes.set(this.#bytes[at])
    return true
  }

  async close() {
    this.closed++
  }
}

const dataset = tinyDataset({ train: 10, valid: 5 })

/** One epoch of the head, then three of what is behind `boundary`. */
function recipeFor(boundary: number, change: Partial<Recipe['stages']['all']> = {}): Recipe {
  const { head, upper, all } = tinyRecipe().stages
  const locked = LOCKABLE_STAGES.slice(0, boundary)
  return tinyRecipe({
    batch: 4,
    stages: { upper, head: { ...head, epochs: 0 }, all: { ...all, epochs: 3, locked, ...change } },
  })
}

async function historyOf(recipe: Recipe, photos: DrawnPhotos, keeping: Keeping = IN_MEMORY) {
  const { trainer, events, end } = tinyTrainer(() => makeEngine('wasm'), undefined, photos, keeping)
  await trainer.run(tinyRequest({ recipe, dataset }))
  const last = end()
  if (last.type !== 'finished') throw new Error(`ended with ${JSON.stringify(last)}`)
  const notices = events.flatMap((event) => (event.type === 'notice' ? [event.code] : []))
  return { epochs: timeless(last.history).epochs, notices }
}

test.each([1, 2, 3, 4, 5])(
  'with one view a run is the run that keeps nothing, boundary %i',
  async (boundary) => {
    const fresh = await historyOf(recipeFor(boundary), new SamePhotos())
    const photos = new SamePhotos()
    const kept = await historyOf(recipeFor(boundary, { cachedViews: 1 }), photos)
    expect(kept.epochs).toEqual(fresh.epochs)
    expect(kept.epochs).toHaveLength(3)
    expect(kept.notices).toEqual([])
    // Training photos once; validation photos once, and once more with the result where more than the classifier is in it.
    expect(photos.loaded.evaluate).toBe(10 + 5 + (boundary === 5 ? 0 : 5))
  },
)

describe('two views before layer4', () => {
  const recipe = recipeFor(4, { cachedViews: 2 })
  /** 2 x 2 x 256 values. */
  const rowBytes = 4 * 4 * 256
  let inMemory: Awaited<ReturnType<typeof historyOf>> | null = null
  beforeAll(async () => {
    inMemory = await historyOf(recipe, new DrawnPhotos())
  })

  test.each<[string, number, TestFile | null, string[]]>([
    ['some in memory, the others in a file', 7, new TestFile(100), ['activations-in-storage']],
    ['in a file that is full half-way', 0, new TestFile(7), ['activations-in-storage', 'activations-fresh']],
    ['in a file that loses what it was given', 3, new TestFile(100, 5), ['activations-in-storage']],
    ['some in memory, the others nowhere', 12, null, ['activations-fresh']],
    ['nowhere', 0, null, ['activations-fresh']],
  ])('are the same where they are kept %s', async (_, rows, file, notices) => {
    const keeping = { memory: rows * rowBytes, openFile: async () => file }
    const photos = new DrawnPhotos()
    const { epochs, notices: said } = await historyOf(recipe, photos, keeping)
    expect(epochs).toEqual(inMemory?.epochs)
    expect(said).toEqual(notices)
    if (file) expect(file.closed).toBe(1)
    if (file?.rows === 7) expect(photos.loaded.train).toBeGreaterThan(20)
  })

  test('are the same where a photo cannot be read', async () => {
    const broken = ['train/1/001.png', 'valid/2/002.png']
    const histories = []
    for (const memory of [2 ** 29, 5 * rowBytes, 0])
      histories.push(
        (await historyOf(recipe, new DrawnPhotos(broken), { memory, openFile: async () => null })).epochs,
      )
    expect(histories[1]).toEqual(histories[0])
    expect(histories[2]).toEqual(histories[0])
    expect(histories[0][0].train.samples).toBe(9)
  })
})

test('rows in half precision are the same in memory, in a file and kept nowhere', async () => {
  const file = new TestFile(1)
  const values = Float32Array.of(0.1, 1e6, -3, 0)
  const rows = new KeptRows({ memory: 8, openFile: async () => file }, 4, 'float16')
  for (const name of ['memory', 'file', 'nowhere']) await rows.put(name, values)
  expect(rows.isFull).toBe(true)
  expect(rows.has('nowhere')).toBe(false)
  const into = () => new Float32Array(4)
  const [memory, stored, fresh] = [into(), into(), into()]
  expect(rows.get('memory', memory)).toBe(true)
  expect(rows.get('file', stored)).toBe(true)
  expect(rows.get('nowhere', fresh)).toBe(false)
  rows.asKept(values, fresh)
  expect([...memory]).toEqual([0.0999755859375, 65504, -3, 0])
  expect(stored).toEqual(memory)
  expect(fresh).toEqual(memory)
  await rows.close()
  expect(rows.has('memory')).toBe(false)
  expect(file.closed).toBe(1)
})
