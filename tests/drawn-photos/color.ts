import type { Random } from '../../src/random/index.ts'

/** Linear light, 0..1. */
export type Color = readonly [red: number, green: number, blue: number]

const linear = (value: number): number => value ** 2.2

/** From hue (degrees), saturation and value as a screen shows them. */
export function hsv(hue: number, saturation: number, value: number): Color {
  const channel = (offset: number): number => {
    const k = (offset + hue / 60) % 6
    return linear(value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1)))
  }
  return [channel(5), channel(3), channel(1)]
}

export function mix(a: Color, b: Color, share: number): Color {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]
}

export const uniform = (random: Random, low: number, high: number): number => low + (high - low) * random()

export const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothstep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)))
  return t * t * (3 - 2 * t)
}
