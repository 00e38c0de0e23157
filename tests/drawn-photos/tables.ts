/** What things lie on: wood, cloth, stone, paper, sand, moss. Heights and colours over the whole picture. */
import type { Random } from '../../src/random/index.ts'
import { hsv, pick, smoothstep, uniform } from './color.ts'
import { fractalNoise, noise } from './noise.ts'
import { dim, paint, type Shape, tint } from './surface.ts'

export function table(random: Random): Shape {
  const angle = uniform(random, 0, Math.PI)
  const zoom = uniform(random, 0.7, 1.5)
  const shape = pick(random, [wood, wood, cloth, stone, plain, sand, moss])(random)
  const cosine = Math.cos(angle) * zoom
  const sine = Math.sin(angle) * zoom
  return (x, y, texel) => shape(x * cosine + y * sine, y * cosine - x * sine, texel)
}

const seedOf = (random: Random): number => Math.floor(random() * 1e6)

/** Planks along x, each with a shade of its own. */
function wood(random: Random): Shape {
  const light = hsv(uniform(random, 18, 36), uniform(random, 0.25, 0.6), uniform(random, 0.4, 0.85))
  const grainColor = hsv(uniform(random, 15, 28), 0.6, uniform(random, 0.15, 0.4))
  const seed = seedOf(random)
  const plank = uniform(random, 0.5, 1.1)
  return (x, y, texel) => {
    const row = Math.floor(y / plank)
    const within = y / plank - row
    const warp = fractalNoise(x * 0.8 + row * 13, y * 2, seed, 2)
    const grain = fractalNoise(x * 1.3 + row * 31, y * 16 + warp * 6, seed + 7, 3)
    paint(texel, light)
    tint(texel, grainColor, 0.6 * smoothstep(0.4, 0.75, grain))
    dim(texel, 0.75 + 0.5 * noise(row * 5.7, 0.5, seed + 3))
    const gap = Math.min(within, 1 - within) * plank
    dim(texel, 0.25 + 0.75 * smoothstep(0, 0.025, gap))
    texel.height = 0.02 * grain - 0.02 * smoothstep(0.03, 0, gap)
    texel.gloss = 0.08
  }
}

/** Threads over and under, and soft folds. */
function cloth(random: Random): Shape {
  const color = hsv(uniform(random, 0, 360), uniform(random, 0, 0.5), uniform(random, 0.35, 0.95))
  const other = hsv(uniform(random, 0, 360), uniform(random, 0, 0.6), uniform(random, 0.4, 0.95))
  const striped = random() < 0.4 ? uniform(random, 0.15, 0.4) : 0
  const threads = uniform(random, 55, 90)
  const seed = seedOf(random)
  return (x, y, texel) => {
    paint(texel, color)
    if (striped > 0 && (((x / striped) % 1) + 1) % 1 < 0.35) tint(texel, other, 0.75)
    const weave = Math.sin(x * threads) * Math.sin(y * threads)
    const fold = fractalNoise(x * 1.1, y * 1.1, seed, 2)
    dim(texel, 0.85 + 0.12 * weave + 0.1 * noise(x * 40, y * 40, seed))
    texel.height = 0.16 * fold + 0.004 * weave
    texel.gloss = 0
  }
}

function stone(random: Random): Shape {
  const color = hsv(uniform(random, 20, 230), uniform(random, 0.02, 0.15), uniform(random, 0.4, 0.9))
  const vein = hsv(uniform(random, 200, 250), 0.1, uniform(random, 0.25, 0.5))
  const veined = random() < 0.5
  const seed = seedOf(random)
  return (x, y, texel) => {
    const cloud = fractalNoise(x * 2, y * 2, seed, 4)
    paint(texel, color)
    dim(texel, 0.65 + 0.6 * cloud)
    if (veined)
      tint(
        texel,
        vein,
        0.6 * smoothstep(0.03, 0, Math.abs(fractalNoise(x * 1.3 + 9, y * 1.3, seed + 9, 3) - 0.5)),
      )
    else if (noise(x * 45, y * 45, seed + 2) > 0.82) dim(texel, 0.6)
    texel.height = veined ? 0 : 0.02 * cloud
    texel.gloss = veined ? 0.25 : 0.02
  }
}

/** Card or a painted table top. */
function plain(random: Random): Shape {
  const color = hsv(uniform(random, 0, 360), uniform(random, 0.02, 0.55), uniform(random, 0.3, 0.97))
  const seed = seedOf(random)
  return (x, y, texel) => {
    paint(texel, color)
    dim(texel, 0.94 + 0.12 * fractalNoise(x * 8, y * 8, seed, 2))
    texel.height = 0
    texel.gloss = 0.05
  }
}

function sand(random: Random): Shape {
  const color = hsv(uniform(random, 28, 44), uniform(random, 0.2, 0.45), uniform(random, 0.55, 0.9))
  const seed = seedOf(random)
  const ripples = uniform(random, 3, 7)
  return (x, y, texel) => {
    const ripple = Math.sin((y + 0.25 * fractalNoise(x * 1.5, y, seed, 2)) * ripples * 3)
    const grain = noise(x * 60, y * 60, seed + 1)
    paint(texel, color)
    dim(texel, 0.75 + 0.4 * grain)
    texel.height = 0.03 * ripple + 0.012 * grain
    texel.gloss = 0
  }
}

function moss(random: Random): Shape {
  const color = hsv(uniform(random, 70, 125), uniform(random, 0.35, 0.65), uniform(random, 0.25, 0.55))
  const dry = hsv(uniform(random, 30, 55), 0.45, 0.5)
  const seed = seedOf(random)
  return (x, y, texel) => {
    const tuft = fractalNoise(x * 5, y * 5, seed, 4)
    const blade = noise(x * 50, y * 18, seed + 5)
    paint(texel, color)
    tint(texel, dry, 0.7 * smoothstep(0.5, 0.8, fractalNoise(x * 1.5, y * 1.5, seed + 2, 2)))
    dim(texel, 0.45 + 0.7 * tuft + 0.3 * blade)
    texel.height = 0.14 * tuft + 0.03 * blade
    texel.gloss = 0.03
  }
}
