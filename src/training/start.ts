/** Before the first step: the weights that a run starts from, or goes on from. */
import type { ClassInfo, Dataset } from '../dataset/types.ts'
import {
  BUILTIN_WEIGHTS,
  inOrder,
  type Recipe,
  TRAINING_STAGES,
  type TrainingStage,
} from '../recipe/index.ts'
import {
  type DownloadProgress,
  openSource,
  type SourceWeights,
  sha256Hex,
  startState,
} from '../weights/index.ts'
import type { AboutRun } from './checkpoint.ts'
import type { CheckpointService } from './checkpoints.ts'
import type { EngineInfo } from './events.ts'
import type { EndedRun } from './kept-runs.ts'
import { RunFailure } from './run.ts'
import { freshRun, type RunState } from './run-state.ts'
import type { RunRequest } from './trainer-api.ts'

/** The last run of this session, going on or over: its best weights are the result, and `all` alone starts there. */
export interface HeldRun {
  about: AboutRun
  classes: readonly ClassInfo[]
  state: RunState
  /** The weight file that it stands on, where that cannot be fetched again. */
  keep: Uint8Array<ArrayBuffer> | null
}

/** Fetches the weights that stand beside the page; says how many of their bytes are here. */
export type FetchBuiltin = (onProgress?: (progress: DownloadProgress) => void) => Promise<SourceWeights>

export interface Start {
  state: RunState
  recipe: Recipe
  stages: readonly TrainingStage[]
  datasetHash: string
  weights: AboutRun['weights']
  /** Which engine a resumed run had; null for a new one. */
  engine: EngineInfo | null
  /** The weight file that the run stands on, where that cannot be fetched again. */
  keep: Uint8Array<ArrayBuffer> | null
}

/** @throws RunFailure with `weights` or `checkpoint`, and WeightsError. */
export async function startRun(
  request: RunRequest,
  checkpoints: CheckpointService,
  fetchBuiltin: FetchBuiltin,
  held: HeldRun | null,
): Promise<Start> {
  const datasetHash = await hashDataset(request.dataset)
  if (request.resume) return resumedRun(request, checkpoints, fetchBuiltin, datasetHash)
  const { recipe, stages = TRAINING_STAGES } = request
  if (!stages.includes('head') && held?.state.best && held.about.datasetHash === datasetHash) {
    const { about, keep } = held
    return {
      state: continuedRun(held, recipe, stages),
      recipe,
      stages,
      datasetHash,
      weights: about.weights,
      engine: null,
      keep,
    }
  }
  const { source, keep } = await openWeights(request, fetchBuiltin)
  const { kind, name, sha256 } = source
  const { state } = startState(source.file, request.dataset.classes, recipe.seed)
  return {
    state: freshRun(state, recipe, stages[0] ?? 'head'),
    recipe: kind === 'file' ? { ...recipe, weights: { kind, name, sha256 } } : recipe,
    stages,
    datasetHash,
    weights: { kind, name, sha256 },
    engine: null,
    keep,
  }
}

async function openWeights({ recipe, weights: given }: RunRequest, fetchBuiltin: FetchBuiltin) {
  const { kind } = recipe.weights
  if (kind === 'builtin')
    return { source: await builtinSource(recipe.weights.sha256, fetchBuiltin), keep: null }
  if (!given) throw new RunFailure('weights', `the recipe asks for ${kind} weights, and none were given`)
  const bytes = new Uint8Array(given.bytes)
  const source = await openSource(kind, given.name, bytes)
  const wanted = recipe.weights.kind === 'file' ? recipe.weights.sha256 : undefined
  if (wanted && wanted !== source.sha256)
    throw new RunFailure('weights', `${given.name} is not the file that the recipe names (sha256 ${wanted})`)
  return { source, keep: bytes }
}

/** The built-in weights, where they are those that a recipe or a checkpoint names. @throws RunFailure where not */
async function builtinSource(sha256: string, fetchBuiltin: FetchBuiltin): Promise<SourceWeights> {
  const source = await fetchBuiltin()
  if (source.sha256 !== sha256)
    throw new RunFailure(
      'weights',
      `the built-in weights (${source.name}) are not those that the run names (sha256 ${sha256})`,
    )
  return source
}

/** From the newest whole checkpoint, with its recipe and on the weights that it stands on. */
async function resumedRun(
  { checkpointKey, dataset, weights: given }: RunRequest,
  checkpoints: CheckpointService,
  fetchBuiltin: FetchBuiltin,
  datasetHash: string,
): Promise<Start> {
  const checkpoint = await checkpoints.load(checkpointKey)
  if (!checkpoint) throw new RunFailure('checkpoint', `there is no checkpoint of ${checkpointKey}`)
  const { about, state } = checkpoint
  if (about.datasetHash !== datasetHash)
    throw new RunFailure(
      'checkpoint',
      `the photos of ${about.datasetName} are not those that the run began with`,
    )
  const kept = (sha256: string) => checkpoints.keptWeights(checkpointKey, sha256)
  const { source, keep } = await basis(about.weights, given, kept, fetchBuiltin)
  const { state: base } = startState(source.file, dataset.classes, about.recipe.seed)
  const { recipe, stages, engine } = about
  const { kind, name, sha256 } = source
  return {
    state: { ...state, base },
    recipe,
    stages,
    datasetHash,
    weights: { kind, name, sha256 },
    engine,
    keep,
  }
}

/** What is said of a run in its checkpoints. */
export const aboutRun = (start: Start, dataset: Dataset, info: EngineInfo): AboutRun => ({
  version: 1,
  datasetName: dataset.name,
  datasetHash: start.datasetHash,
  classes: dataset.classes.length,
  recipe: {
    ...start.recipe,
    resolved: { engine: info.engine, kernels: info.kernels, microBatch: info.microBatch },
  },
  stages: [...start.stages],
  engine: info,
  weights: start.weights,
})

/** A kept run as it was held when it ended. @throws RunFailure where the weights that it stands on are gone */
export async function heldAgain(run: EndedRun, fetchBuiltin: FetchBuiltin): Promise<HeldRun> {
  const { about, classes, state, weightFile } = run
  const { source, keep } = await basis(about.weights, undefined, async () => weightFile, fetchBuiltin)
  const { state: base } = startState(source.file, [...classes], about.recipe.seed)
  return { about, classes, state: { ...state, base }, keep }
}

/**
 * The weights that a run stands on: kept with it, built in, or given again.
 * @param fromStorage what is kept with it, by hash. @throws RunFailure where they are gone
 */
async function basis(
  { kind, name, sha256 }: AboutRun['weights'],
  given: RunRequest['weights'],
  fromStorage: (sha256: string) => Promise<Uint8Array<ArrayBuffer> | null>,
  fetchBuiltin: FetchBuiltin,
) {
  if (kind === 'builtin' && sha256 === BUILTIN_WEIGHTS.sha256)
    return { source: await builtinSource(sha256, fetchBuiltin), keep: null }
  const kept = await fromStorage(sha256)
  if (kept) return { source: await openSource(kind, name, kept), keep: kept }
  const bytes = given && new Uint8Array(given.bytes)
  if (bytes && (await sha256Hex(bytes)) === sha256)
    return { source: await openSource('file', given.name, bytes), keep: bytes }
  const whose = `the weights that the run stands on (${name}, sha256 ${sha256})`
  if (kind === 'builtin')
    throw new RunFailure('former-weights', `${whose} are no longer built in: give their file to go on`)
  throw new RunFailure('weights', `${whose} are gone`)
}

/**
 * Later stages after earlier ones that ended before: the same as all of them at once. After anything else, a new run from
 * the best weights held.
 */
function continuedRun({ about, state }: HeldRun, recipe: Recipe, stages: readonly TrainingStage[]): RunState {
  const next = stages[0] ?? 'all'
  if (continues({ recipe: about.recipe, stage: state.stage }, recipe, next)) return state
  return { ...freshRun(state.base, recipe, next), weights: state.best?.weights ?? state.weights }
}

/**
 * Whether a run of `recipe` that begins with the stage `next` goes on from one that is in an earlier stage: all that the
 * stages before it depend on is the same, and none of them is left out.
 */
export function continues(
  before: { recipe: Recipe; stage: TrainingStage },
  recipe: Recipe,
  next: TrainingStage,
): boolean {
  const earlier = TRAINING_STAGES.slice(0, TRAINING_STAGES.indexOf(next))
  const trained = earlier.filter((stage) => recipe.stages[stage].epochs > 0)
  return trained.at(-1) === before.stage && sharedPart(before.recipe, earlier) === sharedPart(recipe, earlier)
}

/** What of a recipe the given stages depend on. */
const sharedPart = (
  { stages, resolved, engine, weights, preset, ...recipe }: Recipe,
  earlier: readonly TrainingStage[],
): string => JSON.stringify([recipe, earlier.map((stage) => stages[stage]), weights.kind], inOrder)

/** Of the photos' paths, labels and splits. */
function hashDataset({ classes, samples }: Dataset): Promise<string> {
  const text = JSON.stringify([
    classes.map(({ id }) => id),
    samples.map(({ path, label, split }) => [path, label, split]),
  ])
  return sha256Hex(new TextEncoder().encode(text))
}
