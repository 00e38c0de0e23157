/** How much memory a training step takes on either engine, before anything runs. Bytes. */
import { activationBytesPerPhoto, heapBytes } from '../engine/core/memory.ts'
import type { DeviceTraits } from '../engine/plan/kernels/kernel.ts'
import { type FreezePlan, frozenPrefix, trainedParameters } from '../model/index.ts'
import type { OptimizerRecipe, Recipe } from '../recipe/index.ts'

export interface StepShape {
  /** Side of a photo in px. */
  size: number
  /** Photos of the largest batch that the recipe can have. */
  batch: number
  /** Photos to train on. */
  photos: number
  locked: FreezePlan
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
}

/** What the engines allow themselves: wasm's heap ends at 4 GB, and freed memory leaves gaps. */
export const MEMORY_BUDGET = { wasm: 3e9, webgpu: 4 * 2 ** 30 } as const

/** Counted as the engines count for themselves; portions are those of a whole batch, however few photos there are. */
export async function stepMemory(shape: StepShape, on: MemoryEngine): Promise<StepMemory> {
  const bytesOf = on.engine === 'wasm' ? wasmBytes(shape, on) : await planBytes(shape, on)
  const engines = on.engine === 'wasm' ? on.workers : 1
  const budget = Math.min(shape.limit ?? Number.POSITIVE_INFINITY, engines * MEMORY_BUDGET[on.engine])
  let parts = 1
  const portion = () => Math.ceil(shape.batch / parts)
  while (portion() > 1 && bytesOf(portion()) > budget) parts++
  const most = Math.min(shape.batch, shape.photos)
  return { bytes: bytesOf(Math.min(portion(), most)), portion: portion() < most ? portion() : null }
}

/** From the programs themselves, which are not part of the page's first load. */
async function planBytes(
  { size, locked, batchNorm, classes, optimizer }: StepShape,
  { kernels, traits }: Extract<MemoryEngine, { engine: 'webgpu' }>,
): Promise<(photos: number) => number> {
  const [{ chooseKernels }, { trainingBytes }] = await Promise.all([
    import('../engine/plan/candidates.ts'),
    import('../engine/plan/estimate.ts'),
  ])
  const held = { locked, batchNorm, optimizer: { kind: optimizer } }
  const choice = chooseKernels(traits, kernels)
  return (photos) => trainingBytes(held, classes, choice, photos, size)
}

function wasmBytes(
  { size, locked, batchNorm, classes }: StepShape,
  { workers }: Extract<MemoryEngine, { engine: 'wasm' }>,
): (photos: number) => number {
  const parameters = trainedParameters(locked, classes)
  // Where every batch norm updates, nothing is a frozen prefix.
  const activations = activationBytesPerPhoto(size, batchNorm === 'tutorial' ? 0 : frozenPrefix(locked))
  return (photos) => workers * heapBytes(parameters, Math.ceil(photos / workers), activations)
}
