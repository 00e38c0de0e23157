/** In Chromium: photos as the project's loaders make them, and the logits that its engine gives for these pixels. */
import { createLoaders, PhotoLoader } from '../../src/augment/index.ts'
import type { Sample } from '../../src/dataset/types.ts'
import { createEngine } from '../../src/engine/index.ts'
import { LOCK_ALL } from '../../src/model/index.ts'
import type { EvaluationTransform } from '../../src/recipe/index.ts'
import { openWeightFile } from '../../src/weights/index.ts'

export interface LogitsRequest {
  weights: string
  photos: { path: string; url: string }[]
  evaluation: EvaluationTransform
  engine: 'wasm' | 'webgpu'
}

export interface LogitsAnswer {
  /** RGB bytes [count, size, size, 3]. */
  pixels: number[]
  size: number
  /** [count, classes], row-major. */
  logits: number[]
}

async function logits(request: LogitsRequest): Promise<LogitsAnswer> {
  const loaders = await createLoaders({ count: 1 })
  const samples = request.photos.map(
    ({ path, url }): Sample => ({ path, split: 'valid', label: 0, source: { kind: 'url', url } }),
  )
  const batch = await new PhotoLoader(loaders.connectPorts()).load(samples, {
    kind: 'evaluate',
    evaluation: request.evaluation,
  })
  if (batch.failed.length > 0) throw new Error(`unreadable: ${JSON.stringify(batch.failed)}`)
  const file = openWeightFile(new Uint8Array(await (await fetch(request.weights)).arrayBuffer()))
  const engine = await createEngine({ engine: request.engine })
  await engine.load(file.state)
  await engine.configure({
    locked: LOCK_ALL,
    batchNorm: 'frozen',
    optimizer: { kind: 'sgd', weightDecay: 0, momentum: 0, stageScale: {} },
    labelSmoothing: 0,
    microBatch: null,
  })
  const values = await engine.predict({
    kind: 'photos',
    pixels: batch.pixels,
    count: samples.length,
    size: batch.size,
  })
  return { pixels: [...batch.pixels], size: batch.size, logits: [...values] }
}

declare global {
  interface Window {
    logits: typeof logits
  }
}
window.logits = logits
