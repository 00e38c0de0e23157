import { beforeEach, expect, test } from 'vitest'
import { LOCK_ALL } from '../model/index.ts'
import type { Checkpoint } from './checkpoint.ts'
import { MemoryStore, POINTER_FILE } from './checkpoint-store.ts'
import { Checkpoints } from './checkpoints.ts'
import type { BestMark } from './events.ts'
import { tinyRecipe } from './testing/fixtures.ts'

const KEY = 'my photos'

/** Epoch `epoch` of the head stage; its tensors hold the epoch's number. */
function checkpoint(epoch: number, bestEpoch = epoch): Checkpoint {
  const floats = (value: number) => Float32Array.of(value, value)
  const tensors = (value: number) => ({
    weights: new Map([['fc.bias', { dtype: 'F32', shape: [2], data: floats(value) } as const]]),
    optimizer: new Map([['fc.bias', { step: 3 * value, m: floats(value + 0.25), v: floats(value + 0.5) }]]),
  })
  const mark = (of: number): BestMark => ({ stage: 'head', epoch: of, accuracy: 0.5, loss: of })
  return {
    about: {
      version: 1,
      datasetName: 'photos',
      datasetHash: 'abc',
      classes: 2,
      recipe: { ...tinyRecipe(), resolved: { engine: 'wasm', kernels: 'k1', microBatch: null } },
      stages: ['head', 'all'],
      engine: { engine: 'wasm', adapter: 'cpu', kernels: 'k1', microBatch: null },
      weights: { kind: 'builtin', name: 'built in', sha256: '0'.repeat(64) },
    },
    savedAt: `2026-01-01T00:00:0${epoch}.000Z`,
    state: {
      stage: 'head',
      epochsDone: epoch,
      stepsDone: 3 * epoch,
      stageSteps: 30,
      locked: LOCK_ALL,
      epochs: [],
      skipped: new Set(['bad.jpg']),
      ...tensors(epoch),
      best: { mark: mark(bestEpoch), ...tensors(bestEpoch) },
    },
  }
}

const damage: Record<string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | null> = {
  'is cut short': (bytes) => bytes.slice(0, bytes.length / 2),
  'is empty': () => new Uint8Array(),
  'has one bit turned': (bytes) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
  'is missing': () => null,
}

let store: MemoryStore
let checkpoints: Checkpoints
const files = () => store.folders.get(KEY) ?? new Map<string, Uint8Array<ArrayBuffer>>()
const generation = (number: number) =>
  [...files().keys()].find((name) => name.startsWith(String(number).padStart(8, '0'))) ?? ''
/** The newest checkpoint as a session that starts anew reads it. */
const reloaded = () => new Checkpoints(store).load(KEY)

beforeEach(() => {
  store = new MemoryStore()
  checkpoints = new Checkpoints(store)
})

function damageFile(name: string, kind: string) {
  const bytes = damage[kind](files().get(name) ?? new Uint8Array())
  if (bytes) files().set(name, bytes)
  else files().delete(name)
}

test('what was saved is loaded, tensors, counters and all', async () => {
  await checkpoints.save(KEY, checkpoint(1))
  expect(await reloaded()).toEqual(checkpoint(1))
})

test('a checkpoint of a head is kilobytes', async () => {
  await checkpoints.save(KEY, checkpoint(1))
  expect([...files().values()].reduce((sum, bytes) => sum + bytes.length, 0)).toBeLessThan(10_000)
})

test('two generations are kept, and the file of the best epoch as long as one of them needs it', async () => {
  for (let epoch = 1; epoch <= 4; epoch++) await checkpoints.save(KEY, checkpoint(epoch, Math.min(epoch, 2)))
  expect(
    [...files().keys()]
      .filter((name) => name.endsWith('.checkpoint'))
      .map((name) => Number(name.slice(0, 8))),
  ).toEqual([2, 3, 4])
  expect(await reloaded()).toEqual(checkpoint(4, 2))
  await checkpoints.save(KEY, checkpoint(5, 5))
  await checkpoints.save(KEY, checkpoint(6, 5))
  expect([...files().keys()].filter((name) => name.endsWith('.checkpoint'))).toHaveLength(2)
})

test('a best epoch that no file holds gets one of its own', async () => {
  await checkpoints.save(KEY, checkpoint(4, 2))
  expect(await reloaded()).toEqual(checkpoint(4, 2))
})

test('a session that resumes finds the best epoch where the one before wrote it', async () => {
  await checkpoints.save(KEY, checkpoint(1))
  await checkpoints.save(KEY, checkpoint(2, 1))
  const next = new Checkpoints(store)
  await next.load(KEY)
  await next.save(KEY, checkpoint(3, 1))
  expect(await reloaded()).toEqual(checkpoint(3, 1))
  expect([...files().keys()].filter((name) => name.endsWith('.checkpoint'))).toHaveLength(3)
})

for (const kind of Object.keys(damage)) {
  test(`a newest generation that ${kind} gives way to the one before`, async () => {
    await checkpoints.save(KEY, checkpoint(1))
    await checkpoints.save(KEY, checkpoint(2))
    damageFile(generation(2), kind)
    expect(await reloaded()).toEqual(checkpoint(1))
  })

  test(`a pointer file that ${kind} costs nothing`, async () => {
    await checkpoints.save(KEY, checkpoint(1))
    await checkpoints.save(KEY, checkpoint(2))
    damageFile(POINTER_FILE, kind)
    expect(await reloaded()).toEqual(checkpoint(2))
  })

  test(`a best epoch's file that ${kind} takes the generations that need it along`, async () => {
    await checkpoints.save(KEY, checkpoint(1))
    await checkpoints.save(KEY, checkpoint(2, 1))
    await checkpoints.save(KEY, checkpoint(3, 1))
    damageFile(generation(1), kind)
    expect(await reloaded()).toBeNull()
  })
}

test('a write that breaks off before the pointer leaves the generation before', async () => {
  await checkpoints.save(KEY, checkpoint(1))
  const folder = store.folder(KEY)
  store.folder = () => ({
    ...folder,
    write: async (name, bytes) => {
      await folder.write(name, bytes.slice(0, 20))
      throw new Error('the disk is full')
    },
  })
  await expect(checkpoints.save(KEY, checkpoint(2))).rejects.toThrow('full')
  expect(await reloaded()).toEqual(checkpoint(1))
})

test('runs that can go on are listed, newest first, and discarded', async () => {
  await checkpoints.save('old', checkpoint(1))
  await checkpoints.save('new', checkpoint(2))
  const runs = await checkpoints.list()
  expect(runs.map(({ checkpointKey }) => checkpointKey)).toEqual(['new', 'old'])
  expect(runs[0]).toMatchObject({ datasetName: 'photos', history: { engine: 'wasm', kernels: 'k1' } })
  await checkpoints.discard('new')
  expect((await checkpoints.list()).map(({ checkpointKey }) => checkpointKey)).toEqual(['old'])
})

test('a weight file is kept by its hash and refused where it changed', async () => {
  const bytes = Uint8Array.of(1, 2, 3)
  const sha256 = '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81'
  await checkpoints.keepWeights(KEY, sha256, bytes)
  expect(await checkpoints.keptWeights(KEY, sha256)).toEqual(bytes)
  expect(await checkpoints.keptWeights(KEY, '0'.repeat(64))).toBeNull()
  files().set(`${sha256}.weights`, Uint8Array.of(1, 2))
  expect(await checkpoints.keptWeights(KEY, sha256)).toBeNull()
})
