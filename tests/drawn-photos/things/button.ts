import type { Random } from '../../../src/random/index.ts'
import { hsv, pick, smoothstep, uniform } from '../color.ts'
import { fractalNoise, noise } from '../noise.ts'
import { dim, paint, type Shape, tint } from '../surface.ts'

/** A sewing button: a disc with a rim and two or four holes, of plastic, wood, horn or mother-of-pearl. */
export function button(random: Random): Shape {
  const material = pick(random, ['plastic', 'plastic', 'plastic', 'wood', 'horn', 'pearl'] as const)
  const holes = pick(random, [2, 4, 4])
  const spacing = uniform(random, 0.18, 0.27)
  const hole = uniform(random, 0.085, 0.13)
  const rim = uniform(random, 0.62, 0.85)
  const dish = uniform(random, 0.03, 0.09)
  const seed = Math.floor(random() * 1e6)
  const base = {
    plastic: hsv(uniform(random, 0, 360), uniform(random, 0.15, 0.8), uniform(random, 0.25, 0.95)),
    wood: hsv(uniform(random, 20, 34), uniform(random, 0.4, 0.65), uniform(random, 0.4, 0.75)),
    horn: hsv(uniform(random, 15, 35), 0.5, uniform(random, 0.2, 0.4)),
    pearl: hsv(uniform(random, 20, 60), 0.1, 0.92),
  }[material]
  const second = {
    plastic: base,
    wood: hsv(22, 0.6, 0.3),
    horn: hsv(35, 0.35, 0.7),
    pearl: hsv(uniform(random, 160, 320), 0.18, 0.85),
  }[material]
  const thread = random() < 0.25 ? hsv(uniform(random, 0, 360), uniform(random, 0, 0.6), 0.75) : null
  const scallops = random() < 0.15 ? 8 : 0

  return (x, y, texel) => {
    const radius = Math.hypot(x, y)
    let outline = radius - 0.96
    if (scallops > 0) outline += 0.04 * (1 - Math.cos(Math.atan2(y, x) * scallops))
    // Two holes lie on the x axis, four at the corners of a square.
    const hx = Math.abs(x) - spacing
    const hy = holes === 2 ? y : Math.abs(y) - spacing
    const toHole = Math.hypot(hx, hy) - hole
    texel.distance = Math.max(outline, -toHole)
    texel.gloss = material === 'wood' ? 0.1 : 0.6
    paint(texel, base)
    if (material !== 'plastic') {
      const stretch = material === 'wood' ? 9 : 1.6
      const pattern = fractalNoise(x * 1.6, y * stretch, seed, 3)
      tint(texel, second, smoothstep(0.3, 0.75, pattern))
    }
    dim(texel, 0.93 + 0.12 * noise(x * 20, y * 20, seed))
    texel.height =
      0.13 * smoothstep(0, -0.12, outline) -
      dish * smoothstep(rim, rim - 0.14, radius) -
      0.05 * smoothstep(0.06, 0, toHole)
    if (thread) {
      const across = holes === 2 ? Math.abs(y) : Math.min(Math.abs(hy), Math.abs(hx))
      const along = holes === 2 ? Math.abs(x) : Math.abs(hx) < Math.abs(hy) ? Math.abs(y) : Math.abs(x)
      if (across < 0.06 && along < spacing + 0.03 && radius < 0.5) {
        paint(texel, thread)
        dim(texel, 0.75 + 0.25 * Math.sin((x + y) * 60))
        texel.distance = outline
        texel.height = 0.14 - 12 * across * across
        texel.gloss = 0.05
      }
    }
  }
}
