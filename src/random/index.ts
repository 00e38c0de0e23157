/**
 * Seeded randomness that any language reproduces: mulberry32 seeded with the 32-bit FNV-1a hash of a name.
 * `tests/reference/README.md` describes the same streams. Imports nothing.
 */

const encoder = new TextEncoder()

/** 32-bit FNV-1a hash of the UTF-8 bytes of `text`, as an unsigned integer. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash >>> 0
}

/** A source of doubles in [0, 1). */
export type Random = () => number

/** mulberry32 from a 32-bit seed. */
export function mulberry32(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** The stream that belongs to the given parts, for example `stream(seed, 'all', 3, 'train/ants/1.jpg')`. */
export function stream(...parts: readonly (string | number)[]): Random {
  return mulberry32(fnv1a(parts.join('\u0000')))
}

/** Fisher-Yates shuffle of a copy; the same stream gives the same order everywhere. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = items.slice()
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = copy[i]
    copy[i] = copy[j]
    copy[j] = held
  }
  return copy
}
