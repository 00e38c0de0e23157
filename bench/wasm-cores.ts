/**
 * The wasm engine at 64 px: on one core and on more, the frozen forward and the whole step; and with and without fused
 * multiply-add. Runs in a page's worker.
 */
import { openWasm } from '../src/engine/core/index.ts'
import type { Inputs, TrainStep } from '../src/engine/index.ts'
import { openPeer, ParallelEngine } from '../src/engine/parallel/index.ts'
import { WASM_FILES } from '../src/engine/wasm-files.ts'
import { LEARNING_RATE, labels, photos, SIZE, startState, stepConfig } from './inputs.ts'
import type { CoresTiming, KernelsTiming } from './protocol.ts'
import { medianTimes } from './timing.ts'

/** ms */
const SETTLING = 1000

/** One wasm engine, or one a core. */
async function open(cores: number, kernels?: string): Promise<TrainStep> {
  const engine = await openWasm(WASM_FILES, kernels)
  return cores === 1 ? engine : new ParallelEngine(engine, openPeer, { evaluate: cores, train: cores })
}

async function prepared(cores: number, kernels?: string): Promise<TrainStep> {
  const engine = await open(cores, kernels)
  await engine.load(startState())
  await engine.configure(stepConfig())
  return engine
}

const batchOf = (count: number): Inputs => ({
  kind: 'photos',
  pixels: photos(count, SIZE),
  count,
  size: SIZE,
})

/** Logits of `count` photos, batch norm folded. */
export async function compareForward(count: number, cores: number): Promise<CoresTiming> {
  await using one = await prepared(1)
  await using all = await prepared(cores)
  const inputs = batchOf(count)
  return await compare(
    () => one.predict(inputs),
    () => all.predict(inputs),
  )
}

/** A step of Adam, all layers, the batch shared as DistributedDataParallel does it. */
export async function compareSteps(count: number, cores: number): Promise<CoresTiming> {
  await using one = await prepared(1)
  await using all = await prepared(cores)
  const inputs = batchOf(count)
  const step = (engine: TrainStep) => () => engine.step(inputs, labels(count), LEARNING_RATE)
  return await compare(step(one), step(all))
}

/** A step of Adam, all layers, on one core: with fused multiply-add and without. */
export async function compareKernels(count: number): Promise<KernelsTiming> {
  await using fused = await prepared(1, 'fma-1')
  await using plain = await prepared(1, 'simd-2')
  if (fused.description.kernels === plain.description.kernels) return null
  const inputs = batchOf(count)
  const step = (engine: TrainStep) => () => engine.step(inputs, labels(count), LEARNING_RATE)
  const { one, all } = await compare(step(fused), step(plain))
  return { fused: one, plain: all }
}

async function compare(one: () => Promise<unknown>, all: () => Promise<unknown>): Promise<CoresTiming> {
  for (const run of [one, all]) await settle(run)
  const [alone, shared] = await medianTimes(one, all)
  return { one: alone.milliseconds, all: shared.milliseconds }
}

/**
 * The browser compiles the kernels anew while they first run, on another core: where all cores are at work it takes
 * their time.
 */
async function settle(run: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  while (performance.now() - start < SETTLING) await run()
}
