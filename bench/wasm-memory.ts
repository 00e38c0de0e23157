/** What three runs one after another leave of the wasm heap. */
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { openWasm } from '../src/engine/core/index.ts'
import { WASM_FILES } from '../src/engine/wasm-files.ts'
import { afterRuns } from './plan-figures.ts'
import type { MemoryAfterRuns } from './protocol.ts'

export async function wasmMemoryAfterRuns(): Promise<MemoryAfterRuns> {
  await using engine = await openWasm(WASM_FILES)
  const backend = tf.backend()
  if (!(backend instanceof BackendWasm)) throw new Error('the active backend is not wasm')
  const probe = tf.scalar(0)
  return await afterRuns(engine, () => backend.typedArrayFromHeap(probe).buffer.byteLength)
}
