/**
 * The wasm engine at 64 px: on one core and on more, the frozen forward and the whole step; and with and without fused
 * multiply-add. Runs in a page's worker.
 */
import { wrap } from 'comlink'
import { openWasm } from '../src/engine/core/index.ts'
import type { Inputs, TrainStep } from '../src/engine/index.ts'
import { openPeer, ParallelEngine } from '../src/engine/parallel/index.ts'
import { WASM_FILES } from '../src/engine/wasm-files.ts'
import { LEARNING_RATE, labels, photos, SIZE, startState, stepConfig } from './inputs.ts'
import { multiplyInCache } from './products.ts'
import type { Products } from './products.worker.ts'
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
  return await compareCores(
    cores,
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
  return await compareCores(cores, step(one), step(all))
}

/** A step of Adam, all layers, on one core: with fused multiply-add and without. */
export async function compareKernels(count: number): Promise<KernelsTiming> {
  await using fused = await prepared(1, 'fma-1')
  await using plain = await prepared(1, 'simd-2')
  if (fused.description.kernels === plain.description.kernels) return null
  const inputs = batchOf(count)
  const step = (engine: TrainStep) => () => engine.step(inputs, labels(count), LEARNING_RATE)
  const [{ milliseconds: once }, { milliseconds: twice }] = await compare(step(fused), step(plain))
  return { fused: once, plain: twice }
}

/** Beside them, in the same turns, work that needs nothing but the cores. */
async function compareCores(
  cores: number,
  one: () => Promise<unknown>,
  all: () => Promise<unknown>,
): Promise<CoresTiming> {
  const open = () => new Worker(new URL('./products.worker.ts', import.meta.url), { type: 'module' })
  const workers = Array.from({ length: cores - 1 }, open)
  try {
    const others = workers.map((worker) => wrap<Products>(worker))
    const alone = async () => multiplyInCache()
    const together = async () => {
      const answers = others.map((other) => other.multiplyInCache())
      multiplyInCache()
      await Promise.all(answers)
    }
    const timings = await compare(one, all, alone, together)
    const [onOne, onAll, product, products] = timings.map(({ milliseconds }) => milliseconds)
    return { one: onOne, all: onAll, cores, product, products }
  } finally {
    for (const worker of workers) worker.terminate()
  }
}

async function compare(...runs: (() => Promise<unknown>)[]) {
  for (const run of runs) await settle(run)
  return await medianTimes(...runs)
}

/**
 * The browser compiles the kernels anew while they first run, on another core: where all cores are at work it takes
 * their time.
 */
async function settle(run: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  while (performance.now() - start < SETTLING) await run()
}
