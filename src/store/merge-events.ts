/** Events arrive as fast as the engine steps; the page is told at most ten times a second. */

/** Milliseconds between two updates of the page. */
export const UPDATE_INTERVAL = 100

/**
 * Collects values and hands them on in one call, at most once every `interval` ms and at once where the last call
 * was longer ago than that.
 */
export function mergeEvents<T>(
  deliver: (values: T[]) => void,
  interval = UPDATE_INTERVAL,
  now: () => number = () => performance.now(),
): { push(value: T): void; flush(): void } {
  let waiting: T[] = []
  let timer: ReturnType<typeof setTimeout> | null = null
  let last = Number.NEGATIVE_INFINITY

  const flush = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (waiting.length === 0) return
    const values = waiting
    waiting = []
    last = now()
    deliver(values)
  }
  return {
    push(value) {
      waiting.push(value)
      if (timer === null) timer = setTimeout(flush, Math.max(0, interval - (now() - last)))
    },
    flush,
  }
}
