/** What this browser can do, found by trying: never by its name. */
import { adapterTraits } from '../engine/plan/device.ts'
import type { DeviceTraits } from '../engine/plan/kernels/kernel.ts'
import { type CanvasCheck, checkCanvas, checkWorkerCanvas } from './canvas.ts'
import { checkStorage, type StorageFindings } from './storage.ts'
import { hasSimd } from './wasm.ts'
import { checkWebGpu, type WebGpuFinding } from './webgpu.ts'

export interface BrowserFindings {
  /** https or this machine's own name: elsewhere browsers withhold camera, WebGPU, storage and clipboard. */
  secure: boolean
  /** The page's address. */
  address: string
  webgpu: WebGpuFinding
  /** What kernels can use of the adapter; null without one. */
  gpu: DeviceTraits | null
  wasm: 'simd' | 'plain' | 'none'
  /** Of the page, and of a worker's canvas, which is what photos are read through. */
  canvas: { page: CanvasCheck; worker: CanvasCheck }
  storage: StorageFindings
  camera: boolean
  clipboard: boolean
  /** Whether a folder can be asked for and opened again at the next visit without choosing it anew. */
  folderHandles: boolean
  /** Whether two tabs can tell each other what they hold. */
  locks: boolean
  /** Whether the screen can be kept awake. */
  wakeLock: boolean
}

/** Takes some tens of milliseconds, in which the page stays responsive. Never rejects. */
export async function findBrowser(): Promise<BrowserFindings> {
  const [webgpu, gpu, storage, worker] = await Promise.all([
    checkWebGpu(),
    adapterTraits(),
    checkStorage(),
    checkWorkerCanvas(),
  ])
  return {
    secure: window.isSecureContext,
    address: location.href,
    webgpu,
    gpu,
    wasm: typeof WebAssembly === 'undefined' ? 'none' : hasSimd() ? 'simd' : 'plain',
    canvas: { page: checkCanvas(), worker },
    storage,
    camera: navigator.mediaDevices?.getUserMedia !== undefined,
    clipboard: navigator.clipboard?.writeText !== undefined,
    folderHandles: 'showDirectoryPicker' in window,
    locks: navigator.locks !== undefined,
    wakeLock: 'wakeLock' in navigator,
  }
}
