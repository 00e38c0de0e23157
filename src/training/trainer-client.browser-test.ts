/** The real workers in a browser: trainer, loaders, checkpoints in the browser's own file system. */
import { afterEach, beforeAll, expect, test } from 'vitest'
import { createLoaders, type LoaderPool } from '../augment/index.ts'
import { encode, noisy } from '../augment/testing.ts'
import type { Dataset, Sample } from '../dataset/types.ts'
import { writeWeightFile } from '../weights/index.ts'
import { randomState } from '../weights/random-state.ts'
import { BrowserStore, checkpointFolder, POINTER_FILE } from './checkpoint-store.ts'
import type { History, TrainEvent } from './events.ts'
import { timeless, tinyRecipe } from './testing/fixtures.ts'
import type { RunRequest } from './trainer-api.ts'
import { TrainerClient } from './trainer-client.ts'

const KEY = 'trainer-client test'
const { head, upper, all } = tinyRecipe().stages
const recipe = tinyRecipe({
  batch: 6,
  engine: 'wasm',
  weights: { kind: 'file', name: 'random.safetensors' },
  stages: { upper, head: { ...head, epochs: 2 }, all: { ...all, epochs: 2 } },
})

async function drawnDataset(): Promise<Dataset> {
  const classes = ['a', 'b'].map((id) => ({ id, name: id }))
  const samples: Sample[] = []
  for (const [label, { id }] of classes.entries())
    for (const [split, count] of [
      ['train', 6],
      ['valid', 2],
    ] as const)
      for (let i = 0; i < count; i++) {
        const canvas = noisy(40, 40, 10 * label + i)
        const name = `${i}.png`
        const file = new File([await encode(canvas, 'image/png')], name)
        samples.push({ path: `${split}/${id}/${name}`, split, label, source: { kind: 'file', file } })
      }
  return { name: 'drawn', classes, samples, problems: [], ignored: 0, splitBySeed: false }
}

let dataset: Dataset
let weights: Uint8Array<ArrayBuffer>
let loaders: LoaderPool | null = null
let client: TrainerClient | null = null

beforeAll(async () => {
  dataset = await drawnDataset()
  const nothing = { classes: null, preprocessing: null, recipe: null, accuracy: null, version: null }
  weights = writeWeightFile(randomState(2), nothing)
})

afterEach(async () => {
  client?.close()
  loaders?.close()
  await new BrowserStore().removeFolder(KEY)
})

const request = (change: Partial<RunRequest> = {}): RunRequest => ({
  recipe,
  dataset,
  weights: { name: 'random.safetensors', bytes: weights.slice().buffer },
  checkpointKey: KEY,
  ...change,
})

/** A client with so many loaders, its events, and the trainer workers that it started. */
async function start(count: number) {
  const pool = await createLoaders({ count })
  const workers: Worker[] = []
  const trainer = new TrainerClient({
    loaderPorts: () => pool.connectPorts(),
    startWorker() {
      const worker = new Worker(new URL('./trainer.worker.ts', import.meta.url), { type: 'module' })
      workers.push(worker)
      return worker
    },
  })
  const events: TrainEvent[] = []
  trainer.onEvent((event) => events.push(event))
  loaders = pool
  client = trainer
  return { trainer, workers, events }
}

function historyOf(events: TrainEvent[]): History {
  const last = events[events.length - 1]
  if (last.type !== 'finished') throw new Error(`ended with ${JSON.stringify(last)}`)
  return last.history
}

test('a whole run: the same with one loader and with four, its result a file, nothing left to resume', async () => {
  const one = await start(1)
  await one.trainer.run(request())
  const expected = timeless(historyOf(one.events))
  expect(expected.epochs).toHaveLength(4)
  expect((await one.trainer.bestWeights()).length).toBeGreaterThan(44e6)
  expect(await one.trainer.resumable()).toEqual([])
  one.trainer.close()
  loaders?.close()
  const four = await start(4)
  await four.trainer.run(request())
  expect(timeless(historyOf(four.events))).toEqual(expected)
})

test('a run whose worker dies goes on in another from the checkpoint, with half the micro-batch', async () => {
  const { trainer, workers, events } = await start(1)
  let killed = false
  trainer.onEvent((event) => {
    if (killed || event.type !== 'checkpoint' || event.stage !== 'all') return
    killed = true
    // What a browser does to a worker that died.
    workers[0].terminate()
    workers[0].onerror?.call(workers[0], new ErrorEvent('error', { message: 'out of memory' }))
  })
  await trainer.run(request())
  expect(workers).toHaveLength(2)
  expect(events.filter((event) => event.type === 'notice').map(({ code }) => code)).toContain(
    'worker-replaced',
  )
  const history = historyOf(events)
  expect(history.epochs.map(({ stage, epoch }) => `${stage} ${epoch}`)).toEqual([
    'head 1',
    'head 2',
    'all 1',
    'all 2',
  ])
  expect(history.microBatch).toBe(3)
})

test('a checkpoint lies in the browser as flat files, the pointer among them', async () => {
  const { trainer, events } = await start(1)
  trainer.onEvent((event) => {
    if (event.type === 'checkpoint' && event.epoch === 2) void trainer.stop()
  })
  await trainer.run(request())
  expect(events[events.length - 1]).toMatchObject({ type: 'finished', reason: 'stopped' })
  const names: string[] = []
  for await (const [name, handle] of (await checkpointFolder(KEY)).entries()) {
    expect(handle.kind).toBe('file')
    names.push(name)
  }
  expect(names).toContain(POINTER_FILE)
  expect(names.filter((name) => name.endsWith('.weights'))).toHaveLength(1)
  expect((await trainer.resumable()).map(({ checkpointKey }) => checkpointKey)).toEqual([KEY])
})
