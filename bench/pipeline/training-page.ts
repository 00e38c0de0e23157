/** Whole runs of the trainer, each in a worker of its own as in the page. */
import { transfer, wrap } from 'comlink'
import { createLoaders } from '../../src/augment/index.ts'
import type { Dataset, Sample } from '../../src/dataset/types.ts'
import { presetRecipe, type Recipe } from '../../src/recipe/index.ts'
import type { RunTiming, TrainingApi } from './protocol.ts'

type Engine = 'webgpu' | 'wasm'

async function inWorker(recipe: Recipe, dataset: Dataset, ports: MessagePort[] | null): Promise<RunTiming> {
  const worker = new Worker(new URL('./training-worker.ts', import.meta.url), { type: 'module' })
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(`the bench's trainer: ${message}`))
  })
  try {
    const { train } = wrap<TrainingApi>(worker)
    return await Promise.race([train(recipe, dataset, ports && transfer(ports, ports)), failed])
  } finally {
    worker.terminate()
  }
}

function datasetOf(samples: Sample[], classes: number): Dataset {
  const ids = Array.from({ length: classes }, (_, i) => ({ id: `${i}`, name: `class ${i}` }))
  return { name: 'bench', classes: ids, samples, problems: [], ignored: 0, splitBySeed: false }
}

/** All layers at 64 px, batch 32, the course's augmentation; loaders as many as the page would start. */
export async function trainAllLayers(
  photos: readonly Sample[],
  engine: Engine,
  epochs: number,
): Promise<RunTiming> {
  const course = presetRecipe('course')
  const { head, upper, all } = course.stages
  const recipe = {
    ...course,
    engine,
    batch: 32,
    stages: { upper, head: { ...head, epochs: 0 }, all: { ...all, epochs } },
  }
  // A quarter as many are validated with.
  const samples = photos.map((sample, i): Sample => ({ ...sample, split: i % 5 === 4 ? 'valid' : 'train' }))
  const loaders = await createLoaders()
  try {
    return await inWorker(recipe, datasetOf(samples, 2), loaders.connectPorts())
  } finally {
    await loaders.forget()
    loaders.close()
  }
}

/** The head alone on cached features: so many photos to train with and an eighth of them to validate with. */
export async function trainHead(
  photos: number,
  classes: number,
  batch: number,
  engine: Engine,
  epochs: number,
): Promise<RunTiming> {
  const quick = presetRecipe('quick', 32)
  const { head, upper, all } = quick.stages
  const recipe = {
    ...quick,
    engine,
    batch,
    stages: { upper, head: { ...head, epochs, cachedViews: 1 }, all: { ...all, epochs: 0 } },
  }
  const samples = Array.from({ length: photos + Math.floor(photos / 8) }, (_, i): Sample => {
    const path = `${i}.jpg`
    const split = i < photos ? 'train' : 'valid'
    return { path, split, label: i % classes, source: { kind: 'url', url: path } }
  })
  return inWorker(recipe, datasetOf(samples, classes), null)
}
