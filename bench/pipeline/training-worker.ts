/// <reference lib="webworker" />
/** A trainer like the page's, with its engine watched: whole runs through the real loop, checkpoints too. */
import { expose } from 'comlink'
import { PhotoLoader } from '../../src/augment/index.ts'
import type { PhotoBatch } from '../../src/augment/types.ts'
import type { Dataset, Sample } from '../../src/dataset/types.ts'
import { createEngine } from '../../src/engine/index.ts'
import { FEATURES } from '../../src/model/index.ts'
import { BUILTIN_WEIGHTS, presetRecipe, type Recipe } from '../../src/recipe/index.ts'
import { CheckpointClient, KeptRunClient, StorageWorker } from '../../src/training/checkpoint-client.ts'
import { Classifier, type Classifying } from '../../src/training/classifier.ts'
import { browserKeeping } from '../../src/training/kept/browser-keeping.ts'
import { Trainer } from '../../src/training/trainer.ts'
import { CLASSES, startState, values } from '../inputs.ts'
import type { EpochTiming, RunTiming, TrainingApi } from './protocol.ts'
import { WatchedEngine } from './watched-engine.ts'

const SIZE = 32

/** Black photos at once: for runs whose features are given. */
const blackPhotos = {
  async *decode() {},
  async *batches(lists: readonly (readonly Sample[])[]): AsyncGenerator<PhotoBatch> {
    for (const list of lists) {
      const pixels = new Uint8Array(list.length * SIZE * SIZE * 3)
      yield { pixels, size: SIZE, rows: Int32Array.from(list.keys()), failed: [] }
    }
  },
}

/** Random features, those of a photo the same in each call of a run. */
function featureSource(): (count: number) => Float32Array {
  const pool = values('features', 1024 * FEATURES, 1)
  let calls = 0
  return (count) => {
    const start = (calls++ % 32) * 16 * FEATURES
    return pool.slice(start, start + count * FEATURES)
  }
}

async function train(recipe: Recipe, dataset: Dataset, ports: MessagePort[] | null): Promise<RunTiming> {
  const photos = ports ? new PhotoLoader(ports) : blackPhotos
  const watched: WatchedEngine[] = []
  const epochs: EpochTiming[] = []
  let failure = ''
  let steps = 0
  const storage = new StorageWorker()
  const trainer = new Trainer({
    engines: {
      async create(engine, options) {
        const opened = new WatchedEngine(
          await createEngine({ engine, ...options }),
          ports ? undefined : featureSource(),
        )
        watched.push(opened)
        return opened
      },
      probe: async () => {
        throw new Error('the recipe names its engine')
      },
    },
    checkpoints: new CheckpointClient(storage),
    runs: new KeptRunClient(storage),
    fetchBuiltin: async () => ({
      kind: 'builtin',
      name: 'random weights',
      bytes: 1,
      sha256: BUILTIN_WEIGHTS.sha256,
      file: {
        format: 'safetensors',
        state: startState(),
        classes: CLASSES,
        metadata: { classes: null, preprocessing: null, recipe: null, accuracy: null, version: null },
      },
    }),
    photos: () => photos,
    keeping: browserKeeping(),
    emit(event) {
      if (event.type === 'step') steps++
      if (event.type === 'failed') failure = `${event.code}: ${event.detail}`
      if (event.type !== 'epoch') return
      // All spells since the last epoch: another begins only in the next.
      const spells = watched[watched.length - 1].busy.splice(0)
      const training = spells[spells.length - 1].to - spells[0].from
      const stepping = spells.reduce((sum, { from, to }) => sum + to - from, 0)
      const { seconds } = event.log
      epochs.push({ seconds, training: training / 1000, stepping: stepping / 1000, steps })
      steps = 0
    },
  })
  await trainer.run({ recipe, dataset, checkpointKey: 'bench' })
  if (failure) throw new Error(failure)
  const { engine, adapter, kernels } = watched[0].description
  return { epochs, engine: `${engine} (${kernels})`, adapter }
}

let classifier: Classifier | null = null
const classifying: Classifying = {
  state: startState(),
  classes: Array.from({ length: CLASSES }, (_, i) => `class ${i}`),
  evaluation: presetRecipe('course').evaluation,
}

const api: TrainingApi = {
  train,
  async openClassifier(engine) {
    classifier = new Classifier(() => createEngine({ engine }))
  },
  async classify(pixels, size) {
    if (!classifier) throw new Error('open a classifier first')
    return classifier.classify(classifying, pixels, size)
  },
}
expose(api)
