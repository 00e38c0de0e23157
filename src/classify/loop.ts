/** Classifies one picture after the other, as fast as answers come. */
import type { Classification } from '../training/trainer-api.ts'

export interface LoopOptions {
  /** One square picture, RGB bytes [size, size, 3]; null where there is none yet. */
  grab(): Promise<{ pixels: Uint8Array; size: number } | null>
  classify(pixels: Uint8Array, size: number): Promise<Classification>
  /** @param rate pictures a second, averaged over the last few; null where there is nothing to average yet. */
  onResult(result: Classification, rate: number | null): void
  /**
   * Resolves when the next picture may be taken: the browser's next frame. False where it was waited for longer,
   * as in a hidden tab: that wait says nothing about the rate.
   */
  nextFrame(): Promise<boolean>
  signal: AbortSignal
  now?: () => number
}

/** How much of the rate is the last picture's. */
const WEIGHT = 0.2

/**
 * Ends when `signal` aborts. A picture is taken only when the one before is answered, so none pile up.
 * @throws what `grab` or `classify` throw.
 */
export async function classifyLoop(options: LoopOptions): Promise<void> {
  const now = options.now ?? (() => performance.now())
  let interval: number | null = null
  /** When the last answer came; null before the first and after a wait. */
  let last: number | null = null
  while (!options.signal.aborted) {
    const picture = await options.grab()
    if (picture) {
      const result = await options.classify(picture.pixels, picture.size)
      if (options.signal.aborted) return
      const time = now()
      if (last !== null) {
        const took = time - last
        interval = interval === null ? took : interval + WEIGHT * (took - interval)
      }
      last = time
      options.onResult(result, interval === null ? null : 1000 / Math.max(1, interval))
    }
    if (!(await options.nextFrame())) last = null
  }
}

/** The browser's next frame; in a hidden tab, when it is shown again or `signal` aborts. */
export function nextVisibleFrame(signal: AbortSignal): Promise<boolean> {
  let wasHidden = document.hidden
  const note = () => {
    if (document.hidden) wasHidden = true
  }
  return new Promise((resolve) => {
    const done = () => {
      document.removeEventListener('visibilitychange', note)
      signal.removeEventListener('abort', done)
      resolve(!wasHidden)
    }
    document.addEventListener('visibilitychange', note)
    signal.addEventListener('abort', done)
    // Comes only while the tab is in sight.
    requestAnimationFrame(done)
  })
}
