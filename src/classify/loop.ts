/** Classifies one picture after the other, as fast as answers come. */
import type { Classification } from '../training/trainer-api.ts'

export interface LoopOptions {
  /** One square picture, RGB bytes [size, size, 3]; null where there is none yet. */
  grab(): Promise<{ pixels: Uint8Array; size: number } | null>
  classify(pixels: Uint8Array, size: number): Promise<Classification>
  /** @param rate pictures a second, averaged over the last few. */
  onResult(result: Classification, rate: number): void
  /** Resolves when the next picture may be taken: the browser's next frame. */
  nextFrame(): Promise<void>
  signal: AbortSignal
  now?: () => number
}

/** How much of the rate is the last picture's. */
const WEIGHT = 0.2

/** Ends when `signal` aborts. @throws what `grab` or `classify` throw. */
export async function classifyLoop(options: LoopOptions): Promise<void> {
  const now = options.now ?? (() => performance.now())
  let interval: number | null = null
  let last = now()
  while (!options.signal.aborted) {
    const picture = await options.grab()
    if (picture) {
      const result = await options.classify(picture.pixels, picture.size)
      if (options.signal.aborted) return
      const time = now()
      interval = interval === null ? time - last : interval + WEIGHT * (time - last - interval)
      last = time
      options.onResult(result, 1000 / Math.max(1, interval))
    }
    await options.nextFrame()
  }
}
