/** What a process holds once garbage is collected, and what runs on an engine hold on to. */
import type { Inputs, StepConfig, TrainStep } from '../../src/engine/index.ts'
import { LOCK_ALL, LOCK_NONE } from '../../src/model/index.ts'
import { stream } from '../../src/random/index.ts'
import { randomState } from '../../src/weights/random-state.ts'

const CLASSES = 5
const BATCH = 4
/** px */
const SIZE = 32

/** JavaScript's objects and its array buffers, in bytes. */
export async function javascriptBytes(): Promise<{ heap: number; buffers: number }> {
  const { gc } = globalThis
  if (!gc) throw new Error('run with --expose-gc')
  // What finalizers free goes with the next collection.
  for (let i = 0; i < 3; i++) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heap: heapUsed, buffers: arrayBuffers }
}

const config = (locked: StepConfig['locked']): StepConfig => ({
  locked,
  batchNorm: 'frozen',
  optimizer: { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} },
  labelSmoothing: 0.1,
  microBatch: null,
})

const labels = Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES)

/** Other photos for each step, as in training. */
function photosOf(step: number): Inputs {
  const random = stream('long', step)
  const pixels = Uint8Array.from({ length: BATCH * SIZE * SIZE * 3 }, () => random() * 256)
  return { kind: 'photos', pixels, count: BATCH, size: SIZE }
}

export async function begin(engine: TrainStep): Promise<void> {
  await engine.load(randomState(CLASSES))
  await engine.configure(config(LOCK_NONE))
}

/** Steps with two in flight as in training; each tenth is followed by an evaluation, as an epoch is. */
export async function takeSteps(engine: TrainStep, from: number, to: number): Promise<void> {
  let before: Promise<unknown> = Promise.resolve()
  for (let step = from; step < to; step++) {
    const running = engine.step(photosOf(step), labels, 1e-4)
    await before
    before = running
    if (step % 10 !== 9) continue
    await before
    await engine.predict(photosOf(step))
  }
  await before
}

/** A whole run: both stages, an evaluation after each, and what a checkpoint reads. */
export async function wholeRun(engine: TrainStep): Promise<void> {
  await engine.load(randomState(CLASSES))
  for (const locked of [LOCK_ALL, LOCK_NONE]) {
    await engine.configure(config(locked))
    engine.resetOptimizer()
    await takeSteps(engine, 0, 20)
    await engine.readState()
    await engine.readOptimizer()
  }
}
