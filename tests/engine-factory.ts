/** Engines for tests in Node. */
import { fileURLToPath } from 'node:url'
import { createEngine, type TrainStep } from '../src/engine/index.ts'
import './relaxed-simd.ts'

/** Where TF.js's `.wasm` files are. */
export const WASM_PATHS = fileURLToPath(
  new URL('../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url),
)

/** @param kernels id of wasm's; by default the fastest */
export const makeEngine = (engine: 'wasm' | 'cpu', kernels?: string): Promise<TrainStep> =>
  createEngine({ engine, wasmPaths: WASM_PATHS, kernels })
