/** How much memory a training step takes on either engine, before anything runs. Bytes. */
import { countedOnce } from '../engine/core/memory.ts'
import { MEMORY_BUDGET } from '../engine/memory-budget.ts'
import { sharedBytes, shareOf } from '../engine/parallel/memory.ts'
import { workersHere } from '../engine/parallel/workers.ts'
import type { DeviceTraits } from '../engine/plan/kernels/kernel.ts'
import type { Boundary, FreezePlan } from '../model/index.ts'
import type { OptimizerRecipe, Recipe } from '../recipe/index.ts'

export interface StepShape {
  /** Side of a photo in px. */
  size: number
  /** Photos of the largest batch that the recipe can have. */
  batch: number
  /** Photos to train on. */
  photos: number
  locked: FreezePlan
  /** Where its steps begin: 0 with photos, else with what is kept. */
  boundary: Boundary
  batchNorm: Recipe['batchNorm']
  classes: number
  optimizer: OptimizerRecipe['kind']
  /** Most that a step may take; null: what the engine allows itself. */
  limit: number | null
}

export type MemoryEngine =
  /** `workers`: engines that share a batch. */
  | { engine: 'wasm'; workers: number }
  /** `kernels`: id of those of a run or a probe; absent: those that should suit the adapter. */
  | { engine: 'webgpu'; kernels?: string; traits: DeviceTraits }

export interface StepMemory {
  bytes: number
  /** Photos that are computed at a time where the whole batch does not fit; else null. */
  portion: number | null
  /** Whether even that is more than the limit. */
  isBeyond: boolean
}

/** Counted as the engines count for themselves; portions are those of a whole batch, however few photos there are. */
export async function stepMemory(shape: StepShape, on: MemoryEngine): Promise<StepMemory> {
  const { largest, all } = await (on.engine === 'wasm' ? wasmBytes(shape, on) : planBytes(shape, on))
  const limit = shape.limit ?? Number.POSITIVE_INFINITY
  let parts = 1
  const portion = () => Math.ceil(shape.batch / parts)
  const fits = () => largest(portion()) <= MEMORY_BUDGET[on.engine] && all(portion()) <= limit
  while (portion() > 1 && !fits()) parts++
  const most = Math.min(shape.batch, shape.photos)
  const bytes = all(Math.min(portion(), most))
  return { bytes, portion: portion() < most ? portion() : null, isBeyond: bytes > limit }
}

/** Bytes of a step over so many photos: of the engine that takes most, and of all together. */
interface BytesOf {
  largest(photos: number): number
  all(photos: number): number
}

/** From the programs themselves, which are not part of the page's first load. */
async function planBytes(
  { size, locked, boundary, batchNorm, classes, optimizer }: StepShape,
  { kernels, traits }: Extract<MemoryEngine, { engine: 'webgpu' }>,
): Promise<BytesOf> {
  const [{ chooseKernels }, { trainingBytes }] = await Promise.all([
    import('../engine/plan/candidates.ts'),
    import('../engine/plan/estimate.ts'),
  ])
  const held = { locked, batchNorm, optimizer: { kind: optimizer } }
  const choice = chooseKernels(traits, kernels)
  const all = (photos: number) => trainingBytes(held, classes, choice, photos, size, boundary)
  return { largest: all, all }
}

/** From the layout of the heap, which is no part of the page's first load either. */
async function wasmBytes(
  { size, locked, boundary, batchNorm, classes, optimizer, limit }: StepShape,
  { workers: train }: Extract<MemoryEngine, { engine: 'wasm' }>,
): Promise<BytesOf> {
  const { heapBytes } = await import('../engine/core/wasm/heap-bytes.ts')
  const workers = workersHere(train, limit)
  const use = { classes, locked, batchNorm, optimizer }
  const bytesOf = countedOnce((photos, updated) => heapBytes({ ...use, boundary, updated }, photos, size))
  return {
    largest: (photos) => bytesOf(shareOf(photos, workers)),
    all: (photos) => sharedBytes(workers, use, photos, bytesOf),
  }
}
