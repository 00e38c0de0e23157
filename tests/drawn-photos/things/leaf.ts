import type { Random } from '../../../src/random/index.ts'
import { type Color, hsv, pick, smoothstep, uniform } from '../color.ts'
import { fractalNoise, noise } from '../noise.ts'
import { dim, paint, type Shape, type Texel, tint } from '../surface.ts'

/** Summer greens, autumn yellows and reds, dry browns: two colours that run into each other. */
function leafColors(random: Random): [Color, Color] {
  switch (pick(random, ['green', 'green', 'green', 'green', 'yellow', 'red', 'brown'])) {
    case 'green': {
      const hue = uniform(random, 75, 140)
      return [
        hsv(hue, uniform(random, 0.4, 0.8), uniform(random, 0.3, 0.65)),
        hsv(hue - 15, uniform(random, 0.4, 0.7), uniform(random, 0.45, 0.75)),
      ]
    }
    case 'yellow':
      return [hsv(uniform(random, 38, 55), 0.8, 0.85), hsv(uniform(random, 60, 85), 0.65, 0.6)]
    case 'red':
      return [hsv(uniform(random, 0, 18), 0.8, 0.65), hsv(uniform(random, 20, 45), 0.8, 0.8)]
    default:
      return [hsv(uniform(random, 18, 34), 0.55, 0.5), hsv(uniform(random, 25, 42), 0.5, 0.65)]
  }
}

/** A leaf with a stalk at its lower end: oval (smooth or toothed), narrow, lobed as an oak's, or with five points as a maple's. */
export function leaf(random: Random): Shape {
  const kind = pick(random, ['oval', 'oval', 'oval', 'narrow', 'oak', 'maple'] as const)
  const [main, other] = leafColors(random)
  const vein = hsv(70, 0.25, 0.8)
  const spot = hsv(25, 0.6, 0.3)
  const seed = Math.floor(random() * 1e6)
  const spots = random() < 0.4 ? uniform(random, 0.6, 0.68) : 1
  const shine = uniform(random, 0.05, 0.35)
  const outline = kind === 'maple' ? mapleOutline(random) : bladeOutline(random, kind)
  const stalkTop = kind === 'maple' ? 0.3 : 0.6
  const veins = uniform(random, 5, 9)
  const slant = uniform(random, 0.6, 1.2)

  return (x, y, texel) => {
    const stalk = Math.max(Math.abs(x) - 0.022, stalkTop - y, y - 1)
    const blade = outline(x, y)
    texel.distance = Math.min(stalk, blade.distance)
    const blotch = fractalNoise(x * 2.5 + 5, y * 2.5, seed, 3)
    paint(texel, main)
    tint(texel, other, smoothstep(0.35, 0.7, blotch))
    if (blotch > spots) tint(texel, spot, 0.8)
    dim(texel, 0.85 + 0.3 * noise(x * 14, y * 14, seed))
    texel.gloss = shine
    texel.height = 0.07 * smoothstep(0, -0.12, blade.distance) - 0.1 * Math.abs(blade.across)
    drawVeins(texel, blade.along, blade.across, vein, veins, slant)
    if (blade.distance > 0) {
      paint(texel, main)
      texel.height = 0.02 - 8 * x * x
    }
  }
}

interface Blade {
  distance: number
  /** Along the main vein and away from it. */
  along: number
  across: number
}

/** A main vein and pairs of side veins, lighter and sunk in. */
function drawVeins(texel: Texel, along: number, across: number, color: Color, count: number, slant: number) {
  const side = Math.abs(across)
  const phase = (along + side * slant) * count
  const near = Math.abs(phase - Math.round(phase)) / count
  const line = Math.max(smoothstep(0.028, 0.006, side), 0.75 * smoothstep(0.022, 0.004, near))
  tint(texel, color, 0.55 * line)
  texel.height += 0.012 * Math.cos(phase * 2 * Math.PI) - 0.012 * line
}

function bladeOutline(random: Random, kind: 'oval' | 'narrow' | 'oak'): (x: number, y: number) => Blade {
  const widest = kind === 'narrow' ? uniform(random, 0.18, 0.28) : uniform(random, 0.4, 0.62)
  const point = uniform(random, 0.75, 1.3)
  const belly = uniform(random, -0.25, 0.3)
  const bend = uniform(random, -0.25, 0.25)
  const lobes = kind === 'oak' ? uniform(random, 0.18, 0.3) : 0
  const lobeCount = uniform(random, 4, 6)
  const teeth = kind !== 'oak' && random() < 0.5 ? uniform(random, 0.02, 0.06) : 0
  const toothCount = uniform(random, 14, 24)
  const blade: Blade = { distance: 0, along: 0, across: 0 }
  return (x, y) => {
    // 0 at the stalk, 1 at the tip; the blade ends at y = 0.65.
    const t = (0.65 - y) / 1.6
    const across = x - bend * (t * t - 0.2 * t)
    const inside = t > 0 && t < 1
    let half = inside ? widest * Math.sin(Math.PI * t) ** point * (1 + belly * Math.cos(Math.PI * t)) : 0
    if (teeth > 0 && inside) half *= 1 - teeth + 2 * teeth * ((t * toothCount) % 1)
    if (lobes > 0) half *= 1 - lobes + lobes * Math.sin(t * lobeCount * 2 * Math.PI + (across > 0 ? 0.7 : 0))
    blade.distance = inside ? Math.abs(across) - half : Math.abs(across) + 0.05
    blade.along = t * 1.6
    blade.across = across
    return blade
  }
}

/** The edge of one lobe from its tip (0) to the notch between two (1): a long point, a shorter one, the notch. */
const LOBE = [
  [0, 1],
  [0.2, 0.76],
  [0.34, 0.82],
  [0.52, 0.6],
  [0.66, 0.64],
  [1, 0.44],
] as const

function lobeEdge(between: number): number {
  let i = 1
  while (i < LOBE.length - 1 && between > LOBE[i][0]) i++
  const [x0, y0] = LOBE[i - 1]
  const [x1, y1] = LOBE[i]
  return y0 + ((y1 - y0) * (Math.min(1, between) - x0)) / (x1 - x0)
}

function mapleOutline(random: Random): (x: number, y: number) => Blade {
  const depth = uniform(random, 0.8, 1.15)
  const spread = uniform(random, 1.05, 1.25)
  const blade: Blade = { distance: 0, along: 0, across: 0 }
  return (x, y) => {
    const down = 0.35 - y
    const radius = Math.hypot(x, down)
    // Angle from the tip; five lobes, the lower ones shorter.
    const lobe = (Math.atan2(x, down) * spread) / (Math.PI / 3)
    const nearest = Math.max(-2, Math.min(2, Math.round(lobe)))
    const off = Math.abs(lobe - nearest)
    const length = 1.25 - 0.08 * Math.abs(nearest) - (Math.abs(nearest) === 2 ? 0.4 : 0)
    const edge = Math.max(
      0.08,
      length * (1 - depth * (1 - lobeEdge(off / 0.5))) - Math.max(0, off - 0.5) * 0.7,
    )
    blade.distance = (radius - edge) * 0.6
    blade.along = radius * Math.cos(off)
    blade.across = radius * Math.sin(off * (Math.PI / 3)) * Math.sign(lobe - nearest || 1)
    return blade
  }
}
