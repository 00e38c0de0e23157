/** Photo-like JPEG files from a seed: clouds of several sizes, as natural pictures have, with some sharp edges. */
import type { Sample } from '../../src/dataset/types.ts'
import { type Random, stream } from '../../src/random/index.ts'

/** px, as the course's photos. */
export const WIDTH = 500
export const HEIGHT = 375
const QUALITY = 0.92
/** Side of a cloud's cells in px, and how strong it is of 255. */
const CLOUDS = [
  [160, 70],
  [64, 40],
  [24, 24],
  [8, 14],
  [3, 8],
] as const
const SHAPES = 12

/** @returns one JPEG file's bytes; about 80 kB. */
export async function makePhoto(seed: number): Promise<Uint8Array<ArrayBuffer>> {
  const random = stream('bench photo', seed)
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this browser gives no canvas')
  const image = context.createImageData(WIDTH, HEIGHT)
  for (let channel = 0; channel < 3; channel++) {
    const values = clouds(random)
    for (let i = 0; i < values.length; i++) image.data[i * 4 + channel] = 128 + values[i]
  }
  for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255
  context.putImageData(image, 0, 0)
  for (let i = 0; i < SHAPES; i++) {
    const [hue, x, y, width, height, turn] = Array.from({ length: 6 }, random)
    context.fillStyle = `hsl(${hue * 360} 40% 45% / 0.6)`
    context.beginPath()
    context.ellipse(x * WIDTH, y * HEIGHT, 10 + width * 70, 5 + height * 40, turn * Math.PI, 0, 2 * Math.PI)
    context.fill()
  }
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
  return new Uint8Array(await blob.arrayBuffer())
}

/** Smooth noise [HEIGHT, WIDTH] about 0. */
function clouds(random: Random): Float32Array {
  const sum = new Float32Array(WIDTH * HEIGHT)
  for (const [cell, strength] of CLOUDS) {
    const columns = Math.ceil(WIDTH / cell) + 1
    const grid = Float32Array.from(
      { length: columns * (Math.ceil(HEIGHT / cell) + 1) },
      () => (random() - 0.5) * 2 * strength,
    )
    for (let y = 0; y < HEIGHT; y++) {
      const row = Math.floor(y / cell) * columns
      const v = (y % cell) / cell
      for (let x = 0; x < WIDTH; x++) {
        const at = row + Math.floor(x / cell)
        const u = (x % cell) / cell
        const upper = grid[at] + (grid[at + 1] - grid[at]) * u
        const lower = grid[at + columns] + (grid[at + columns + 1] - grid[at + columns]) * u
        sum[y * WIDTH + x] += upper + (lower - upper) * v
      }
    }
  }
  return sum
}

export async function makeSamples(count: number): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let i = 0; i < count; i++) {
    const name = `photo ${i}.jpg`
    const file = new File([await makePhoto(i)], name, { type: 'image/jpeg', lastModified: 1 })
    samples.push({
      path: `train/${i % 2}/${name}`,
      split: 'train',
      label: i % 2,
      source: { kind: 'file', file },
    })
  }
  return samples
}
