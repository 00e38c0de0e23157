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
import { kernelsHere } from './wasm/kernels.ts'
import { wasmStrategy } from './wasm/wasm-strategy.ts'

/** Ids of the ways in which TF.js's own kernels sum; see `EngineDescription.kernels`. */
const STOCK_KERNELS = { cpu: 'tfjs-cpu-4.22.0', webgpu: 'tfjs-webgpu-4.22.0' }

/**
 * TF.js with its own gradients.
 * @throws where the backend is not registered or cannot start.
 */
export async function createCore(
  backend: keyof typeof STOCK_KERNELS,
  adapter: string,
): Promise<SharingEngine> {
  await start(backend)
  return new CoreEngine(stockStrategy(backend), { engine: backend, adapter, kernels: STOCK_KERNELS[backend] })
}

/**
 * The wasm engine.
 * @param paths where TF.js's `.wasm` files are
 * @param kernels id of an earlier run's engine: its kernels are taken where they run here, else the fastest
 * @throws where it cannot start
 */
export async function openWasm(
  paths: string | Record<string, string>,
  kernels?: string,
): Promise<SharingEngine> {
  // TF.js's threads stay idle (its issue 8513), and their build does not show its memory.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  wasm.setWasmPaths(paths)
  await start('wasm')
  const id = kernelsHere(kernels)
  return new CoreEngine(wasmStrategy(id), { engine: 'wasm', adapter: 'CPU, one thread', kernels: id })
}

async function start(backend: Strategy['backend']): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`TF.js's ${backend} backend cannot start here`)
  tf.enableProdMode()
}
