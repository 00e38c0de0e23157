/** A checkpoint as data and as one file: everything that a run needs to go on, beside the weights it stands on. */
import { z } from 'zod'
import type { OptimizerState, ParameterState } from '../engine/train-step.ts'
import { type HostTensor, LOCKABLE_STAGES, type StateDict } from '../model/index.ts'
import { recipeSchema, TRAINING_STAGES } from '../recipe/index.ts'
import { readSafetensors, writeSafetensors } from '../weights/index.ts'
import type { Best, RunState } from './run-state.ts'

export const count = z.int().min(0)
const stage = z.enum(TRAINING_STAGES)
const locked = z.array(z.enum(LOCKABLE_STAGES))
export const metrics = z.strictObject({
  loss: z.number(),
  accuracy: z.number(),
  correct: count,
  samples: count,
})

export const epochSchema = z.strictObject({
  stage,
  epoch: count,
  learningRate: z.number(),
  train: metrics,
  valid: metrics,
  seconds: z.number(),
  locked,
})

export const markSchema = z.strictObject({ stage, epoch: count, accuracy: z.number(), loss: z.number() })

/** What a run was, for people and for going on; the same in each of its checkpoints but for the counters. */
export const aboutSchema = z.strictObject({
  version: z.literal(1),
  datasetName: z.string(),
  /** Of the photos' paths, labels and splits. */
  datasetHash: z.string(),
  classes: z.int().min(2),
  /** With `resolved`: a resumed run sums in the same order. */
  recipe: recipeSchema,
  stages: z.array(stage),
  engine: z.strictObject({
    engine: z.enum(['webgpu', 'wasm', 'cpu']),
    adapter: z.string(),
    kernels: z.string(),
    microBatch: z.int().min(1).nullable(),
  }),
  /** The weight file that the run stands on. */
  weights: z.strictObject({
    kind: z.enum(['builtin', 'imagenet', 'file']),
    name: z.string(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
})
export type AboutRun = z.infer<typeof aboutSchema>

const documentSchema = aboutSchema.extend({
  savedAt: z.iso.datetime(),
  stage,
  epochsDone: count,
  stepsDone: count,
  stageSteps: count.nullable(),
  locked,
  epochs: z.array(epochSchema),
  skipped: z.array(z.string()),
  /** Step count of each parameter that has optimizer state; null before a stage's first epoch. */
  steps: z.record(z.string(), count).nullable(),
  /** The file that holds the best epoch's tensors, and which epoch that is; `file` null: this one. */
  best: z.strictObject({ mark: markSchema, file: z.string().nullable() }).nullable(),
})
export type CheckpointDocument = z.infer<typeof documentSchema>

/** A run that can go on. `state` lacks the base weights, which are found by `about.weights`. */
export interface Checkpoint {
  about: AboutRun
  savedAt: string
  state: Omit<RunState, 'base'>
}

/** What one file holds; the best epoch's tensors may stand in another one. */
export interface CheckpointFile {
  document: CheckpointDocument
  weights: StateDict
  optimizer: OptimizerState | null
}

/**
 * @param bestFile where the best epoch's tensors stand already; null: they are the current ones.
 */
export function encodeCheckpoint(
  { about, savedAt, state }: Checkpoint,
  bestFile: string | null,
): Uint8Array<ArrayBuffer> {
  const { weights, optimizer, best, skipped, ...counters } = state
  const document = documentSchema.parse({
    ...about,
    ...counters,
    savedAt,
    locked: [...state.locked],
    skipped: [...skipped],
    steps: optimizer && Object.fromEntries([...optimizer].map(([name, { step }]) => [name, step])),
    best: best && { mark: best.mark, file: bestFile },
  } satisfies Record<keyof CheckpointDocument, unknown>)
  return writeSafetensors(tensorsOf(weights, optimizer), { checkpoint: JSON.stringify(document) })
}

/** @throws where the bytes are no checkpoint, whole and of this version. */
export function decodeCheckpoint(bytes: Uint8Array): CheckpointFile {
  const { tensors, metadata } = readSafetensors(bytes)
  const document = documentSchema.parse(JSON.parse(metadata.checkpoint ?? 'null'))
  const weights = new Map<string, HostTensor>()
  for (const [name, tensor] of tensors)
    if (name.startsWith('weights/')) weights.set(name.slice('weights/'.length), tensor)
  const optimizer =
    document.steps &&
    new Map(
      Object.entries(document.steps).map(([name, step]): [string, ParameterState] => [
        name,
        {
          step,
          m: floats(tensors, `m/${name}`),
          v: tensors.has(`v/${name}`) ? floats(tensors, `v/${name}`) : null,
        },
      ]),
    )
  return { document, weights, optimizer }
}

/**
 * How many bytes of a file hold its document, from the first 8 bytes (safetensors' header length), and the
 * document from that many. Nothing says that the tensors behind it are whole.
 */
export const documentBytes = (start: Uint8Array): number =>
  8 + Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true))

/** @throws where the header is no checkpoint's. */
export function decodeDocument(start: Uint8Array): CheckpointDocument {
  const header = headerSchema.parse(JSON.parse(new TextDecoder().decode(start.subarray(8))))
  return documentSchema.parse(JSON.parse(header.__metadata__.checkpoint))
}
const headerSchema = z.object({ __metadata__: z.object({ checkpoint: z.string() }) })

/** Puts a file and the one with its best epoch together again. */
export function joinCheckpoint(file: CheckpointFile, bestFile: CheckpointFile): Checkpoint {
  const {
    savedAt,
    stage,
    epochsDone,
    stepsDone,
    stageSteps,
    locked,
    epochs,
    skipped,
    steps,
    best,
    ...about
  } = file.document
  const counters = { stage, epochsDone, stepsDone, stageSteps, locked, epochs }
  return {
    about,
    savedAt,
    state: {
      ...counters,
      weights: file.weights,
      optimizer: file.optimizer,
      skipped: new Set(skipped),
      best: best && bestOf(best.mark, bestFile),
    },
  }
}

const bestOf = (mark: Best['mark'], { weights, optimizer }: CheckpointFile): Best => ({
  mark,
  weights,
  optimizer: optimizer ?? new Map(),
})

function tensorsOf(weights: StateDict, optimizer: OptimizerState | null): StateDict {
  const tensors = new Map<string, HostTensor>()
  for (const [name, tensor] of weights) tensors.set(`weights/${name}`, tensor)
  for (const [name, { m, v }] of optimizer ?? []) {
    tensors.set(`m/${name}`, { dtype: 'F32', shape: [m.length], data: m })
    if (v) tensors.set(`v/${name}`, { dtype: 'F32', shape: [v.length], data: v })
  }
  return tensors
}

function floats(tensors: StateDict, name: string): Float32Array {
  const tensor = tensors.get(name)
  if (tensor?.dtype !== 'F32') throw new Error(`the checkpoint lacks ${name}`)
  return tensor.data
}
