import type { Random } from '../../../src/random/index.ts'
import { hsv, pick, smoothstep, uniform } from '../color.ts'
import { fractalNoise, noise } from '../noise.ts'
import { dim, paint, type Shape, tint } from '../surface.ts'

/** A sea shell: a ribbed fan (scallop, cockle) or a wound one seen from its side of the spiral. */
export function shell(random: Random): Shape {
  const hue = pick(random, [uniform(random, 15, 45), uniform(random, 340, 375), uniform(random, 25, 35)])
  const pale = hsv(hue % 360, uniform(random, 0.08, 0.3), uniform(random, 0.8, 0.97))
  const dark = hsv((hue - 8) % 360, uniform(random, 0.3, 0.6), uniform(random, 0.4, 0.75))
  const colors = { pale, dark, seed: Math.floor(random() * 1e6), gloss: uniform(random, 0.15, 0.5) }
  return random() < 0.68 ? fan(random, colors) : spiral(random, colors)
}

interface ShellColors {
  pale: ReturnType<typeof hsv>
  dark: ReturnType<typeof hsv>
  seed: number
  gloss: number
}

/** Ribs spread from the hinge at the bottom; growth bands run across them. */
function fan(random: Random, { pale, dark, seed, gloss }: ShellColors): Shape {
  const ribs = Math.round(uniform(random, 14, 30))
  const opening = uniform(random, 0.95, 1.25)
  const ears = random() < 0.6
  const bands = uniform(random, 4, 9)
  const banded = uniform(random, 0.2, 0.9)
  const ribbed = uniform(random, 0.1, 0.45)
  const round = uniform(random, 0.35, 0.6)
  return (x, y, texel) => {
    const up = 0.85 - y
    const radius = Math.hypot(x, up)
    const angle = Math.atan2(x, up)
    const turn = angle / opening
    const rib = Math.cos(turn * ribs)
    // The edge is a circle seen from a point near its rim, so the fan is rounder than a sector.
    const edge = 1.75 * (1 - round * turn * turn * (0.5 + 0.3 * turn * turn)) + 0.02 * rib
    let distance = Math.max((radius - edge) * 0.8, (Math.abs(turn) - 1) * radius * 0.9)
    if (ears) {
      const ear = Math.max(Math.abs(x) - 0.36 + (up - 0.1) * 0.35, Math.abs(up - 0.13) - 0.14)
      distance = Math.min(distance, ear)
    }
    texel.distance = distance
    const grown = radius / edge
    const band = fractalNoise(grown * bands, turn * 0.6, seed, 3)
    paint(texel, pale)
    tint(texel, dark, banded * smoothstep(0.45, 0.7, band))
    tint(texel, dark, ribbed * smoothstep(0.2, -0.8, rib))
    tint(texel, dark, 0.4 * smoothstep(0.35, 0.05, grown))
    dim(texel, 0.88 + 0.2 * noise(x * 18, y * 18, seed + 5))
    const vault = Math.max(0, 1 - turn * turn) * Math.max(0, 1 - (grown - 0.45) * (grown - 0.45) * 2.6)
    texel.height =
      0.5 * Math.sqrt(vault) * smoothstep(0.02, -0.1, distance) + 0.03 * rib * Math.min(1, grown * 1.5)
    texel.gloss = gloss
  }
}

/** A logarithmic spiral: every turn is `growth` times the one before. */
function spiral(random: Random, { pale, dark, seed, gloss }: ShellColors): Shape {
  const growth = uniform(random, 2.1, 3)
  const stripes = pick(random, [0, uniform(random, 10, 20)])
  const knobs = random() < 0.4 ? Math.round(uniform(random, 8, 14)) : 0
  const log = Math.log(growth)
  return (x, y, texel) => {
    const cx = x + 0.12
    const cy = y + 0.06
    const radius = Math.max(1e-3, Math.hypot(cx, cy))
    const turn = Math.atan2(cy, cx) / (2 * Math.PI)
    // Whorl number and the place across it: 0 at its inner seam, 1 at its outer one.
    const whorl = Math.log(radius / 0.98) / log - turn
    const across = whorl - Math.floor(whorl)
    const edge = 0.98 * growth ** (turn - 0.5 + 0.06 * Math.sin(turn * 40) * (knobs > 0 ? 0.2 : 0))
    texel.distance = (radius - edge) * 0.9
    const lift = Math.sqrt(Math.max(0, 1 - (2 * across - 1) * (2 * across - 1)))
    const along = turn + Math.floor(whorl)
    const band = fractalNoise(along * (stripes || 5) * 2, across * 2, seed, 3)
    paint(texel, pale)
    tint(texel, dark, 0.7 * smoothstep(0.45, 0.65, band))
    tint(texel, dark, 0.55 * smoothstep(0.12, 0, Math.min(across, 1 - across)))
    dim(texel, 0.88 + 0.2 * noise(x * 18, y * 18, seed + 5))
    texel.height = (0.1 + 0.28 * lift) * (0.4 + 0.6 * radius) * smoothstep(0, -0.06, texel.distance)
    if (knobs > 0) texel.height += 0.04 * Math.max(0, Math.cos(turn * 2 * Math.PI * knobs)) * lift
    texel.gloss = gloss
  }
}
