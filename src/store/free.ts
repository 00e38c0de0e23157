/** When the network is free to classify: while it learns, one more answer would wait for whole training steps. */
import { isActive, type RunStatus } from './run-state.ts'
import { useApp } from './state.ts'

export const isBusy = (status: RunStatus): boolean => isActive(status) && status !== 'paused'

/** Resolves when no run goes on, or it is paused, or `signal` aborts. */
export function whenFree(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const free = () => signal?.aborted || !isBusy(useApp.getState().run.status)
    if (free()) return resolve()
    const done = () => {
      stop()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const stop = useApp.subscribe(() => {
      if (free()) done()
    })
    signal?.addEventListener('abort', done)
  })
}
