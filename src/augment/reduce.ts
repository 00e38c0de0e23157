/** Reduction of a picture by a whole factor, each result the mean of factor x factor pixels (Pillow's `reduce`). */
import type { Source } from './pixels.ts'

/**
 * Writes `tile` reduced by `factor` into the RGB picture `into` at (`left`, `top`). Blocks at the right and lower
 * edge may be incomplete; their mean is that of the pixels they have.
 */
export function reduceTile(tile: Source, factor: number, into: Source, left: number, top: number): void {
  const { data, channels, width, height } = tile
  const columns = Math.ceil(width / factor)
  const sums = new Uint32Array(columns * 3)
  for (let y = 0; y < height; y += factor) {
    const rows = Math.min(factor, height - y)
    sums.fill(0)
    for (let row = y; row < y + rows; row++) {
      let from = row * width * channels
      for (let column = 0; column < columns; column++) {
        const count = Math.min(factor, width - column * factor)
        let red = 0
        let green = 0
        let blue = 0
        for (let i = 0; i < count; i++) {
          red += data[from]
          green += data[from + 1]
          blue += data[from + 2]
          from += channels
        }
        sums[column * 3] += red
        sums[column * 3 + 1] += green
        sums[column * 3 + 2] += blue
      }
    }
    const out = ((top + y / factor) * into.width + left) * 3
    for (let column = 0; column < columns; column++) {
      const count = rows * Math.min(factor, width - column * factor)
      for (let channel = column * 3; channel < column * 3 + 3; channel++)
        into.data[out + channel] = Math.floor((sums[channel] + count / 2) / count)
    }
  }
}
