/** Opens engines. */
import { EngineUnavailable } from './errors.ts'
import { workersHere } from './parallel/workers.ts'
import type { Precision } from './plan/candidates.ts'
import type { TrainStep } from './train-step.ts'

/** `stock-webgpu`: TF.js's own WebGPU kernels and gradients, for the bench. */
export type EngineName = 'webgpu' | 'wasm' | 'cpu' | 'stock-webgpu'

export interface EngineOptions {
  engine: EngineName
  /** Where TF.js's three `.wasm` files are; by default those that the page's build carries. A folder ends with `/`. */
  wasmPaths?: string | Record<string, string>
  /**
   * `webgpu`, `wasm`: id of the kernels to use, from a recipe's `resolved`; by default `tuning` says, or they are the
   * fastest that run here.
   */
  kernels?: string
  /**
   * `webgpu`: photos and their side in px of the steps to come: the kernels that are fastest for such steps are found by
   * measuring, once an adapter (under 3 s). By default those are taken that should suit the device.
   */
  tuning?: { size: number; batch: number }
  /** `webgpu`: `float16` lets kernels round to half precision where the device has it; by default `float32`. */
  precision?: Precision
  /** `wasm`: how many engines share each training batch, see `parallel/`; by default one takes it whole. */
  workers?: number
  /** `wasm`: bytes that a run may take; engines that only evaluate are then fewer. */
  memoryLimit?: number | null
}

/** Loaded by those that need it: the plan runs without TF.js. */
const core = () => import('./core/index.ts')

/**
 * Opens an engine. TF.js's backends are loaded when they are asked for.
 * @throws where the engine cannot run here.
 */
export async function createEngine({
  engine,
  wasmPaths,
  kernels,
  tuning,
  precision,
  workers = 1,
  memoryLimit = null,
}: EngineOptions): Promise<TrainStep> {
  switch (engine) {
    case 'wasm': {
      const { openWasm } = await core()
      const engine = await openWasm(wasmPaths ?? (await import('./wasm-files.ts')).WASM_FILES, kernels)
      const counts = workersHere(workers, memoryLimit)
      if (counts.train === 1 && counts.evaluate === 1) return engine
      const { openPeer, ParallelEngine } = await import('./parallel/index.ts')
      return new ParallelEngine(engine, openPeer, counts)
    }
    case 'cpu': {
      const { createCore } = await core()
      await import('@tensorflow/tfjs-backend-cpu')
      return createCore('cpu', 'CPU, JavaScript')
    }
    case 'webgpu': {
      const { openPlan } = await import('./plan/index.ts')
      return openPlan({ kernels, tuning, precision })
    }
    case 'stock-webgpu': {
      const { createCore } = await core()
      const [adapter] = await Promise.all([
        navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' }),
        import('@tensorflow/tfjs-backend-webgpu'),
      ])
      if (!adapter) throw new EngineUnavailable('this browser gives no WebGPU adapter')
      const { vendor, architecture, description } = adapter.info
      return createCore('webgpu', description || [vendor, architecture].filter(Boolean).join(' '))
    }
  }
}
