/** What a run takes of the wasm heap beside its estimate, and what three runs one after another leave of it. */
import { openWasm } from '../src/engine/core/index.ts'
import { WASM_FILES } from '../src/engine/wasm-files.ts'
import type { FreezePlan } from '../src/model/index.ts'
import { heapBuffer, measureHeap, measureSharingHeap } from './heap-use.ts'
import { afterRuns } from './plan-figures.ts'
import type { MemoryAfterRuns, MemoryEstimate } from './protocol.ts'

export async function wasmMemory(size: number, batch: number, locked: FreezePlan): Promise<MemoryEstimate> {
  await using engine = await openWasm(WASM_FILES)
  return await measureHeap(engine, size, batch, locked)
}

export async function wasmSharingMemory(size: number, photos: number, rank: 0 | 1): Promise<MemoryEstimate> {
  await using engine = await openWasm(WASM_FILES)
  return await measureSharingHeap(engine, size, photos, rank)
}

export async function wasmMemoryAfterRuns(): Promise<MemoryAfterRuns> {
  await using engine = await openWasm(WASM_FILES)
  const heap = heapBuffer()
  return await afterRuns(engine, () => heap().byteLength)
}
