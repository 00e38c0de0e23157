import type { Random } from '../../../src/random/index.ts'
import { hsv, pick, smoothstep, uniform } from '../color.ts'
import { fractalNoise, noise } from '../noise.ts'
import { dim, paint, type Shape, tint } from '../surface.ts'

/** Something that lies about in photos of every class: a pebble, a coin, a pencil, a twig, a slip of paper. */
export function clutter(random: Random): Shape {
  return pick(random, [pebble, pebble, coin, pencil, twig, paper])(random)
}

function pebble(random: Random): Shape {
  const color = hsv(uniform(random, 15, 230), uniform(random, 0.02, 0.25), uniform(random, 0.3, 0.8))
  const seed = Math.floor(random() * 1e6)
  const flat = uniform(random, 0.6, 1)
  return (x, y, texel) => {
    const radius = Math.hypot(x, y / flat) + 0.18 * (noise(x * 1.5 + 3, y * 1.5, seed) - 0.5)
    texel.distance = radius - 0.85
    texel.height = 0.55 * Math.sqrt(Math.max(0, 1 - (radius / 0.86) ** 2))
    texel.gloss = 0.12
    paint(texel, color)
    dim(texel, 0.6 + 0.7 * fractalNoise(x * 6, y * 6, seed + 1, 3))
  }
}

function coin(random: Random): Shape {
  const color = pick(random, [hsv(20, 0.5, 0.6), hsv(45, 0.45, 0.75), hsv(210, 0.05, 0.75)])
  const seed = Math.floor(random() * 1e6)
  return (x, y, texel) => {
    const radius = Math.hypot(x, y)
    const relief =
      smoothstep(0.55, 0.62, fractalNoise(x * 3.2, y * 3.2, seed, 3)) * smoothstep(0.72, 0.6, radius)
    texel.distance = radius - 0.95
    texel.height =
      0.05 * smoothstep(0.95, 0.9, radius) - 0.03 * smoothstep(0.82, 0.78, radius) + 0.025 * relief
    texel.gloss = 0.9
    paint(texel, color)
    dim(texel, 0.8 + 0.3 * noise(x * 12, y * 12, seed))
  }
}

function pencil(random: Random): Shape {
  const paintColor = hsv(uniform(random, 0, 360), uniform(random, 0.6, 0.9), uniform(random, 0.4, 0.85))
  const wood = hsv(32, 0.4, 0.85)
  const lead = hsv(0, 0, 0.2)
  return (x, y, texel) => {
    const half = Math.min(0.065, Math.max(0, (0.98 - y) * 0.26))
    texel.distance = Math.max(Math.abs(x) - half, -1 - y)
    texel.height = 0.09 * (1 - Math.abs(x) / 0.09)
    texel.gloss = y < 0.72 ? 0.5 : 0.05
    paint(texel, y < 0.72 ? paintColor : y < 0.9 ? wood : lead)
    if (Math.abs(Math.abs(x) - 0.03) < 0.006 && y < 0.72) dim(texel, 0.75)
  }
}

function twig(random: Random): Shape {
  const bark = hsv(uniform(random, 18, 35), uniform(random, 0.3, 0.5), uniform(random, 0.25, 0.5))
  const seed = Math.floor(random() * 1e6)
  const bend = uniform(random, -0.3, 0.3)
  return (x, y, texel) => {
    const main = Math.abs(x - bend * y * y + 0.06 * (noise(0, y * 4, seed) - 0.5)) - 0.045 * (1.2 - 0.5 * y)
    const side = Math.abs(x - 0.1 - (0.2 - y) * 0.7) - 0.025
    const branch = Math.max(side, y - 0.15, -0.35 - y, -x)
    texel.distance = Math.min(Math.max(main, Math.abs(y) - 0.98), branch)
    texel.height = 0.06 * smoothstep(0, -0.05, texel.distance)
    texel.gloss = 0.03
    paint(texel, bark)
    dim(texel, 0.6 + 0.8 * noise(x * 30, y * 9, seed))
  }
}

function paper(random: Random): Shape {
  const color = hsv(uniform(random, 30, 220), uniform(random, 0, 0.25), uniform(random, 0.85, 0.98))
  const ink = hsv(uniform(random, 200, 240), 0.5, 0.35)
  const lines = random() < 0.6
  const seed = Math.floor(random() * 1e6)
  const high = uniform(random, 0.5, 0.75)
  return (x, y, texel) => {
    texel.distance = Math.max(Math.abs(x) - 0.7, Math.abs(y) - high)
    texel.height = 0.05 * noise(x * 1.2, y * 1.2, seed)
    texel.gloss = 0.02
    paint(texel, color)
    const row = (y + 1) * 9
    if (
      lines &&
      Math.abs((row % 1) - 0.5) < 0.16 &&
      Math.abs(x) < 0.55 &&
      noise(x * 14, Math.floor(row) * 7, seed) > 0.35
    )
      tint(texel, ink, 0.8)
  }
}
