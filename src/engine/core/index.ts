/**
 * Plain tf-core: torchvision's ResNet-18 on TF.js's `wasm` backend (gradients of our own), or on its `cpu` and
 * `webgpu` backends with TF.js's own gradients. May import `model`; gives `createCore`.
 */
import * as wasm from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import type { SharingEngine } from '../parallel/sharing.ts'
import { CoreEngine } from './core-engine.ts'
import { stockStrategy } from './stock/stock-strategy.ts'
import type { Strategy } from './strategy.ts'
import { wasmStrategy } from './wasm/wasm-strategy.ts'

/** Ids of the ways in which the two sum; see `EngineDescription.kernels`. */
const KERNELS = { wasm: 'simd-1', cpu: 'tfjs-cpu-4.22.0', webgpu: 'tfjs-webgpu-4.22.0' }

/** @throws where the backend is not registered or cannot start. */
export async function createCore(backend: Strategy['backend'], adapter: string): Promise<SharingEngine> {
  if (!(await tf.setBackend(backend))) throw new Error(`TF.js's ${backend} backend cannot start here`)
  tf.enableProdMode()
  const strategy = backend === 'wasm' ? wasmStrategy() : stockStrategy(backend)
  return new CoreEngine(strategy, { engine: backend, adapter, kernels: KERNELS[backend] })
}

/**
 * The wasm engine.
 * @param paths where TF.js's `.wasm` files are
 * @throws where it cannot start
 */
export async function openWasm(paths: string | Record<string, string>): Promise<SharingEngine> {
  // TF.js's threads stay idle (its issue 8513), and their build does not show its memory.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  wasm.setWasmPaths(paths)
  return createCore('wasm', 'CPU, one thread')
}
