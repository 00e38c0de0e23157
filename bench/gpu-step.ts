/** The plan's whole training step with given kernels, timed. */
import { createPlan } from '../src/engine/plan/index.ts'
import type { StepResult } from '../src/engine/train-step.ts'
import { LEARNING_RATE, labels, photos, startState, stepConfig } from './inputs.ts'

export interface StepShape {
  /** px */
  size: number
  batch: number
}

export interface StepRow extends StepShape {
  kernels: string
  /** Milliseconds a step, two steps in flight. */
  milliseconds: number
  photosPerSecond: number
  microBatch: number
  megabytes: number
  /** Of every step from the first. */
  losses: number[]
}

const WARM = 2

export async function timeStep(
  device: GPUDevice,
  kernels: string,
  { size, batch }: StepShape,
  steps: number,
): Promise<StepRow> {
  await using plan = await createPlan(device, { kernels })
  const inputs = { kind: 'photos', pixels: photos(batch, size), count: batch, size } as const
  const targets = labels(batch)
  const step = () => plan.step(inputs, targets, LEARNING_RATE)
  await plan.load(startState())
  await plan.configure(stepConfig())
  const results: StepResult[] = []
  for (let i = 0; i < WARM; i++) results.push(await step())
  const start = performance.now()
  results.push(...(await Promise.all(Array.from({ length: steps }, step))))
  const milliseconds = (performance.now() - start) / steps
  if (!results.every(({ finite }) => finite)) throw new Error(`${kernels}: a step is not finite`)
  const microBatch = plan.microBatchFor(batch, size)
  return {
    size,
    batch,
    kernels,
    milliseconds,
    photosPerSecond: (1000 * batch) / milliseconds,
    microBatch,
    megabytes: Math.round(plan.estimateBytes(microBatch, size) / 2 ** 20),
    losses: results.map(({ loss }) => loss),
  }
}

/** The largest difference of two runs' losses, as a share of the first loss. */
export function lossDifference(a: StepRow, b: StepRow): number {
  return Math.max(...a.losses.map((loss, i) => Math.abs(loss - b.losses[i]))) / a.losses[0]
}
