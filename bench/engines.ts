/** Engines as the page opens them, with the bench's weights in. */
import { createEngine, type EngineName, type Inputs, type TrainStep } from '../src/engine/index.ts'
import { type FreezePlan, LOCK_NONE } from '../src/model/index.ts'
import { LEARNING_RATE, labels, photos, startState, stepConfig } from './inputs.ts'

/** An engine on all its cores, with the kernels that are fastest for such steps. */
export async function openEngine(engine: EngineName, size: number, batch: number): Promise<TrainStep> {
  const step = await createEngine({ engine, tuning: { size, batch } })
  await prepare(step)
  return step
}

/** Puts the same weights in and forgets the optimizer's state: Adam, batch norm in train mode where it is not locked. */
export async function prepare(engine: TrainStep, locked: FreezePlan = LOCK_NONE): Promise<void> {
  await engine.load(startState())
  await configure(engine, locked)
  engine.resetOptimizer()
}

export const configure = (
  engine: TrainStep,
  locked: FreezePlan,
  microBatch: number | null = null,
): Promise<void> => engine.configure(stepConfig(locked, microBatch))

export const photoInputs = (count: number, size: number): Inputs => ({
  kind: 'photos',
  pixels: photos(count, size),
  count,
  size,
})

/** A function that takes one step and gives its loss. */
export function stepper(engine: TrainStep, batch: number, size: number): () => Promise<number> {
  const inputs = photoInputs(batch, size)
  const classes = labels(batch)
  return async () => (await engine.step(inputs, classes, LEARNING_RATE)).loss
}
