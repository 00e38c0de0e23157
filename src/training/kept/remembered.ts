/** Features of photos, kept from one run to the next: a second run on the same photos computes none. */
import type { InnerBoundary } from '../../model/index.ts'
import type { KeptRows } from './rows.ts'

/** Kept rows are of one boundary. */
export interface Cut {
  boundary: InnerBoundary
  /** Values of a photo. */
  width: number
  rows: KeptRows
  /** Names of the views that were gone through. */
  known: Set<string>
}

/** Holds one cut: that of the run before. */
export class RememberedFeatures {
  #held: { key: string; cut: Cut } | null = null

  /** Hands over what was given under this key. Anything else is let go of: it stands for other photos or weights. */
  take(key: string): Cut | null {
    const held = this.#held
    this.#held = null
    return held?.key === key ? held.cut : null
  }

  /** @param key of everything that the values depend on beside a row's name */
  give(key: string, cut: Cut): void {
    this.#held = { key, cut }
  }

  forget(): void {
    this.#held = null
  }
}
