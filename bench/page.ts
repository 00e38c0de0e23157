/** The bench page: each call gets a worker of its own, so that no engine finds another's memory or shaders. */
import { wrap } from 'comlink'
import type { BenchPage } from './protocol.ts'

async function inWorker<T>(call: (bench: BenchPage) => Promise<T>): Promise<T> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = (event) => reject(new Error(`the bench's worker: ${event.message}`))
  })
  try {
    return await Promise.race([call(wrap<BenchPage>(worker)), failed])
  } finally {
    worker.terminate()
  }
}

/** Each call goes to the method of its name in a new worker. */
window.bench = {
  adapter: () => inWorker((bench) => bench.adapter()),
  kernels: (...call) => inWorker((bench) => bench.kernels(...call)),
  timeStep: (...call) => inWorker((bench) => bench.timeStep(...call)),
  timeFreezePlans: (...call) => inWorker((bench) => bench.timeFreezePlans(...call)),
  timePhoto: (...call) => inWorker((bench) => bench.timePhoto(...call)),
  convolutions: () => inWorker((bench) => bench.convolutions()),
  timeConvolution: (...call) => inWorker((bench) => bench.timeConvolution(...call)),
  timeGradients: (...call) => inWorker((bench) => bench.timeGradients(...call)),
  countDispatches: (...call) => inWorker((bench) => bench.countDispatches(...call)),
  planMemory: (...call) => inWorker((bench) => bench.planMemory(...call)),
  planMemoryAfterRuns: () => inWorker((bench) => bench.planMemoryAfterRuns()),
  wasmMemory: (...call) => inWorker((bench) => bench.wasmMemory(...call)),
  wasmSharingMemory: (...call) => inWorker((bench) => bench.wasmSharingMemory(...call)),
  wasmMemoryAfterRuns: () => inWorker((bench) => bench.wasmMemoryAfterRuns()),
  timeScript: (...call) => inWorker((bench) => bench.timeScript(...call)),
  compareWasmForward: (...call) => inWorker((bench) => bench.compareWasmForward(...call)),
  compareWasmSteps: (...call) => inWorker((bench) => bench.compareWasmSteps(...call)),
  compareWasmKernels: (...call) => inWorker((bench) => bench.compareWasmKernels(...call)),
  cores: () => inWorker((bench) => bench.cores()),
}
