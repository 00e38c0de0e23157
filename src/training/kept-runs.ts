/**
 * Runs that ended, kept until the person deletes them: a folder each, with the best weights, the predictions and, written
 * last, `run.json`, which says what the others are. What lacks it was cut off while it was written, and is removed. Weight
 * files that runs stand on and that cannot be fetched again lie in a folder of their own, once each.
 */
import { z } from 'zod'
import type { ClassInfo } from '../dataset/types.ts'
import { sha256Hex } from '../weights/index.ts'
import {
  type AboutRun,
  aboutSchema,
  count,
  epochSchema,
  joinCheckpoint,
  markSchema,
  metrics,
} from './checkpoint.ts'
import type { CheckpointFolder, CheckpointStore } from './checkpoint-store.ts'
import { openCheckpoint, writeCheckpoint } from './checkpoints.ts'
import type { Metrics, PhotoPrediction } from './events.ts'
import { makeHistory } from './history.ts'
import type { Best, RunState } from './run-state.ts'
import type { KeptRun, RunEnd } from './trainer-api.ts'

/** A run as it ended. `state` lacks the base weights, which are found by `about.weights`. */
export interface EndedRun {
  about: AboutRun
  classes: readonly ClassInfo[]
  /** Where its checkpoints were: says whose photos they are. */
  checkpointKey: string
  state: Omit<RunState, 'base'>
  ended: RunEnd
  /** Of the best weights. */
  predictions: readonly PhotoPrediction[]
  test: Metrics | null
  /** From the click to the end, pauses included. */
  seconds: number
  /** The weight file that it stands on, where that cannot be fetched again. */
  weightFile: Uint8Array<ArrayBuffer> | null
}

/** What the trainer asks of kept runs; in the page they are in the checkpoint worker. */
export interface KeptRunService {
  /** @throws where the storage is full or refuses; nothing of it is left then */
  keep(run: EndedRun): Promise<KeptRun>
  /** Newest first. */
  list(): Promise<KeptRun[]>
  /** null where it is gone or damaged. */
  load(id: string): Promise<EndedRun | null>
  /** Of validation and test photos, with the best weights. */
  predictions(id: string): Promise<PhotoPrediction[]>
  /** '' takes the name away. */
  rename(id: string, name: string): Promise<void>
  remove(id: string): Promise<void>
  keptWeights(sha256: string): Promise<Uint8Array<ArrayBuffer> | null>
}

const RUN_FILE = 'run.json'
const PREDICTIONS_FILE = 'predictions.json'
/** No run's id: those begin with a date. */
const WEIGHTS_FOLDER = 'weights'
const LONGEST_NAME = 100

const predictionSchema = z.strictObject({
  path: z.string(),
  split: z.enum(['train', 'valid', 'test']),
  trueClass: count,
  predictedClass: count,
  confidence: z.number(),
  loss: z.number(),
})

const documentSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().max(LONGEST_NAME),
  checkpointKey: z.string(),
  endedAt: z.iso.datetime(),
  ended: z.enum(['completed', 'stopped', 'failed']),
  seconds: z.number().min(0),
  about: aboutSchema,
  classes: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  epochs: z.array(epochSchema),
  best: markSchema,
  test: metrics.nullable(),
  /** The checkpoint file with the best weights; its name holds its hash. */
  file: z.string(),
  /** Of all its files but this. */
  bytes: count,
  predictionsSha256: z.string(),
})
type RunDocument = z.infer<typeof documentSchema>

export class KeptRuns implements KeptRunService {
  readonly #store: CheckpointStore

  constructor(store: CheckpointStore) {
    this.#store = store
  }

  async keep(run: EndedRun): Promise<KeptRun> {
    const { about, state, predictions } = run
    const { best } = state
    if (!best) throw new Error('a run without an epoch has nothing to keep')
    const endedAt = new Date().toISOString()
    const id = await this.#newId(endedAt)
    const folder = this.#store.folder(id)
    try {
      const { weightFile } = run
      if (weightFile) await this.#keepWeights(about.weights.sha256, weightFile)
      // Without the optimizer: what goes on from here begins a stage, whose optimizer is new.
      const kept: Best = { ...best, optimizer: new Map() }
      const slim = { ...state, weights: best.weights, optimizer: null, best: kept }
      const file = await writeCheckpoint(folder, { about, savedAt: endedAt, state: slim }, null)
      const text = encode(predictions)
      await folder.write(PREDICTIONS_FILE, text)
      const document: RunDocument = {
        version: 1,
        name: '',
        checkpointKey: run.checkpointKey,
        endedAt,
        ended: run.ended,
        seconds: run.seconds,
        about,
        classes: run.classes.map(({ id, name }) => ({ id, name })),
        epochs: state.epochs.map((epoch) => ({ ...epoch, locked: [...epoch.locked] })),
        best: best.mark,
        test: run.test,
        file: file.name,
        bytes: file.bytes + text.length,
        predictionsSha256: await sha256Hex(text),
      }
      await folder.write(RUN_FILE, encode(document))
      return keptRun(id, document)
    } catch (error) {
      await this.remove(id).catch(() => undefined)
      throw error
    }
  }

  async list(): Promise<KeptRun[]> {
    const runs: KeptRun[] = []
    for (const id of await this.#ids()) {
      const document = await this.#document(id)
      if (document) runs.push(keptRun(id, document))
    }
    return runs.sort((a, b) => b.endedAt.localeCompare(a.endedAt))
  }

  async load(id: string): Promise<EndedRun | null> {
    const document = await this.#document(id)
    if (!document) return null
    const file = await openCheckpoint(this.#store.folder(id), document.file)
    if (!file) return null
    const { checkpointKey, ended, test, seconds, classes } = document
    const { about, state } = joinCheckpoint(file, file)
    const predictions = await this.predictions(id)
    const weightFile = await this.keptWeights(about.weights.sha256)
    return { about, classes, checkpointKey, state, ended, predictions, test, seconds, weightFile }
  }

  async predictions(id: string): Promise<PhotoPrediction[]> {
    const document = await this.#document(id)
    const bytes = document && (await this.#store.folder(id).read(PREDICTIONS_FILE))
    if (!bytes || (await sha256Hex(bytes)) !== document.predictionsSha256) return []
    return z.array(predictionSchema).parse(decode(bytes))
  }

  async rename(id: string, name: string): Promise<void> {
    const document = await this.#document(id)
    if (!document) return
    const renamed = { ...document, name: name.trim().slice(0, LONGEST_NAME) }
    await this.#store.folder(id).write(RUN_FILE, encode(renamed))
  }

  /** With the weight file that only this run stood on. */
  async remove(id: string): Promise<void> {
    await this.#store.removeFolder(id)
    const needed = new Set((await this.list()).map(({ weights }) => weights.sha256))
    const folder = this.#store.folder(WEIGHTS_FOLDER)
    for (const name of await this.#keptNames()) if (!needed.has(name)) await folder.remove(name)
  }

  async keptWeights(sha256: string): Promise<Uint8Array<ArrayBuffer> | null> {
    if (!(await this.#keptNames()).includes(sha256)) return null
    const bytes = await this.#store.folder(WEIGHTS_FOLDER).read(sha256)
    return bytes && (await sha256Hex(bytes)) === sha256 ? bytes : null
  }

  async #keepWeights(sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!(await this.#keptNames()).includes(sha256))
      await this.#store.folder(WEIGHTS_FOLDER).write(sha256, bytes)
  }

  async #keptNames(): Promise<string[]> {
    const isThere = (await this.#store.keys()).includes(WEIGHTS_FOLDER)
    return isThere ? this.#store.folder(WEIGHTS_FOLDER).list() : []
  }

  async #ids(): Promise<string[]> {
    return (await this.#store.keys()).filter((key) => key !== WEIGHTS_FOLDER)
  }

  /** The time it ended; two of the same millisecond are told apart by a number. */
  async #newId(endedAt: string): Promise<string> {
    const taken = new Set(await this.#ids())
    const base = endedAt.replace(/[:.]/g, '-')
    for (let i = 1; ; i++) {
      const id = i === 1 ? base : `${base}-${i}`
      if (!taken.has(id)) return id
    }
  }

  async #document(id: string): Promise<RunDocument | null> {
    if (!(await this.#ids()).includes(id)) return null
    const bytes = await this.#store.folder(id).read(RUN_FILE)
    if (!bytes) return null
    try {
      return documentSchema.parse(decode(bytes))
    } catch {
      // Torn, or written by another version: it is not listed, and stays for that version.
      return null
    }
  }
}

const encode = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value))
const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))

function keptRun(id: string, document: RunDocument): KeptRun {
  const { name, checkpointKey, endedAt, ended, seconds, about, classes, epochs, best, test, bytes } = document
  return {
    id,
    name,
    checkpointKey,
    datasetName: about.datasetName,
    endedAt,
    ended,
    seconds,
    recipe: about.recipe,
    stages: about.stages,
    weights: about.weights,
    classes,
    history: makeHistory(about.engine, epochs, best, test ?? undefined),
    bytes,
  }
}

/** Removes what was cut off while it was written: run at the start, while nothing is being kept. */
export async function removeTornRuns(store: CheckpointStore): Promise<void> {
  for (const id of await store.keys()) {
    if (id === WEIGHTS_FOLDER) continue
    const folder: CheckpointFolder = store.folder(id)
    if (!(await folder.list()).includes(RUN_FILE)) await store.removeFolder(id)
  }
}
