/** Draws a photo for tests in plain TypeScript: the same one at every call, on every machine. The product draws none. */
import { stream } from '../../src/random/index.ts'
import { uniform } from './color.ts'
import { exposure, photograph } from './photograph.ts'
import { type Placement, type Shape, Surface } from './surface.ts'
import { table } from './tables.ts'
import { button } from './things/button.ts'
import { citrus } from './things/citrus.ts'
import { clutter } from './things/clutter.ts'
import { key } from './things/key.ts'
import { leaf } from './things/leaf.ts'
import { shell } from './things/shell.ts'

type Random = ReturnType<typeof stream>

const THINGS = new Map<string, (random: Random) => Shape>(
  Object.entries({ button, citrus, key, leaf, shell }),
)

/** The classes of drawn photos, by code point order. */
export const DRAWN_CLASSES = [...THINGS.keys()]

/**
 * The photo of number `index` of a class: the thing somewhere on a table, at some size and angle, in some light, often
 * with something else beside or a little over it.
 * @returns RGBA bytes [size, size, 4]
 * @throws where there is no such class
 */
export function drawPhoto(className: string, index: number, size: number): Uint8ClampedArray<ArrayBuffer> {
  const thing = THINGS.get(className)
  if (!thing) throw new Error(`no drawn class is called ${className}`)
  const random = stream('sample photo', className, index)
  const light = exposure(random)
  const surface = new Surface(size, {
    tiltX: uniform(random, -0.12, 0.12),
    tiltY: uniform(random, -0.22, 0.22),
  })
  surface.cover(table(random))

  const main = place(random, uniform(random, 0.48, 0.74))
  for (let count = Math.floor(random() * 2.4); count > 0; count--) {
    const other = beside(random, main)
    surface.place(clutter(random), other, 0.12 * other.scale, light.sun)
  }
  surface.place(thing(random), main, 0.14 * main.scale, light.sun)
  if (random() < 0.12) {
    const over = beside(random, main)
    surface.place(clutter(random), { ...over, scale: over.scale * 0.7 }, 0.2 * over.scale, light.sun)
  }
  return photograph(surface, light, random)
}

/** Somewhere about the middle, which is what a center crop keeps; large things nearer to it. */
function place(random: Random, scale: number): Placement {
  const room = Math.max(0.12, 0.8 - scale)
  return {
    x: uniform(random, -room, room),
    y: uniform(random, -room, room),
    scale,
    angle: uniform(random, 0, 2 * Math.PI),
    mirrored: random() < 0.5,
  }
}

/** Near the main thing's outline or farther off. */
function beside(random: Random, main: Placement): Placement {
  const direction = uniform(random, 0, 2 * Math.PI)
  const scale = uniform(random, 0.1, 0.36)
  const distance = main.scale * uniform(random, 0.75, 1.1) + scale * 0.7
  return {
    x: main.x + Math.cos(direction) * distance,
    y: main.y + Math.sin(direction) * distance,
    scale,
    angle: uniform(random, 0, 2 * Math.PI),
    mirrored: random() < 0.5,
  }
}
