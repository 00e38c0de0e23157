/**
 * Runs kept by key. Each epoch is one new file, named by its generation and its own sha256; then the small,
 * checksummed pointer file is replaced, which names the two newest generations; then what neither needs is removed.
 * Whatever is torn or damaged is passed over for the generation before.
 */
import { z } from 'zod'
import { presentBuiltin } from '../recipe/index.ts'
import { sha256Hex } from '../weights/index.ts'
import {
  type Checkpoint,
  type CheckpointDocument,
  type CheckpointFile,
  decodeCheckpoint,
  decodeDocument,
  documentBytes,
  encodeCheckpoint,
  joinCheckpoint,
} from './checkpoint.ts'
import { type CheckpointFolder, type CheckpointStore, POINTER_FILE } from './checkpoint-store.ts'
import type { BestMark } from './events.ts'
import { makeHistory } from './history.ts'
import type { ResumableRun } from './trainer-api.ts'

/** What the trainer asks of checkpoints; in the page they are in a worker of their own. */
export interface CheckpointService {
  /** Resolves when the checkpoint is safe. One call at a time. */
  save(key: string, checkpoint: Checkpoint): Promise<void>
  /** The newest whole one. */
  load(key: string): Promise<Checkpoint | null>
  /** Keeps the weight file that a run stands on, where it cannot be fetched again. */
  keepWeights(key: string, sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>
  keptWeights(key: string, sha256: string): Promise<Uint8Array<ArrayBuffer> | null>
  list(): Promise<ResumableRun[]>
  discard(key: string): Promise<void>
}

const FILE_NAME = /^(\d{8})-([0-9a-f]{64})\.checkpoint$/
const weightsName = (sha256: string) => `${sha256}.weights`

const generationSchema = z.strictObject({
  file: z.string().regex(FILE_NAME),
  /** The file with the best epoch's tensors, where that is another one. */
  best: z.string().regex(FILE_NAME).nullable(),
})
type Generation = z.infer<typeof generationSchema>

const pointerSchema = z.strictObject({
  /** Newest first. */
  generations: z.array(generationSchema).min(1).max(2),
  /** Of the JSON text of `generations`. */
  sha256: z.string(),
})

export class Checkpoints implements CheckpointService {
  readonly #store: CheckpointStore
  /** By key: which file holds the best epoch's tensors, as far as this session wrote or read it. */
  readonly #best = new Map<string, { mark: BestMark; file: string }>()

  constructor(store: CheckpointStore) {
    this.#store = store
  }

  async save(key: string, checkpoint: Checkpoint): Promise<void> {
    const folder = this.#store.folder(key)
    const before = await generationsIn(folder)
    const bestFile = await this.#bestFile(key, folder, checkpoint)
    const { name: file } = await writeCheckpoint(folder, checkpoint, bestFile)
    const generations = [{ file, best: bestFile }, ...before].slice(0, 2)
    await folder.write(POINTER_FILE, await encodePointer(generations))
    this.#remember(key, checkpoint, bestFile ?? file)
    const needed = new Set(generations.flatMap(({ file, best }) => [file, best]))
    for (const name of await folder.list())
      if (FILE_NAME.test(name) && !needed.has(name)) await folder.remove(name)
  }

  async load(key: string): Promise<Checkpoint | null> {
    const folder = this.#store.folder(key)
    for (const { file: name } of await generationsIn(folder)) {
      const file = await openCheckpoint(folder, name)
      const bestName = file?.document.best?.file ?? name
      const best = bestName === name ? file : await openCheckpoint(folder, bestName)
      if (!file || !best) continue
      const checkpoint = joinCheckpoint(file, best)
      this.#remember(key, checkpoint, bestName)
      return checkpoint
    }
    return null
  }

  async keepWeights(key: string, sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const folder = this.#store.folder(key)
    if (!(await folder.list()).includes(weightsName(sha256))) await folder.write(weightsName(sha256), bytes)
  }

  async keptWeights(key: string, sha256: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = await this.#store.folder(key).read(weightsName(sha256))
    return bytes && (await sha256Hex(bytes)) === sha256 ? bytes : null
  }

  async list(): Promise<ResumableRun[]> {
    const runs: ResumableRun[] = []
    for (const key of await this.#store.keys()) {
      const folder = this.#store.folder(key)
      for (const { file } of await generationsIn(folder)) {
        const document = await readDocument(folder, file)
        if (!document) continue
        runs.push(resumableRun(key, document))
        break
      }
    }
    return runs.sort((a, b) => (a.savedAt < b.savedAt ? 1 : -1))
  }

  async discard(key: string): Promise<void> {
    this.#best.delete(key)
    await this.#store.removeFolder(key)
  }

  /** Whether a file of this run holds that epoch's tensors, so that `save` needs them no more. */
  async holdsBest(key: string, { stage, epoch }: BestMark): Promise<boolean> {
    const known = this.#best.get(key)
    return known?.mark.stage === stage && known.mark.epoch === epoch
  }

  /** The best epoch is the current one (null), or the one before's best, or it gets a file of its own. */
  async #bestFile(key: string, folder: CheckpointFolder, checkpoint: Checkpoint): Promise<string | null> {
    const { best, stage, epochsDone } = checkpoint.state
    if (!best || (best.mark.stage === stage && best.mark.epoch === epochsDone)) return null
    const known = this.#best.get(key)
    if (known && (await this.holdsBest(key, best.mark))) return known.file
    const { weights, optimizer } = best
    const own = { ...checkpoint, state: { ...checkpoint.state, weights, optimizer } }
    return (await writeCheckpoint(folder, own, null)).name
  }

  #remember(key: string, { state: { best } }: Checkpoint, file: string): void {
    if (best) this.#best.set(key, { mark: best.mark, file })
  }
}

/**
 * Writes a checkpoint under the next number.
 * @param bestFile where the best epoch's tensors stand already; null: they are the current ones
 * @returns the file's name and size
 */
export async function writeCheckpoint(
  folder: CheckpointFolder,
  checkpoint: Checkpoint,
  bestFile: string | null,
): Promise<{ name: string; bytes: number }> {
  const bytes = encodeCheckpoint(checkpoint, bestFile)
  const [newest = 0] = (await checkpointFiles(folder)).map(numberOf)
  const name = `${String(newest + 1).padStart(8, '0')}-${await sha256Hex(bytes)}.checkpoint`
  await folder.write(name, bytes)
  return { name, bytes: bytes.length }
}

/** null where the file is missing, torn or not what its name says. */
export async function openCheckpoint(folder: CheckpointFolder, name: string): Promise<CheckpointFile | null> {
  const bytes = await folder.read(name)
  if (!bytes || (await sha256Hex(bytes)) !== FILE_NAME.exec(name)?.[2]) return null
  try {
    return decodeCheckpoint(bytes)
  } catch {
    // Whole, but written by another version.
    return null
  }
}

/** What a file says of itself, without its tensors. */
async function readDocument(folder: CheckpointFolder, name: string): Promise<CheckpointDocument | null> {
  const start = await folder.read(name, 8)
  if (start?.length !== 8) return null
  try {
    const bytes = await folder.read(name, documentBytes(start))
    return bytes && decodeDocument(bytes)
  } catch {
    return null
  }
}

/** Newest first: as the pointer file says or, where that is damaged, as the files themselves do. */
async function generationsIn(folder: CheckpointFolder): Promise<Generation[]> {
  const pointed = await decodePointer(await folder.read(POINTER_FILE))
  if (pointed) return pointed
  const generations: Generation[] = []
  for (const file of await checkpointFiles(folder)) {
    const document = await readDocument(folder, file)
    if (document) generations.push({ file, best: document.best?.file ?? null })
  }
  return generations
}

/** By falling number. */
async function checkpointFiles(folder: CheckpointFolder): Promise<string[]> {
  const names = (await folder.list()).filter((name) => FILE_NAME.test(name))
  return names.sort((a, b) => numberOf(b) - numberOf(a))
}

const numberOf = (name: string): number => Number(FILE_NAME.exec(name)?.[1] ?? 0)

const textHash = (text: string): Promise<string> => sha256Hex(new TextEncoder().encode(text))

async function encodePointer(generations: Generation[]): Promise<Uint8Array<ArrayBuffer>> {
  const sha256 = await textHash(JSON.stringify(generations))
  return new TextEncoder().encode(JSON.stringify({ generations, sha256 }))
}

async function decodePointer(bytes: Uint8Array | null): Promise<Generation[] | null> {
  if (!bytes) return null
  try {
    const { generations, sha256 } = pointerSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
    return (await textHash(JSON.stringify(generations))) === sha256 ? generations : null
  } catch {
    return null
  }
}

function resumableRun(checkpointKey: string, document: CheckpointDocument): ResumableRun {
  const { datasetName, savedAt, recipe, engine, epochs, best, weights } = document
  const history = makeHistory(engine, epochs, best?.mark ?? null)
  // Other files are kept beside the checkpoint.
  const builtin = weights.kind === 'builtin' ? presentBuiltin(weights.sha256) : null
  const needs = builtin?.kind === 'file' ? builtin : null
  return { checkpointKey, datasetName, savedAt, recipe, history, needs }
}
