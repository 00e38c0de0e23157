/** The weights, photos and labels that every engine gets, PyTorch too. Numbers from seeded streams. */

import type { StepConfig } from '../src/engine/train-step.ts'
import { elements, type HostTensor, type StateDict, stateEntries } from '../src/model/index.ts'
import { stream } from '../src/random/index.ts'

export const CLASSES = 10
/** px */
export const SIZE = 64
export const LEARNING_RATE = 0.001

/** Values uniform in [-bound, bound). */
export function values(name: string, count: number, bound: number): Float32Array<ArrayBuffer> {
  const random = stream('bench', name)
  return Float32Array.from({ length: count }, () => (random() * 2 - 1) * bound)
}

/** He's uniform start for the convolutions, batch norms at 1 and 0. */
export function startState(classes = CLASSES): StateDict {
  const state = new Map<string, HostTensor>()
  for (const { name, shape, kind } of stateEntries(classes)) {
    const count = elements(shape)
    const filled = (value: number) => new Float32Array(count).fill(value)
    if (kind === 'num_batches_tracked') state.set(name, { dtype: 'I64', shape, data: new BigInt64Array(1) })
    else if (kind === 'running_var' || (kind === 'weight' && shape.length === 1))
      state.set(name, { dtype: 'F32', shape, data: filled(1) })
    else if (kind === 'weight')
      state.set(name, { dtype: 'F32', shape, data: values(name, count, Math.sqrt(6 / (count / shape[0]))) })
    else state.set(name, { dtype: 'F32', shape, data: filled(0) })
  }
  return state
}

/** RGB bytes [batch, size, size, 3]. */
export function photos(batch: number, size: number): Uint8Array<ArrayBuffer> {
  const random = stream('bench', 'photos', batch, size)
  return Uint8Array.from({ length: batch * size * size * 3 }, () => Math.floor(random() * 256))
}

export const labels = (batch: number): Int32Array<ArrayBuffer> =>
  Int32Array.from({ length: batch }, (_, i) => i % CLASSES)

/** Every step that is measured: Adam, batch norm in train mode where nothing is locked. */
export const stepConfig = (
  locked: StepConfig['locked'] = [],
  microBatch: number | null = null,
): StepConfig => ({
  locked,
  batchNorm: 'frozen',
  optimizer: { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} },
  labelSmoothing: 0,
  microBatch,
})
