/** How far the heap of TF.js's wasm backend is written to. Runs in Node and in a page's worker. */
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import type { TrainStep } from '../src/engine/index.ts'
import type { FreezePlan } from '../src/model/index.ts'
import { photoInputs, stepper } from './engines.ts'
import { startState, stepConfig } from './inputs.ts'
import type { MemoryEstimate } from './protocol.ts'

/** Photos that are evaluated between steps. */
const EVALUATED = 32

/** The active wasm backend's heap, as it is when it is asked for. */
export function heapBuffer(): () => ArrayBufferLike {
  const backend = tf.backend()
  if (!(backend instanceof BackendWasm)) throw new Error('the active backend is not wasm')
  const probe = tf.scalar(0)
  return () => backend.typedArrayFromHeap(probe).buffer
}

/**
 * The heap's end: behind its last byte that is not zero. Memory beyond it, by which the heap grows too far (a fifth, 100 MB
 * at most), was never touched, so no system gives it pages.
 */
export function heapEnd(heap: ArrayBufferLike): number {
  const words = new Float64Array(heap)
  return words.BYTES_PER_ELEMENT * (words.findLastIndex((word) => word !== 0) + 1)
}

/** Steps of Adam and an evaluation on a wasm engine whose heap is new: what was estimated before, and what it took. */
export async function measureHeap(
  engine: TrainStep,
  size: number,
  batch: number,
  locked: FreezePlan,
): Promise<MemoryEstimate> {
  const heap = heapBuffer()
  await engine.load(startState())
  await engine.configure(stepConfig(locked))
  const estimate = engine.estimateBytes(batch, size)
  const step = stepper(engine, batch, size)
  await step()
  await step()
  await engine.predict(photoInputs(EVALUATED, size))
  await step()
  await engine.readState()
  return { estimate, peak: heapEnd(heap()) }
}
