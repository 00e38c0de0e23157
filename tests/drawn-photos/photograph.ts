/** From a lit surface to a photo: sun and sky, highlights, lens, film. */
import type { Random } from '../../src/random/index.ts'
import { uniform } from './color.ts'
import { blurred, type Sun, type Surface } from './surface.ts'

export interface Exposure {
  sun: Sun
  /** Height of the sun: the part of its direction that points down. */
  elevation: number
  /** How much of the light is the sky's, without direction. */
  sky: number
  /** Colour of the sun's light. */
  warmth: number
  brightness: number
  contrast: number
  /** Blur of the whole picture, px of a 160 px photo. */
  focus: number
  /** Standard deviation of the sensor's noise, in 0..1. */
  grain: number
  vignette: number
  /** Bars of a window's frame across the light, or none. */
  window: { angle: number; width: number; offset: number } | null
  /** How much light falls from one side to the other. */
  falloff: number
}

export function exposure(random: Random): Exposure {
  const azimuth = uniform(random, 0, 2 * Math.PI)
  const elevation = uniform(random, 0.45, 0.9)
  const flat = Math.sqrt(1 - elevation * elevation)
  const cloudy = random() < 0.35
  return {
    sun: {
      x: Math.cos(azimuth),
      y: Math.sin(azimuth),
      reach: flat / elevation,
      softness: cloudy ? uniform(random, 0.08, 0.2) : uniform(random, 0, 0.04),
    },
    elevation,
    sky: cloudy ? uniform(random, 0.55, 0.75) : uniform(random, 0.25, 0.45),
    warmth: uniform(random, -0.16, 0.22),
    brightness: 2 ** uniform(random, -0.45, 0.55),
    contrast: uniform(random, 0.85, 1.15),
    focus: random() < 0.15 ? uniform(random, 1.2, 2) : uniform(random, 0.3, 0.9),
    grain: random() < 0.2 ? uniform(random, 0.025, 0.045) : uniform(random, 0.005, 0.02),
    vignette: uniform(random, 0.05, 0.4),
    window:
      !cloudy && random() < 0.3
        ? { angle: uniform(random, 0, Math.PI), width: uniform(random, 0.5, 0.9), offset: random() }
        : null,
    falloff: uniform(random, 0, 0.5),
  }
}

/** RGBA bytes [size, size, 4] of the surface in this light. */
export function photograph(
  surface: Surface,
  light: Exposure,
  random: Random,
): Uint8ClampedArray<ArrayBuffer> {
  const channels = develop(illuminate(surface, light), surface.size, light.focus)
  return expose(channels, surface.size, light, random)
}

/** Linear light that reaches the lens: three channels. */
function illuminate(surface: Surface, light: Exposure): Float32Array[] {
  const { size, height, color, gloss } = surface
  const { sun, elevation, sky } = light
  const flat = Math.sqrt(1 - elevation * elevation)
  const channels = [0, 1, 2].map(() => new Float32Array(size * size))
  const tone = [1 + light.warmth, 1, 1 - light.warmth]
  const slope = size / 4
  // Blinn's half vector, between the sun and the camera above.
  const halfLength = Math.hypot(flat, elevation + 1)
  const halfX = (sun.x * flat) / halfLength
  const halfY = (sun.y * flat) / halfLength
  const halfZ = (elevation + 1) / halfLength
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const i = row * size + column
      const left = height[column > 0 ? i - 1 : i]
      const right = height[column < size - 1 ? i + 1 : i]
      const above = height[row > 0 ? i - size : i]
      const below = height[row < size - 1 ? i + size : i]
      const nx = Math.max(-1.6, Math.min(1.6, (left - right) * slope))
      const ny = Math.max(-1.6, Math.min(1.6, (above - below) * slope))
      const length = Math.sqrt(nx * nx + ny * ny + 1)
      const towardsSun = (nx * sun.x * flat + ny * sun.y * flat + elevation) / length
      const x = (column / size) * 2 - 1
      const y = (row / size) * 2 - 1
      const lit = surface.light[i] * windowLight(x, y, light.window)
      const direct = Math.max(0, towardsSun / elevation) * lit * (1 - sky)
      const ambient = sky * (0.6 + 0.4 / length) * (0.45 + 0.55 * surface.light[i])
      const side = 1 + light.falloff * 0.5 * (x * sun.x + y * sun.y)
      const half = (nx * halfX + ny * halfY + halfZ) / length
      const broad = half ** 8
      const narrow = broad * broad
      const sharp = narrow * narrow * narrow * narrow
      const shine = gloss[i] * (0.9 * sharp + 0.16 * broad) * lit * (0.35 + 0.65 * (1 - sky))
      for (let c = 0; c < 3; c++)
        channels[c][i] = (color[i * 3 + c] * (direct * tone[c] + ambient) + shine * tone[c] * 0.7) * side
    }
  return channels
}

function windowLight(x: number, y: number, window: Exposure['window']): number {
  if (!window) return 1
  const at = (x * Math.cos(window.angle) + y * Math.sin(window.angle)) / window.width + window.offset
  const toBar = Math.abs(at - Math.round(at))
  return 0.35 + 0.65 * Math.min(1, Math.max(0, (toBar - 0.07) / 0.1))
}

/** The lens: a blur of `focus` px (of a 160 px photo), with fractions of a pixel mixed in. */
function develop(channels: Float32Array[], size: number, focus: number): Float32Array[] {
  const radius = (focus * size) / 160
  const whole = Math.ceil(radius)
  const share = radius / whole
  return channels.map((channel) => {
    const soft = blurred(channel, size, whole)
    return channel.map((value, i) => value * (1 - share) + soft[i] * share)
  })
}

/** The film: brightness, a shoulder for what is too bright, contrast, grain, bytes. */
function expose(channels: Float32Array[], size: number, light: Exposure, random: Random) {
  const bytes = new Uint8ClampedArray(size * size * 4)
  const curve = filmCurve(light.contrast)
  const grains = Float32Array.from({ length: GRAINS }, () => 2 * (random() + random() + random()) - 3)
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const i = row * size + column
      const x = (column / size) * 2 - 1
      const y = (row / size) * 2 - 1
      const lens = light.brightness * (1 - light.vignette * 0.5 * (x * x + y * y)) * 1.25
      const start = Math.floor(random() * (GRAINS - 3))
      const luminance = grains[Math.floor(random() * GRAINS)]
      for (let c = 0; c < 3; c++) {
        const linear = Math.min(BRIGHTEST, channels[c][i] * lens)
        const grain = light.grain * (0.7 * luminance + 0.5 * grains[start + c])
        bytes[i * 4 + c] = (curve[Math.floor(linear * (CURVE / BRIGHTEST))] + grain) * 255
      }
      bytes[i * 4 + 3] = 255
    }
  return bytes
}

const GRAINS = 4096
const CURVE = 8192
const BRIGHTEST = 4

/** From linear light (in steps of BRIGHTEST / CURVE) to a screen's values. */
function filmCurve(contrast: number): Float32Array {
  return Float32Array.from({ length: CURVE + 1 }, (_, step) => {
    const linear = ((step + 0.5) / CURVE) * BRIGHTEST
    const shoulder = linear < 0.7 ? linear : 0.7 + 0.3 * (1 - Math.exp(-(linear - 0.7) / 0.3))
    return 0.5 + (shoulder ** (1 / 2.2) - 0.5) * contrast
  })
}
