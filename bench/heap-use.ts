/** How far the heap of TF.js's wasm backend is written to. Runs in Node and in a page's worker. */
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import type { TrainStep } from '../src/engine/index.ts'
import type { SharingEngine } from '../src/engine/parallel/index.ts'
import { shards } from '../src/engine/parallel/shards.ts'
import { type FreezePlan, LOCK_NONE } from '../src/model/index.ts'
import { photoInputs, stepper } from './engines.ts'
import { CLASSES, LEARNING_RATE, labels, startState, stepConfig } from './inputs.ts'
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

/**
 * The same for one of two engines that share batches of all layers, `photos` each; `rank`: which of them. What the
 * other would send is as long as this one's own parameters, which stand for it. The heap must be new here, too.
 */
export async function measureSharingHeap(
  engine: SharingEngine,
  size: number,
  photos: number,
  rank: 0 | 1,
): Promise<MemoryEstimate> {
  const heap = heapBuffer()
  const both = shards(CLASSES, 2)
  const [own, others] = rank === 0 ? both : both.toReversed()
  await engine.load(startState())
  await engine.configure(stepConfig(LOCK_NONE), own)
  const estimate = engine.shareBytes(photos, size, 0, own)
  const step = async () => {
    const scale = 0.5 / photos
    await engine.backward(photoInputs(photos, size), labels(photos), scale, [others])
    await engine.update(own, [await engine.readValues(own)], LEARNING_RATE)
    await engine.writeValues(others, await engine.readValues(others))
  }
  await step()
  await step()
  await engine.predict(photoInputs(EVALUATED, size))
  await step()
  return { estimate, peak: heapEnd(heap()) }
}
