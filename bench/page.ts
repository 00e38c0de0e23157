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

window.bench = {
  adapter: () => inWorker((bench) => bench.adapter()),
  timeStep: (engine, batch) => inWorker((bench) => bench.timeStep(engine, batch)),
  convolutions: () => inWorker((bench) => bench.convolutions()),
  timeConvolution: (index, kind) => inWorker((bench) => bench.timeConvolution(index, kind)),
}
