import type { Random } from '../../../src/random/index.ts'
import { hsv, mix, pick, smoothstep, uniform } from '../color.ts'
import { fractalNoise, noise } from '../noise.ts'
import { dim, paint, type Shape, tint } from '../surface.ts'

/** Hue of the peel, hue of the pulp, and the pulp's saturation and value. */
const FRUITS: readonly (readonly [number, number, number, number])[] = [
  // Orange, lemon, lime, grapefruit, blood orange.
  [28, 32, 0.85, 0.95],
  [52, 54, 0.6, 0.95],
  [90, 82, 0.45, 0.8],
  [40, 8, 0.65, 0.9],
  [22, 2, 0.8, 0.6],
]

/** A slice of a citrus fruit, whole or half: peel, pith, and segments that shine wet. */
export function citrus(random: Random): Shape {
  const [peelHue, pulpHue, saturation, value] = pick(random, FRUITS)
  const hue = pulpHue + uniform(random, -4, 4)
  const peel = hsv(peelHue + uniform(random, -5, 5), 0.85, uniform(random, 0.7, 0.9))
  const pith = hsv(50, uniform(random, 0.08, 0.2), 0.95)
  const pulp = hsv(hue, saturation, value)
  const bright = mix(pulp, pith, 0.45)
  const deep = hsv(hue - 6, Math.min(1, saturation + 0.1), value * 0.75)
  const pip = hsv(42, 0.35, 0.85)
  const segments = pick(random, [8, 9, 10, 11])
  const offset = random()
  const thickness = uniform(random, 0.04, 0.1)
  const half = random() < 0.25
  const oval = uniform(random, 0.9, 1)
  const seed = Math.floor(random() * 1e6)
  const pips = random() < 0.4 ? 1 + Math.floor(random() * 4) : 0

  return (x, y, texel) => {
    const radius = Math.hypot(x, y / oval)
    const angle = Math.atan2(y, x) / (2 * Math.PI) + 0.5
    const outline = radius - 0.95 + 0.02 * noise(Math.cos(angle * 6.28) * 2, Math.sin(angle * 6.28) * 2, seed)
    texel.distance = half ? Math.max(outline, -y - 0.02) : outline
    texel.gloss = 0.3
    texel.height = 0.1 * smoothstep(0, -0.05, outline)
    paint(texel, peel)
    dim(texel, 0.85 + 0.3 * noise(x * 30, y * 30, seed))
    tint(texel, pith, smoothstep(-0.035, -0.07, outline))
    // Walls between segments and the core are pith.
    const phase = angle * segments + offset
    const toWall = (Math.abs(phase - Math.round(phase)) / segments) * 2 * Math.PI * radius
    const wobble = 0.02 * noise(x * 6, y * 6, seed + 1)
    const depth = Math.min(toWall - 0.012 - wobble, radius - 0.1, 0.9 - thickness - radius)
    const inPulp = smoothstep(0, 0.03, depth)
    if (inPulp > 0) {
      // Vesicles run from the core outwards.
      const grain =
        noise(phase * 9, radius * 5, seed + 2) * 0.6 + noise(phase * 22, radius * 9, seed + 3) * 0.4
      tint(texel, pulp, inPulp)
      tint(texel, bright, inPulp * smoothstep(0.55, 0.85, grain) * 0.7)
      tint(texel, deep, inPulp * smoothstep(0.45, 0.15, grain) * 0.6)
      texel.gloss = 0.3 + 0.6 * inPulp
      texel.height += 0.03 * grain * inPulp - 0.015
    }
    const cell = Math.floor(phase)
    if (pips > 0 && cell % Math.ceil(segments / pips) === 0) {
      const middle = (phase - cell - 0.5) * 0.6
      const seedShape = Math.hypot(middle * 3.4, (radius - 0.3) * 1.1) - 0.13
      if (seedShape < 0) {
        paint(texel, pip)
        texel.height += 0.05 * smoothstep(0, -0.1, seedShape)
      }
    }
    dim(texel, 0.92 + 0.16 * fractalNoise(x * 2, y * 2, seed + 4, 2))
  }
}
