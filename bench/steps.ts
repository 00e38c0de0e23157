/** The whole training step on one engine: 64 px, all layers, batch norm in train mode, Adam. */
import { createEngine, type Inputs, type TrainStep } from '../src/engine/index.ts'
import { LEARNING_RATE, labels, photos, SIZE, startState } from './inputs.ts'
import type { PageEngine, StepTiming } from './protocol.ts'
import { elapsed, medianTime } from './timing.ts'

/** A peer slower than this (ms) is warmed at `WARM_SIZE` px and timed once. */
const TOO_SLOW = 20_000
const WARM_SIZE = 32
/** A step of 64 px has at least three times the work of one of 32 px. */
const GROWTH = 3

export async function timeStep(name: PageEngine, batch: number): Promise<StepTiming> {
  await using engine = await createEngine({ engine: name })
  await prepare(engine)
  const { adapter, kernels } = engine.description
  const step = stepper(engine, batch, SIZE)
  if (name === 'stock-webgpu') {
    const warm = stepper(engine, batch, WARM_SIZE)
    await warm()
    if (GROWTH * (await elapsed(warm, 1)) > TOO_SLOW) {
      await prepare(engine)
      let loss = Number.NaN
      const milliseconds = await elapsed(async () => {
        loss = await step()
      }, 1)
      return { milliseconds, samples: 1, loss, adapter, kernels }
    }
    await prepare(engine)
  }
  const { milliseconds, samples, warm: loss } = await medianTime(step)
  return { milliseconds, samples, loss, adapter, kernels }
}

/** Puts the same weights in and forgets the optimizer's state. */
async function prepare(engine: TrainStep): Promise<void> {
  await engine.load(startState())
  await engine.configure({
    locked: [],
    batchNorm: 'frozen',
    optimizer: { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} },
    labelSmoothing: 0,
    microBatch: null,
  })
  engine.resetOptimizer()
}

/** A function that takes one step and gives its loss. */
function stepper(engine: TrainStep, batch: number, size: number): () => Promise<number> {
  const inputs: Inputs = { kind: 'photos', pixels: photos(batch, size), count: batch, size }
  const classes = labels(batch)
  return async () => (await engine.step(inputs, classes, LEARNING_RATE)).loss
}
