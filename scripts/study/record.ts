/** The study's file: one JSON line a run. Lines are only ever added, so that a study can be killed and goes on. */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import { z } from 'zod'
import { inOrder, type Recipe, TRAINING_STAGES, type TrainingStage } from '../../src/recipe/index.ts'

const stageName = z.enum(TRAINING_STAGES)
const seconds = z.number().nonnegative()
const share = z.number().min(0).max(1)

/** One training run. A row has several where each starts from the best weights of the one before. */
export const partSchema = z.strictObject({
  /** From the request to the result files. */
  seconds,
  /** Of those: until the engine was ready, weights read and compiled kernels among it; null where the page did not say. */
  readySeconds: seconds.nullable(),
  best: z.strictObject({ stage: stageName, epoch: z.int().min(1), accuracy: share }),
  stages: z.array(
    z.strictObject({
      stage: stageName,
      epochs: z.int().min(1),
      accuracy: share,
      seconds,
      /** The stage's best epoch, counted from 1. */
      bestEpoch: z.int().min(1).optional(),
    }),
  ),
  engine: z.string(),
  kernels: z.string(),
  /** Of PyTorch's best weights, where each photo is classified together with its mirror image. */
  mirrored: share.optional(),
})

const runKeySchema = z.strictObject({
  /** Whose run it is: this project's, or PyTorch's of the same recipe. */
  by: z.enum(['tabtune', 'pytorch']),
  recipe: z.string(),
  /** Of the row's recipes without their seed. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  data: z.string(),
  photos: z.int().min(0),
  seed: z.int().min(0),
})

const recordSchema = z.strictObject({
  ...runKeySchema.shape,
  parts: z.array(partSchema).min(1),
  /** Cores that the run could use. */
  cores: z.int().min(1),
  /** Not run by itself: the first stages of this other row's run with the same seed, which the recipes have in common. */
  beginningOf: z.string().optional(),
})

export type Part = z.infer<typeof partSchema>
/** What makes two runs the same. */
export type RunKey = z.infer<typeof runKeySchema>
export type StudyRecord = z.infer<typeof recordSchema>

/** Whatever order the fields of a recipe are written in, and without the seed, which stands beside it. */
export function recipesSha256(recipes: readonly Recipe[]): string {
  const text = JSON.stringify(
    recipes.map(({ seed, ...recipe }) => recipe),
    inOrder,
  )
  return createHash('sha256').update(text).digest('hex')
}

/**
 * What the first stages of a run came to, as if nothing had followed them; the weights of a stage's end do not depend on what
 * comes after. null where the run did not go through them.
 */
export function beginning(part: Part, stages: readonly TrainingStage[]): Part | null {
  const own = part.stages.filter(({ stage }) => stages.includes(stage))
  const marks = own.flatMap(({ stage, accuracy, bestEpoch }) =>
    bestEpoch === undefined ? [] : [{ stage, accuracy, epoch: bestEpoch }],
  )
  if (own.length < stages.length || marks.length < own.length) return null
  const later = part.stages.filter(({ stage }) => !stages.includes(stage))
  const seconds = part.seconds - later.reduce((sum, stage) => sum + stage.seconds, 0)
  // As accurate and later counts as better only where the loss says so, which stands nowhere here: the earlier stage is named.
  const best = marks.reduce((one, other) => (other.accuracy > one.accuracy ? other : one))
  const { mirrored, ...rest } = part
  return { ...rest, seconds, best, stages: own }
}

export const sameRun = (a: RunKey, b: RunKey): boolean =>
  runKeySchema.keyof().options.every((field) => a[field] === b[field])

export interface ReadRecords {
  records: StudyRecord[]
  /** Where whole lines end, in bytes: what follows was cut off while it was written. */
  wholeBytes: number
  /** What a person should know of the file. */
  note: string | null
}

/** @throws Error naming the line where one that is not the last cannot be read. */
export function parseRecords(text: string): ReadRecords {
  const lines = text.split('\n')
  const last = lines.findLastIndex((line) => line.trim() !== '')
  const records: StudyRecord[] = []
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const read = parseLine(line)
    if (typeof read !== 'string') records.push(read)
    else if (index < last) throw new Error(`line ${index + 1}: ${read}`)
    else
      return {
        records,
        wholeBytes: Buffer.byteLength(
          lines
            .slice(0, index)
            .map((whole) => `${whole}\n`)
            .join(''),
        ),
        note: `line ${index + 1}, the last, is broken and ignored (${read})`,
      }
  }
  return { records, wholeBytes: Buffer.byteLength(text), note: null }
}

/** The record, or what is wrong with it. */
function parseLine(line: string): StudyRecord | string {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return 'not JSON'
  }
  const result = recordSchema.safeParse(json)
  if (result.success) return result.data
  const [{ path, message }] = result.error.issues
  return `${path.join('.')}: ${message}`
}

/** A file of records. One that does not exist yet has none. */
export class StudyFile {
  readonly records: StudyRecord[]
  readonly note: string | null
  /** Before the first line is added: what the file ends in now. */
  #end: { wholeBytes: number; broken: boolean; open: boolean } | null

  constructor(private readonly path: string) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    const { records, wholeBytes, note } = parseRecords(text)
    this.records = records
    this.note = note
    this.#end = { wholeBytes, broken: note !== null, open: text !== '' && !text.endsWith('\n') }
  }

  find(key: RunKey): StudyRecord | undefined {
    return this.records.findLast((record) => sameRun(record, key))
  }

  add(record: StudyRecord): void {
    this.#mendEnd()
    appendFileSync(this.path, `${JSON.stringify(recordSchema.parse(record))}\n`)
    this.records.push(record)
  }

  /** A new line would become part of a broken one before it, or of one that lacks only its end. */
  #mendEnd(): void {
    if (this.#end?.broken) truncateSync(this.path, this.#end.wholeBytes)
    else if (this.#end?.open) appendFileSync(this.path, '\n')
    this.#end = null
  }
}
