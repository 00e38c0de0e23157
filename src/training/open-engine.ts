/** Which engine a run gets, and how many photos it takes at a time. */
import {
  type EngineName,
  type EngineOptions,
  EngineUnavailable,
  type ProbeResult,
  type TrainStep,
} from '../engine/index.ts'
import { type Recipe, stepsFrom, type TrainingStage } from '../recipe/index.ts'
import { largestBatch } from './batches.ts'
import type { TrainEvent } from './events.ts'

/** Opens engines and measures them; the worker gives the real ones, tests give others. */
export interface Engines {
  create(
    engine: Exclude<EngineName, 'stock-webgpu'>,
    options?: Omit<EngineOptions, 'engine' | 'wasmPaths'>,
  ): Promise<TrainStep>
  probe(): Promise<ProbeResult>
}

/** What a recipe says of how its engine is to be opened; `kernels` of an earlier run come before it. */
export const engineOptions = ({
  evaluation,
  batch,
  precision,
  workers,
  memoryLimit,
}: Recipe): Parameters<Engines['create']>[1] => ({
  tuning: { size: evaluation.crop, batch },
  precision,
  workers,
  memoryLimit: memoryLimit && memoryLimit * 1e6,
})

type EngineEvent = Extract<TrainEvent, { type: 'engine' }>

export interface OpenEngine {
  engine: TrainStep
  why: EngineEvent['why']
  probe?: EngineEvent['probe']
}

/**
 * The engine that was resolved in an earlier run of the recipe, the named one, or the faster one of a probe. A
 * named engine that is not the resolved one wins: someone asked for it since.
 */
export async function openEngine(engines: Engines, recipe: Recipe): Promise<OpenEngine> {
  const resolved = resolvedFor(recipe)
  const options = engineOptions(recipe)
  if (resolved) {
    const opened = await reopened(engines, resolved, recipe)
    if (opened) return { engine: opened, why: 'named' }
  }
  if (recipe.engine !== 'auto') return { engine: await engines.create(recipe.engine, options), why: 'named' }
  const { chosen, rates } = await engines.probe()
  const alternatives = Object.values(rates).length
  return {
    engine: await engines.create(chosen, options),
    why: alternatives > 1 ? 'probe' : 'only-choice',
    probe: rates,
  }
}

/**
 * Kernels that an older version had may be gone: its engine is still the nearest. Null where that cannot run here any
 * more, and was not asked for by name.
 */
async function reopened(
  engines: Engines,
  { engine, kernels }: NonNullable<Recipe['resolved']>,
  recipe: Recipe,
): Promise<TrainStep | null> {
  const options = engineOptions(recipe)
  try {
    return await engines.create(engine, { ...options, kernels }).catch(() => engines.create(engine, options))
  } catch (error) {
    if (error instanceof EngineUnavailable && recipe.engine === 'auto') return null
    throw error
  }
}

/** What an earlier run resolved, where the recipe still allows that engine. */
export function resolvedFor({ engine, resolved }: Pick<Recipe, 'engine' | 'resolved'>): Recipe['resolved'] {
  return resolved && (engine === 'auto' || engine === resolved.engine) ? resolved : undefined
}

/**
 * Photos per forward and backward pass of a whole run, or null where batches go whole: the smallest that any of its
 * stages needs, so that one number says how the run was summed.
 */
export async function chooseMicroBatch(
  engine: TrainStep,
  recipe: Recipe,
  stages: readonly TrainingStage[],
  configure: (stage: TrainingStage) => Promise<void>,
): Promise<number | null> {
  const size = recipe.evaluation.crop
  const largest = largestBatch(recipe)
  let smallest = largest
  for (const stage of stages) {
    await configure(stage)
    const boundary = stepsFrom(recipe, stage)
    smallest = Math.min(smallest, engine.microBatchFor(largest, size, boundary))
    if (recipe.memoryLimit !== null) {
      const bytesOf = (photos: number) => engine.estimateBytes(photos, size, boundary)
      smallest = Math.min(smallest, withinLimit(bytesOf, largest, recipe.memoryLimit * 1e6))
    }
  }
  return smallest < largest ? smallest : null
}

/** The portion of a batch, cut evenly, whose step takes at most `limit` bytes; one photo where none does. */
function withinLimit(bytesOf: (photos: number) => number, count: number, limit: number): number {
  let parts = 1
  const portion = () => Math.ceil(count / parts)
  while (portion() > 1 && bytesOf(portion()) > limit) parts++
  return portion()
}
