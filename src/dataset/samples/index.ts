/**
 * Sample photos of the project's own, drawn by code at first use, so that everything runs with no folder and no
 * network. `drawPhoto` is plain TypeScript and runs in Node too.
 */
import { wrap } from 'comlink'
import type { Dataset, Sample } from '../types.ts'
import { SAMPLE_CLASSES } from './draw.ts'
import type { DrawApi } from './draw-worker.ts'
import { SAMPLE_SIZE, type SamplePhoto, samplePhotos } from './sample-set.ts'

/** Every photo is the same at every visit, so its file carries one date: what is kept of it stays valid. */
const DRAWN = Date.UTC(2026, 0, 1)
const MOST_WORKERS = 4

let drawn: Promise<Dataset> | undefined

/** The sample photos as a Dataset like any other; drawn once in a page's life, in workers, within a few seconds. */
export function sampleDataset(onProgress?: (done: number, total: number) => void): Promise<Dataset> {
  drawn ??= drawAll(onProgress).catch((error: unknown) => {
    drawn = undefined
    throw error
  })
  return drawn
}

async function drawAll(onProgress?: (done: number, total: number) => void): Promise<Dataset> {
  const photos = samplePhotos()
  const samples: Sample[] = []
  let next = 0
  let done = 0
  /** Takes the next photo that nobody draws yet, until there is none. */
  const drawShare = async (worker: Worker) => {
    const api = wrap<DrawApi>(worker)
    while (next < photos.length) {
      const position = next++
      const { className, index } = photos[position]
      samples[position] = toSample(photos[position], await api.draw(className, index, SAMPLE_SIZE))
      onProgress?.(++done, photos.length)
    }
  }
  const count = Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency))
  const workers = Array.from({ length: count }, () => {
    return new Worker(new URL('./draw-worker.ts', import.meta.url), { type: 'module', name: 'sample photos' })
  })
  try {
    await Promise.all(workers.map((worker) => Promise.race([drawShare(worker), failure(worker)])))
  } finally {
    for (const worker of workers) worker.terminate()
  }
  return {
    name: 'sample photos',
    classes: SAMPLE_CLASSES.map((id) => ({ id, name: id })),
    samples,
    problems: [],
    ignored: 0,
    splitBySeed: false,
  }
}

/** Rejects where the worker cannot be started; a call to it would wait for ever. */
function failure(worker: Worker): Promise<never> {
  return new Promise((_, reject) => {
    worker.onerror = (event) => reject(new Error(`the worker that draws sample photos: ${event.message}`))
  })
}

function toSample({ path, label, split }: SamplePhoto, blob: Blob): Sample {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const file = new File([blob], name, { type: blob.type, lastModified: DRAWN })
  return { path, label, split, source: { kind: 'file', file } }
}
