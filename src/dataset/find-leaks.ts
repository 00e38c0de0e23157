import type { Problem, Sample } from './types.ts'

/** Photos in one message: a thousand file handles take the page 50 ms to hand over. */
const PORTION = 200

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
    void handOver(worker, samples, signal)
  })
}

/** Between two portions the page draws. */
async function handOver(worker: Worker, samples: readonly Sample[], signal: AbortSignal): Promise<void> {
  for (let from = 0; from < samples.length && !signal.aborted; from += PORTION) {
    worker.postMessage({ samples: samples.slice(from, from + PORTION) } satisfies LeaksMessage)
    await new Promise((drawn) => setTimeout(drawn))
  }
  worker.postMessage({ samples: null } satisfies LeaksMessage)
}

/** What the worker is told: a portion of the photos, or that these were all. */
export interface LeaksMessage {
  samples: readonly Sample[] | null
}
