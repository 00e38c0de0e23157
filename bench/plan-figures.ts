/** What the plan takes beside time on the GPU: dispatches, memory, and time in JavaScript. */
import { createPlan, openDevice } from '../src/engine/plan/index.ts'
import type { TrainStep } from '../src/engine/train-step.ts'
import { elements, LOCK_ALL, LOCK_NONE, stateEntries } from '../src/model/index.ts'
import { configure, photoInputs, prepare, stepper } from './engines.ts'
import { CLASSES, LEARNING_RATE, labels, photos, startState } from './inputs.ts'
import { tunedKernels } from './kernel-choice.ts'
import { meterMemory, watchQueue } from './meter.ts'
import type { MemoryAfterRuns, PlanMemory, Timing } from './protocol.ts'
import { median } from './timing.ts'

/** Nothing is cut into micro-batches below this. */
const ALL_MEMORY = 16 * 2 ** 30

async function device(): Promise<GPUDevice> {
  const opened = await openDevice()
  if (!opened) throw new Error('this browser gives no WebGPU adapter')
  return opened.device
}

/** Dispatches of a whole step: all layers, batch norm in train mode, Adam. */
export async function countDispatches(size: number, batch: number): Promise<number> {
  const gpu = await device()
  const kernels = await tunedKernels(size, batch)
  const seen = watchQueue(gpu, false)
  await using plan = await createPlan(gpu, { kernels, ownsDevice: true })
  await prepare(plan)
  const step = stepper(plan, batch, size)
  await step()
  seen.dispatches = 0
  await step()
  return seen.dispatches
}

/** Bytes of a step's buffers, which are made and filled by nothing: the GPU computes none of it. */
export async function planMemory(size: number, batch: number): Promise<PlanMemory> {
  const gpu = await device()
  const kernels = await tunedKernels(size, batch)
  const meter = meterMemory(gpu)
  watchQueue(gpu, false)
  await using plan = await createPlan(gpu, { kernels, ownsDevice: true, memoryBudget: ALL_MEMORY })
  await plan.load(startState())
  await configure(plan, LOCK_NONE, batch)
  await stepper(plan, batch, size)()
  return { peak: meter.peak, estimate: plan.estimateBytes(batch, size), persistent: persistentBytes() }
}

/** Parameters, their gradients and Adam's two moments, and the running statistics. */
function persistentBytes(): number {
  return stateEntries(CLASSES).reduce((bytes, { kind, shape }) => {
    if (kind === 'num_batches_tracked') return bytes
    const copies = kind === 'running_mean' || kind === 'running_var' ? 1 : 4
    return bytes + 4 * copies * elements(shape)
  }, 0)
}

/** What three runs on one plan leave held: head stage, all layers, a smaller last batch, evaluation. */
export async function planMemoryAfterRuns(): Promise<MemoryAfterRuns> {
  const gpu = await device()
  const meter = meterMemory(gpu)
  await using plan = await createPlan(gpu, { ownsDevice: true })
  return await afterRuns(plan, () => meter.held)
}

export async function afterRuns(engine: TrainStep, held: () => number): Promise<MemoryAfterRuns> {
  const after: number[] = []
  for (let run = 0; run < 3; run++) {
    await prepare(engine, LOCK_ALL)
    for (const count of [8, 8, 5]) await stepper(engine, count, 64)()
    await configure(engine, LOCK_NONE)
    engine.resetOptimizer()
    for (const count of [8, 8, 5]) await stepper(engine, count, 64)()
    await engine.predict(photoInputs(8, 64))
    await engine.readState()
    after.push(held())
  }
  return { first: after[0], last: after[2] }
}

/**
 * Milliseconds a step of this thread's own work, the GPU computing nothing: the encoded commands are dropped instead of
 * submitted, and two steps are in flight, so that nothing is waited for but this thread.
 */
export async function timeScript(size: number, batch: number): Promise<Timing> {
  const gpu = await device()
  const kernels = await tunedKernels(size, batch)
  watchQueue(gpu, false)
  await using plan = await createPlan(gpu, { kernels, ownsDevice: true })
  await prepare(plan)
  const inputs = { kind: 'photos', pixels: photos(batch, size), count: batch, size } as const
  const targets = labels(batch)
  const steps = async (count: number) => {
    const start = performance.now()
    await Promise.all(Array.from({ length: count }, () => plan.step(inputs, targets, LEARNING_RATE)))
    return (performance.now() - start) / count
  }
  await steps(20)
  const times: number[] = []
  for (let sample = 0; sample < 7; sample++) times.push(await steps(30))
  return { milliseconds: median(times), samples: times.length }
}
