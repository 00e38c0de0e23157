import type { Problem, Sample } from './types.ts'

/**
 * Photos that train and validate (see ./leaks.ts), found in a worker of its own, which ends with the search. A search
 * that was ended by `signal`, or that no worker could do, finds nothing.
 */
export function findLeaks(samples: readonly Sample[], signal: AbortSignal): Promise<Problem[]> {
  const worker = new Worker(new URL('./leaks.worker.ts', import.meta.url), { type: 'module', name: 'leaks' })
  return new Promise<Problem[]>((resolve) => {
    const end = (found: Problem[]) => {
      worker.terminate()
      resolve(found)
    }
    signal.addEventListener('abort', () => end([]), { once: true })
    worker.onerror = () => end([])
    worker.onmessage = ({ data }: MessageEvent<Problem[]>) => end(data)
    worker.postMessage(samples)
  })
}
