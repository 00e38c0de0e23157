/**
 * Whether a canvas gives back what was drawn. Against fingerprinting some browsers change what is read back: a few
 * values by one (Brave, Firefox's private windows), or every pixel (Firefox's `resistFingerprinting`). Photos are
 * read through a canvas, so the first costs exactness and the second makes training useless.
 */

export interface CanvasCheck {
  /** `noise`: a few values are off; `blocked`: it is another picture; `none`: there is no such canvas. */
  kind: 'exact' | 'noise' | 'blocked' | 'none'
  /** Share of colour values that are off, 0..1. */
  changed: number
  /** By how much at most, of 255. */
  largest: number
}

/** Large and colourful enough that noise which spares plain areas or hits few pixels shows. */
const SIDE = 96

const nothing = { kind: 'none', changed: 0, largest: 0 } as const

/** Opaque RGBA [SIDE, SIDE, 4]: slopes in each channel and a fine pattern over them. */
export function knownPixels(): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4)
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const at = (y * SIDE + x) * 4
      data[at] = 2 * x + 17
      data[at + 1] = 2 * y + 31
      data[at + 2] = (x * 7 + y * 13 + ((x ^ y) & 1) * 64) % 256
      data[at + 3] = 255
    }
  return data
}

/** Two RGBA pictures of the same size, value by value; alpha does not count. */
export function comparePixels(drawn: Uint8ClampedArray, read: Uint8ClampedArray): CanvasCheck {
  let changed = 0
  let largest = 0
  for (let i = 0; i < drawn.length; i++) {
    if (i % 4 === 3) continue
    const off = Math.abs(drawn[i] - read[i])
    if (off > 0) changed++
    largest = Math.max(largest, off)
  }
  const share = changed / ((drawn.length * 3) / 4)
  // What looks like the picture still differs by little; another picture differs nearly everywhere and by much.
  const kind = changed === 0 ? 'exact' : share > 0.5 && largest > 32 ? 'blocked' : 'noise'
  return { kind, changed: share, largest }
}

/** Draws known pixels and reads them back, on a canvas as the photo loaders use it. */
export function checkCanvas(): CanvasCheck {
  if (typeof OffscreenCanvas === 'undefined') return nothing
  const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true, alpha: false })
  if (!context) return nothing
  const drawn = knownPixels()
  context.putImageData(new ImageData(drawn.slice(), SIDE, SIDE), 0, 0)
  try {
    return comparePixels(drawn, context.getImageData(0, 0, SIDE, SIDE).data)
  } catch {
    return { kind: 'blocked', changed: 1, largest: 255 } // Refused to read at all.
  }
}

/** The same in a worker, where the photo loaders are. */
export function checkWorkerCanvas(): Promise<CanvasCheck> {
  return new Promise((resolve) => {
    try {
      const worker = new Worker(new URL('./canvas.worker.ts', import.meta.url), {
        type: 'module',
        name: 'canvas check',
      })
      const finish = (check: CanvasCheck) => {
        worker.terminate()
        resolve(check)
      }
      worker.onmessage = ({ data }: MessageEvent<CanvasCheck>) => finish(data)
      worker.onerror = () => finish(nothing)
    } catch {
      resolve(nothing)
    }
  })
}
