/**
 * What lies on the table, as seen from above: for each pixel a height, a colour and how much light reaches it. Things
 * are painted one over the other; each shades what it lies on.
 */

import type { Color } from './color.ts'

/** One point of a thing or of the table. Colours are linear light in 0..1. */
export interface Texel {
  /** Signed distance to the outline in the thing's own units; negative inside. */
  distance: number
  height: number
  red: number
  green: number
  blue: number
  /** Strength of the highlight, 0 (matt) to 1 (metal). */
  gloss: number
}

/** Sets a texel's colour. */
export function paint(texel: Texel, color: Color): void {
  texel.red = color[0]
  texel.green = color[1]
  texel.blue = color[2]
}

/** Moves a texel's colour towards another: not at all (0) to wholly (1). */
export function tint(texel: Texel, color: Color, share: number): void {
  texel.red += (color[0] - texel.red) * share
  texel.green += (color[1] - texel.green) * share
  texel.blue += (color[2] - texel.blue) * share
}

/** Makes a texel's colour darker (below 1) or lighter. */
export function dim(texel: Texel, factor: number): void {
  texel.red *= factor
  texel.green *= factor
  texel.blue *= factor
}

/** Writes the texel at (x, y); a thing fits into the square from -1 to 1. */
export type Shape = (x: number, y: number, texel: Texel) => void

/** A thing's place on the table: table coordinates run from -1 to 1 over the picture. */
export interface Placement {
  x: number
  y: number
  /** Half the thing's size. */
  scale: number
  /** Radians. */
  angle: number
  mirrored: boolean
}

/** A camera that is not quite above the table: (x, y) / (1 + tiltX x + tiltY y). */
export interface Camera {
  tiltX: number
  tiltY: number
}

/** Where the sun stands: its direction over the table and how far a shadow falls for one unit of height. */
export interface Sun {
  x: number
  y: number
  reach: number
  /** Blur of the shadows in table units: 0 at noon, more under clouds. */
  softness: number
}

export class Surface {
  readonly size: number
  readonly height: Float32Array
  /** [size * size, 3] */
  readonly color: Float32Array
  readonly gloss: Float32Array
  /** 1 in full light, less in shadow. */
  readonly light: Float32Array
  readonly #x: Float32Array
  readonly #y: Float32Array
  readonly #texel: Texel = { distance: 0, height: 0, red: 0, green: 0, blue: 0, gloss: 0 }

  constructor(size: number, camera: Camera) {
    const pixels = size * size
    this.size = size
    this.height = new Float32Array(pixels)
    this.color = new Float32Array(pixels * 3)
    this.gloss = new Float32Array(pixels)
    this.light = new Float32Array(pixels).fill(1)
    this.#x = new Float32Array(pixels)
    this.#y = new Float32Array(pixels)
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++) {
        const x = ((column + 0.5) / size) * 2 - 1
        const y = ((row + 0.5) / size) * 2 - 1
        const depth = 1 + camera.tiltX * x + camera.tiltY * y
        this.#x[row * size + column] = x / depth
        this.#y[row * size + column] = y / depth
      }
  }

  /** Covers everything: the table itself. */
  cover(shape: Shape): void {
    const texel = this.#texel
    for (let i = 0; i < this.height.length; i++) {
      shape(this.#x[i], this.#y[i], texel)
      this.#set(i, texel, 1, 0)
    }
  }

  /** Lays a thing on what is there, its shadow first. `thickness`: how high it lies, in table units. */
  place(shape: Shape, at: Placement, thickness: number, sun: Sun): void {
    const { size } = this
    const cosine = Math.cos(at.angle)
    const sine = Math.sin(at.angle)
    const flip = at.mirrored ? -1 : 1
    // One pixel's width in the thing's units: outlines fade over it.
    const edge = 2 / size / at.scale
    const alpha = new Float32Array(size * size)
    const reach = at.scale * 1.45
    const found: number[] = []
    // Height, gloss, red, green, blue of each pixel found, until the shadow has fallen.
    const seen: number[] = []
    const texel = this.#texel
    for (let i = 0; i < alpha.length; i++) {
      const dx = this.#x[i] - at.x
      const dy = this.#y[i] - at.y
      if (dx * dx + dy * dy > reach * reach) continue
      shape(((dx * cosine + dy * sine) / at.scale) * flip, (dy * cosine - dx * sine) / at.scale, texel)
      if (texel.distance >= 0.5 * edge) continue
      alpha[i] = Math.min(1, 0.5 - texel.distance / edge)
      found.push(i)
      seen.push(texel.height * at.scale, texel.gloss, texel.red, texel.green, texel.blue)
    }
    this.#shade(alpha, sun, thickness)
    for (let n = 0; n < found.length; n++) {
      texel.height = seen[5 * n]
      texel.gloss = seen[5 * n + 1]
      texel.red = seen[5 * n + 2]
      texel.green = seen[5 * n + 3]
      texel.blue = seen[5 * n + 4]
      this.#set(found[n], texel, alpha[found[n]], thickness)
    }
  }

  #set(i: number, texel: Texel, alpha: number, lift: number): void {
    const rest = 1 - alpha
    this.height[i] = this.height[i] * rest + (texel.height + lift) * alpha
    this.gloss[i] = this.gloss[i] * rest + texel.gloss * alpha
    this.light[i] = this.light[i] * rest + alpha
    this.color[i * 3] = this.color[i * 3] * rest + texel.red * alpha
    this.color[i * 3 + 1] = this.color[i * 3 + 1] * rest + texel.green * alpha
    this.color[i * 3 + 2] = this.color[i * 3 + 2] * rest + texel.blue * alpha
  }

  /** The outline, moved away from the sun and blurred, takes light; a tight dark seam where the thing touches. */
  #shade(alpha: Float32Array, sun: Sun, thickness: number): void {
    const { size, light } = this
    const pixel = size / 2
    const cast = blurred(alpha, size, Math.round((0.012 + sun.softness + 0.3 * thickness) * pixel))
    const seam = blurred(alpha, size, Math.max(1, Math.round(0.03 * pixel)))
    const moveX = Math.round(sun.x * sun.reach * thickness * pixel)
    const moveY = Math.round(sun.y * sun.reach * thickness * pixel)
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++) {
        const fromRow = row + moveY
        const fromColumn = column + moveX
        const inPicture = fromRow >= 0 && fromRow < size && fromColumn >= 0 && fromColumn < size
        const shadow = inPicture ? cast[fromRow * size + fromColumn] : 0
        const i = row * size + column
        light[i] *= (1 - 0.8 * shadow) * (1 - 0.35 * seam[i])
      }
  }
}

/** Two passes of a box blur in each direction, which is close to a Gaussian. `radius` in pixels. */
export function blurred(values: Float32Array, size: number, radius: number): Float32Array {
  if (radius < 1) return values
  const result = Float32Array.from(values)
  const between = new Float32Array(values.length)
  for (let pass = 0; pass < 2; pass++) {
    boxBlur(result, between, size, radius, 1, size)
    boxBlur(between, result, size, radius, size, 1)
  }
  return result
}

/** Running mean over 2 radius + 1 values along `step`; edges repeat. */
function boxBlur(
  from: Float32Array,
  to: Float32Array,
  size: number,
  radius: number,
  step: number,
  across: number,
): void {
  const width = 2 * radius + 1
  for (let line = 0; line < size; line++) {
    const start = line * across
    const last = start + (size - 1) * step
    let sum = from[start] * (radius + 1)
    for (let i = 1; i <= radius; i++) sum += from[Math.min(start + i * step, last)]
    for (let i = 0; i < size; i++) {
      to[start + i * step] = sum / width
      const entering = start + Math.min(size - 1, i + radius + 1) * step
      const leaving = start + Math.max(0, i - radius) * step
      sum += from[entering] - from[leaving]
    }
  }
}
