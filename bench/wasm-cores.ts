/** The wasm engine on one core and on more: the frozen forward, and the whole step, 64 px. Runs in a page's worker. */
import { openWasm } from '../src/engine/core/index.ts'
import type { Inputs, TrainStep } from '../src/engine/index.ts'
import { openPeer, ParallelEngine } from '../src/engine/parallel/index.ts'
import { WASM_FILES } from '../src/engine/wasm-files.ts'
import { type FreezePlan, LOCK_NONE } from '../src/model/index.ts'
import { LEARNING_RATE, labels, photos, SIZE, startState, stepConfig } from './inputs.ts'
import type { Timing } from './protocol.ts'
import { medianTime } from './timing.ts'

/** One wasm engine, or one a core. */
async function open(cores: number): Promise<TrainStep> {
  const engine = await openWasm(WASM_FILES)
  return cores === 1 ? engine : new ParallelEngine(engine, openPeer, { evaluate: cores, train: cores })
}

async function prepared(cores: number, locked: FreezePlan): Promise<TrainStep> {
  const engine = await open(cores)
  await engine.load(startState())
  await engine.configure(stepConfig(locked))
  return engine
}

const batchOf = (count: number): Inputs => ({
  kind: 'photos',
  pixels: photos(count, SIZE),
  count,
  size: SIZE,
})

/** Logits of `count` photos, batch norm folded, shared by `cores` engines. */
export async function timeForward(count: number, cores: number): Promise<Timing> {
  await using engine = await prepared(cores, LOCK_NONE)
  const inputs = batchOf(count)
  const { milliseconds, samples } = await medianTime(() => engine.predict(inputs))
  return { milliseconds, samples }
}

/**
 * A step of Adam with `locked` stages, the batch shared by `cores` engines as DistributedDataParallel does it. `loss`: of
 * the first step.
 */
export async function timeWasmStep(
  count: number,
  cores: number,
  locked: FreezePlan = LOCK_NONE,
): Promise<Timing & { loss: number }> {
  await using engine = await prepared(cores, locked)
  const inputs = batchOf(count)
  const { milliseconds, samples, warm } = await medianTime(() =>
    engine.step(inputs, labels(count), LEARNING_RATE),
  )
  return { milliseconds, samples, loss: warm.loss }
}
