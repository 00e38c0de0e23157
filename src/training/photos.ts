/** Batches of photos as the loop asks for them; the loader pool of `augment` gives them. */
import type { PhotoBatch, Transform } from '../augment/types.ts'
import type { Sample } from '../dataset/types.ts'
import type { Inputs } from '../engine/train-step.ts'

/** What the loop needs of `augment/loader-pool.ts`. */
export interface PhotoLoader {
  /** Decodes photos ahead of their batch; yields how many are done. */
  decode(samples: readonly Sample[], transform: Transform): AsyncIterable<number>
  /** The batches in order; up to `ahead` of them are loaded before they are asked for. */
  batches(
    lists: readonly (readonly Sample[])[],
    transform: Transform,
    ahead: number,
  ): AsyncIterable<PhotoBatch>
}

/** Batches loaded before they are needed. */
export const AHEAD = 3

/** Photos per evaluation batch: any number gives the same result. */
export const EVALUATION_BATCH = 32

/** The photos of a batch that could be read, ready for the engine, and the others. */
export interface ReadBatch {
  samples: readonly Sample[]
  inputs: Inputs
  /** [samples.length] */
  labels: Int32Array
  failed: { sample: Sample; reason: string }[]
}

/** Reads `lists` one batch after the other. */
export async function* readBatches(
  photos: PhotoLoader,
  lists: readonly (readonly Sample[])[],
  transform: Transform,
): AsyncGenerator<ReadBatch> {
  let index = 0
  for await (const batch of photos.batches(lists, transform, AHEAD)) {
    const list = lists[index++]
    const samples = Array.from(batch.rows, (row) => list[row])
    yield {
      samples,
      inputs: { kind: 'photos', pixels: batch.pixels, count: samples.length, size: batch.size },
      labels: labelsOf(samples),
      failed: batch.failed.map(({ index, reason }) => ({ sample: list[index], reason })),
    }
  }
}

export const labelsOf = (samples: readonly Sample[]): Int32Array =>
  Int32Array.from(samples, (sample) => sample.label)
