import type { Random } from '../../../src/random/index.ts'
import { hsv, pick, smoothstep, uniform } from '../color.ts'
import { fractalNoise, noise } from '../noise.ts'
import { dim, paint, type Shape, tint } from '../surface.ts'

/** A door key lying along y, its bow at the top: an old one with a bit, or a flat one with a notched blade. */
export function key(random: Random): Shape {
  const old = random() < 0.45
  const metal = pick(random, ['brass', 'steel', 'steel', 'iron', 'copper'] as const)
  const color = {
    brass: hsv(uniform(random, 38, 48), 0.55, uniform(random, 0.65, 0.85)),
    steel: hsv(uniform(random, 200, 230), 0.06, uniform(random, 0.65, 0.85)),
    iron: hsv(25, 0.15, uniform(random, 0.25, 0.38)),
    copper: hsv(uniform(random, 14, 24), 0.55, 0.7),
  }[metal]
  const stain = hsv(20, 0.5, 0.3)
  const worn = uniform(random, 0, metal === 'steel' ? 0.4 : 0.9)
  const seed = Math.floor(random() * 1e6)
  const cap = !old && random() < 0.35 ? hsv(uniform(random, 0, 360), 0.75, uniform(random, 0.3, 0.8)) : null
  const outline = old ? oldKey(random) : flatKey(random)

  return (x, y, texel) => {
    const distance = outline(x, y)
    texel.distance = distance
    texel.gloss = 0.95 - 0.5 * worn
    texel.height = 0.07 * smoothstep(0, old ? -0.09 : -0.03, distance)
    paint(texel, color)
    // Scratches run along the key.
    dim(texel, 0.8 + 0.4 * noise(x * 40, y * 5, seed))
    tint(texel, stain, worn * smoothstep(0.5, 0.75, fractalNoise(x * 4, y * 4, seed + 1, 3)))
    if (!old && Math.abs(x) < 0.035 && y > -0.2) {
      texel.height -= 0.03
      dim(texel, 0.7)
    }
    if (cap && y < -0.3) {
      paint(texel, cap)
      texel.gloss = 0.4
      texel.height += 0.04
    }
  }
}

type Outline = (x: number, y: number) => number

const box = (x: number, y: number, halfWidth: number, halfHeight: number): number => {
  const dx = Math.abs(x) - halfWidth
  const dy = Math.abs(y) - halfHeight
  return Math.min(Math.max(dx, dy), 0) + Math.hypot(Math.max(dx, 0), Math.max(dy, 0))
}

/** Ring (or three) as a bow, round stem with collars, bit with notches at the far end. */
function oldKey(random: Random): Outline {
  const stem = uniform(random, 0.045, 0.065)
  const bow = uniform(random, 0.24, 0.3)
  const band = uniform(random, 0.045, 0.075)
  const trefoil = random() < 0.4
  const bitWidth = uniform(random, 0.26, 0.38)
  const bitHeight = uniform(random, 0.13, 0.2)
  const notch = uniform(random, 0.03, 0.05)
  const notchAt = uniform(random, -0.07, 0.07)
  return (x, y) => {
    let ring = Math.abs(Math.hypot(x, (y + 0.66) * 0.92) - bow) - band
    if (trefoil) {
      const side = Math.hypot(Math.abs(x) - 0.2, y + 0.58)
      const top = Math.hypot(x, y + 0.8)
      ring = Math.min(Math.abs(side - 0.15) - band, Math.abs(top - 0.15) - band)
    }
    const shaft = box(x, y - 0.25, stem, 0.72)
    const collar = Math.min(box(x, y + 0.33, 0.11, 0.03), box(x, y - 0.42, 0.09, 0.025))
    const bit = Math.max(
      box(x - bitWidth / 2, y - 0.72, bitWidth / 2, bitHeight),
      -box(x - bitWidth * 0.75, y - 0.72 - notchAt, bitWidth * 0.45, notch),
    )
    return Math.min(ring, shaft, collar, bit)
  }
}

/** Round, oval, square or six-sided bow with a hole, and a blade cut at random along one edge. */
function flatKey(random: Random): Outline {
  const form = pick(random, ['round', 'oval', 'square', 'hexagon'] as const)
  const bow = uniform(random, 0.32, 0.4)
  const hole = uniform(random, 0.07, 0.13)
  const blade = uniform(random, 0.12, 0.16)
  const cuts = Array.from({ length: 7 }, () => uniform(random, 0, 0.11))
  const double = random() < 0.3
  return (x, y) => {
    const by = y + 0.58
    let head = 0
    if (form === 'round') head = Math.hypot(x, by) - bow
    else if (form === 'oval') head = Math.hypot(x * 0.85, by * 1.15) - bow
    else if (form === 'square') head = box(x, by, bow * 0.72, bow * 0.72) - 0.08
    else head = Math.max(Math.abs(x), Math.abs(x) * 0.5 + Math.abs(by) * 0.866) - bow * 0.95
    head = Math.max(head, hole - Math.hypot(x, by + bow * 0.45))
    const at = Math.min(6.999, Math.max(0, (y - 0.05) / 0.125))
    const cut = cuts[Math.floor(at)]
    const next = cuts[Math.min(6, Math.floor(at) + 1)]
    const depth = y > 0.05 ? cut + (next - cut) * smoothstep(0.6, 1, at % 1) : 0
    const tip = Math.max(0, y - 0.82)
    const right = x - (blade - depth - tip)
    const left = -x - (blade - (double ? depth : 0) - tip)
    const shaft = Math.max(right, left, y - 0.95, -0.4 - y)
    return Math.min(head, shaft)
  }
}
