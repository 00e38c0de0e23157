/** Opens engines. */
import { EngineUnavailable } from './errors.ts'
import type { TrainStep } from './train-step.ts'

/** `stock-webgpu`: TF.js's own WebGPU kernels and gradients, for the bench. */
export type EngineName = 'webgpu' | 'wasm' | 'cpu' | 'stock-webgpu'

export interface EngineOptions {
  engine: EngineName
  /** Where TF.js's three `.wasm` files are; by default those that the page's build carries. A folder ends with `/`. */
  wasmPaths?: string | Record<string, string>
  /** `webgpu`: id of the kernels to use, from a recipe's `resolved`; by default those that suit the device. */
  kernels?: string
}

/** Loaded by those that need it: the plan runs without TF.js. */
const core = () => import('./core/index.ts')

/**
 * Opens an engine. TF.js's backends are loaded when they are asked for.
 * @throws where the engine cannot run here.
 */
export async function createEngine({ engine, wasmPaths, kernels }: EngineOptions): Promise<TrainStep> {
  switch (engine) {
    case 'wasm': {
      const { createCore } = await core()
      const wasm = await import('@tensorflow/tfjs-backend-wasm')
      wasm.setWasmPaths(wasmPaths ?? (await import('./wasm-files.ts')).WASM_FILES)
      return createCore('wasm', 'CPU, one thread')
    }
    case 'cpu': {
      const { createCore } = await core()
      await import('@tensorflow/tfjs-backend-cpu')
      return createCore('cpu', 'CPU, JavaScript')
    }
    case 'webgpu': {
      const { createPlan, openDevice } = await import('./plan/index.ts')
      const opened = await openDevice().catch((cause) => {
        throw new EngineUnavailable(`this browser opens no WebGPU device: ${cause}`)
      })
      if (!opened) throw new EngineUnavailable('this browser gives no WebGPU adapter')
      return createPlan(opened.device, { adapter: opened.adapter, kernels, ownsDevice: true })
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
