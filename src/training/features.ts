/** What a resting backbone gives for photos, computed once and kept while it rests. */
import type { Transform } from '../augment/types.ts'
import type { Sample } from '../dataset/types.ts'
import { FEATURES, FEATURES_BOUNDARY } from '../model/index.ts'
import { cutBatches } from './batches.ts'
import { betweenBatches, skipUnreadable } from './between.ts'
import { EVALUATION_BATCH, labelsOf, type ReadBatch, readBatches } from './photos.ts'
import type { Progress, Run } from './run.ts'

/** Bytes that all training views together may take. */
const MOST_BYTES = 2 ** 29

/** How many views of so many photos can be kept; one at least. */
export const mostViews = (photos: number): number =>
  Math.max(1, Math.floor(MOST_BYTES / (photos * FEATURES * Float32Array.BYTES_PER_ELEMENT)))

/** Features [photos, 512] by path. */
export class Features {
  readonly #rows: ReadonlyMap<string, Float32Array>
  /** Of the photos, in px. */
  readonly #size: number

  constructor(rows: ReadonlyMap<string, Float32Array>, size: number) {
    this.#rows = rows
    this.#size = size
  }

  /** The features of those of `samples` that could be read, as a batch. */
  batch(samples: readonly Sample[]): ReadBatch {
    const readable = samples.filter((sample) => this.#rows.has(sample.path))
    const values = new Float32Array(readable.length * FEATURES)
    for (const [i, sample] of readable.entries()) {
      const row = this.#rows.get(sample.path)
      if (row) values.set(row, i * FEATURES)
    }
    return {
      samples: readable,
      inputs: {
        kind: 'activations',
        boundary: FEATURES_BOUNDARY,
        values,
        count: readable.length,
        size: this.#size,
      },
      labels: labelsOf(readable),
      failed: [],
    }
  }
}

/** Keeps features by name (`validation`, or a training view) until the backbone changes. */
export class FeatureCache {
  readonly #kept = new Map<string, Features>()

  forget(): void {
    this.#kept.clear()
  }

  /** The features of `samples` under `transform`: computed at the first call for `name`. */
  async *of(
    name: string,
    run: Run,
    samples: readonly Sample[],
    transform: Transform,
    skipped: Set<string>,
  ): Progress<Features | null> {
    const kept = this.#kept.get(name)
    if (kept) return kept
    yield { type: 'phase', phase: 'features' }
    const rows = new Map<string, Float32Array>()
    for await (const batch of readBatches(run.photos, cutBatches(samples, EVALUATION_BATCH), transform)) {
      yield* skipUnreadable(batch, skipped)
      if (yield* betweenBatches(run)) return null
      if (batch.samples.length === 0) continue
      const values = await run.engine.activations(batch.inputs, FEATURES_BOUNDARY)
      for (const [i, sample] of batch.samples.entries())
        rows.set(sample.path, values.slice(i * FEATURES, (i + 1) * FEATURES))
      yield { type: 'preparing', phase: 'features', done: rows.size, total: samples.length }
    }
    const features = new Features(rows, run.recipe.evaluation.crop)
    this.#kept.set(name, features)
    return features
  }
}
