/**
 * What the stages that rest give for photos: computed once a photo and view, and kept while they rest. What finds no room
 * is computed again each time, to the same values.
 */
import type { Transform } from '../../augment/types.ts'
import type { Sample, Split } from '../../dataset/types.ts'
import { boundaryValues, FEATURES_BOUNDARY, type InnerBoundary } from '../../model/index.ts'
import { fnv1a } from '../../random/index.ts'
import { keptViews, type TrainingStage } from '../../recipe/index.ts'
import { cutBatches } from '../batches.ts'
import { betweenBatches, skipUnreadable } from '../between.ts'
import type { NoticeCode } from '../events.ts'
import { EVALUATION_BATCH, labelsOf, type ReadBatch, readBatches } from '../photos.ts'
import { type Progress, photosOf, type Run } from '../run.ts'
import type { Cut } from './remembered.ts'
import { BYTES, KeptRows, type Precision } from './rows.ts'

/** Rows of features per prediction: they take 2 kB each. */
const FEATURE_ROWS = 512

export class KeptActivations {
  readonly #run: Run
  readonly #stage: TrainingStage
  #cut: Cut | null = null
  /** What the cut can be found under by the next run; null where its values are this run's own. */
  #key: string | null = null
  readonly #said = new Set<NoticeCode>()

  constructor(run: Run, stage: TrainingStage) {
    this.#run = run
    this.#stage = stage
  }

  /**
   * Where the network is cut from now on. What was kept at another cut is forgotten.
   * @param isPretrained whether the backbone is as its weight file has it: its features are then those of the run before
   */
  async cutAt(boundary: InnerBoundary, isPretrained: boolean): Promise<void> {
    if (boundary === this.#cut?.boundary) return
    await this.close()
    const { recipe, keeping, remembered } = this.#run
    const width = boundaryValues(boundary, recipe.evaluation.crop)
    const precision = precisionOf(this.#run, this.#stage, width)
    this.#key = isPretrained && boundary === FEATURES_BOUNDARY ? rememberedKey(this.#run, precision) : null
    const before = this.#key === null ? null : remembered.take(this.#key)
    const rows = () => new KeptRows(keeping, width, precision)
    this.#cut = before ?? { boundary, width, rows: rows(), known: new Set() }
  }

  /** Lets go of everything; the next run may find a pretrained backbone's features. */
  async close(): Promise<void> {
    const cut = this.#cut
    this.#cut = null
    if (cut && this.#key !== null && cut.rows.isRoomy) this.#run.remembered.give(this.#key, cut)
    else await cut?.rows.close()
  }

  /** Photos per evaluation batch: any number gives the same result. */
  get evaluationBatch(): number {
    return this.#cut?.boundary === FEATURES_BOUNDARY ? FEATURE_ROWS : EVALUATION_BATCH
  }

  /**
   * `lists` of `samples` under `transform` as batches of activations: they are computed at the first call. null where the
   * person stopped it.
   */
  async *batches(
    samples: readonly Sample[],
    lists: readonly (readonly Sample[])[],
    transform: Transform,
    skipped: Set<string>,
  ): Progress<AsyncIterable<ReadBatch> | null> {
    const cut = this.#cut
    if (!cut) throw new Error('the network is not cut')
    const name = viewName(transform, samples[0]?.split)
    if (!cut.known.has(name) && (yield* this.#keep(cut, name, samples, transform, skipped))) return null
    cut.known.add(name)
    return this.#assembled(cut, name, lists, transform, skipped)
  }

  /** Goes through a view and keeps what there is room for. True: the person stopped it. */
  async *#keep(
    cut: Cut,
    name: string,
    samples: readonly Sample[],
    transform: Transform,
    skipped: Set<string>,
  ): Progress<boolean> {
    const { rows } = cut
    if (rows.isFull) return false
    yield { type: 'phase', phase: 'features' }
    const missing = samples.filter(({ path }) => !rows.has(rowName(name, path)))
    let done = samples.length - missing.length
    const lists = cutBatches(missing, EVALUATION_BATCH)
    for await (const batch of readBatches(this.#run.photos, lists, transform)) {
      yield* skipUnreadable(batch, skipped)
      if (yield* betweenBatches(this.#run)) return true
      for (const [path, values] of await this.#compute(cut, batch))
        await rows.put(rowName(name, path), values)
      if (rows.isFull) break
      done += batch.samples.length
      yield { type: 'preparing', phase: 'features', done, total: samples.length }
    }
    if (rows.usesFile) yield* this.#say('activations-in-storage', name)
    if (rows.isFull) yield* this.#say('activations-fresh', name)
    return false
  }

  /** Once a stage. */
  *#say(code: NoticeCode, detail: string) {
    if (this.#said.has(code)) return
    this.#said.add(code)
    yield { type: 'notice', code, detail } as const
  }

  /** Activations by path. */
  async #compute(
    { boundary, width }: Cut,
    { samples, inputs }: ReadBatch,
  ): Promise<Map<string, Float32Array>> {
    if (samples.length === 0) return new Map()
    const values = await this.#run.engine.activations(inputs, boundary)
    return new Map(samples.map(({ path }, i) => [path, values.subarray(i * width, (i + 1) * width)]))
  }

  async *#assembled(
    cut: Cut,
    name: string,
    lists: readonly (readonly Sample[])[],
    transform: Transform,
    skipped: ReadonlySet<string>,
  ): AsyncGenerator<ReadBatch> {
    const missing = lists.map((list) =>
      list.filter(({ path }) => !cut.rows.has(rowName(name, path)) && !skipped.has(path)),
    )
    const wanted = missing.filter((list) => list.length > 0)
    const read = readBatches(this.#run.photos, wanted, transform)
    try {
      for (const [i, list] of lists.entries()) {
        const next = missing[i].length > 0 ? await read.next() : null
        yield await this.#assemble(cut, name, list, next?.value ?? null, transform)
      }
    } finally {
      await read.return(undefined)
    }
  }

  /** A batch of what is kept and, from `read`, of what is not. */
  async #assemble(
    cut: Cut,
    name: string,
    list: readonly Sample[],
    read: ReadBatch | null,
    transform: Transform,
  ): Promise<ReadBatch> {
    const { boundary, rows, width } = cut
    const computed = new Map(read && (await this.#compute(cut, read)))
    const failed = [...(read?.failed ?? [])]
    const values = new Float32Array(list.length * width)
    const rowAt = (i: number) => values.subarray(i * width, (i + 1) * width)
    const isThere = list.map(({ path }, i) => {
      const own = computed.get(path)
      if (own) rows.asKept(own, rowAt(i))
      return own !== undefined
    })
    const lost: Sample[] = []
    for (const [i, sample] of list.entries()) {
      if (isThere[i] || !rows.has(rowName(name, sample.path))) continue
      isThere[i] = rows.get(rowName(name, sample.path), rowAt(i))
      if (!isThere[i]) lost.push(sample)
    }
    // Storage may no longer give what it was given.
    if (lost.length > 0)
      for await (const batch of readBatches(this.#run.photos, [lost], transform)) {
        failed.push(...batch.failed)
        for (const [path, own] of await this.#compute(cut, batch)) {
          const i = list.findIndex((sample) => sample.path === path)
          rows.asKept(own, rowAt(i))
          isThere[i] = true
        }
      }
    const samples = list.filter((_, i) => isThere[i])
    let count = 0
    for (let i = 0; i < list.length; i++)
      if (isThere[i]) values.copyWithin(width * count++, width * i, width * (i + 1))
    return {
      samples,
      inputs: {
        kind: 'activations',
        boundary,
        values: count < list.length ? values.slice(0, width * count) : values,
        count,
        size: this.#run.recipe.evaluation.crop,
      },
      labels: labelsOf(samples),
      failed,
    }
  }
}

const rowName = (view: string, path: string): string => `${view} ${path}`

/** The same for the same pixels: seed, stage and epoch count where a view draws from them. */
const viewName = (transform: Transform, split: Split | undefined): string =>
  `${split} ${fnv1a(JSON.stringify(transform))}`

/** Everything but a view's own transform that features of a pretrained backbone depend on. */
function rememberedKey({ engine, photosKey, weights }: Run, precision: Precision): string {
  const { engine: kind, kernels } = engine.description
  return JSON.stringify([photosKey, weights, kind, kernels, precision])
}

/** A stage's activations are kept in single precision where all of them take at most so many bytes, else in half. */
const MOST_EXACT = 2 ** 29

/** From nothing that differs from one machine, or one part of a run, to the next: a resumed run rounds as before. */
function precisionOf({ recipe, dataset }: Run, stage: TrainingStage, width: number): Precision {
  const views = Math.min(keptViews(recipe, stage) ?? 0, recipe.stages[stage].epochs)
  const count = (split: 'train' | 'valid') => photosOf(dataset, split, new Set()).length
  const rows = views * count('train') + count('valid')
  return rows * width * BYTES.float32 <= MOST_EXACT ? 'float32' : 'float16'
}
