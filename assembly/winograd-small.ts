/**
 * Winograd's F(2x2, 3x3), forward only: 16 products a tile where 36 were. Its factors are sums and halves, so it rounds as
 * little as the plain convolution does; F(4x4) (see `winograd.ts`) rounds ten times as much, which a forward pass in
 * training does not forgive: a small batch norm and a ReLU behind it blow it up.
 *
 * Factors are [16][tiles][channels]; the rest as there.
 */

import { GAP } from './winograd'

const VECTOR = 16

function line(scratch: usize, index: i32): usize {
  return scratch + ((index as usize) << 4)
}

/** Bt of four vectors `step` apart, to four `toStep` apart. */
function toFactor(from: usize, step: usize, to: usize, toStep: usize): void {
  const x0 = v128.load(from)
  const x1 = v128.load(from + step)
  const x2 = v128.load(from + 2 * step)
  const x3 = v128.load(from + 3 * step)
  storeFactor(x0, x1, x2, x3, to, toStep)
}

/** Bt of four vectors, to four `toStep` apart. */
function storeFactor(x0: v128, x1: v128, x2: v128, x3: v128, to: usize, toStep: usize): void {
  v128.store(to, f32x4.sub(x0, x2))
  v128.store(to + toStep, f32x4.add(x1, x2))
  v128.store(to + 2 * toStep, f32x4.sub(x2, x1))
  v128.store(to + 3 * toStep, f32x4.sub(x1, x3))
}

/** G of three vectors, to four. */
function toFilterFactor(from: usize, step: usize, to: usize, toStep: usize): void {
  const g0 = v128.load(from)
  const g1 = f32x4.mul(v128.load(from + step), f32x4.splat(0.5))
  const g2 = v128.load(from + 2 * step)
  const outer = f32x4.mul(f32x4.add(g0, g2), f32x4.splat(0.5))
  v128.store(to, g0)
  v128.store(to + toStep, f32x4.add(outer, g1))
  v128.store(to + 2 * toStep, f32x4.sub(outer, g1))
  v128.store(to + 3 * toStep, g2)
}

/** At of four vectors, to two. */
function toOutput(from: usize, step: usize, to: usize, toStep: usize): void {
  const m1 = v128.load(from + step)
  const m2 = v128.load(from + 2 * step)
  v128.store(to, f32x4.add(v128.load(from), f32x4.add(m1, m2)))
  v128.store(to + toStep, f32x4.sub(f32x4.sub(m1, m2), v128.load(from + 3 * step)))
}

/** Bt x B of each tile. */
export function smallInputFactor(
  x: usize,
  to: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  scratch: usize,
): void {
  const pixel = (channels as usize) << 2
  const row = (width as usize) * pixel
  const tileRows = (height + 1) >> 1
  const tileColumns = (width + 1) >> 1
  const plane = ((count * tileRows * tileColumns) as usize) * pixel + GAP
  const zero = f32x4.splat(0)
  for (let photo = 0; photo < count; photo++)
    for (let tileRow = 0; tileRow < tileRows; tileRow++)
      for (let tileColumn = 0; tileColumn < tileColumns; tileColumn++) {
        const top = 2 * tileRow - 1
        // Rows of the image from the tile's first one on, which may lie above it; the second is always inside.
        const below = height - top
        const left = 2 * tileColumn - 1
        const base = x + ((photo * height + top) as usize) * row + (left as usize) * pixel
        for (let c: usize = 0; c < pixel; c += VECTOR) {
          for (let j = 0; j < 4; j++) {
            const to = line(scratch, j)
            if (left + j < 0 || left + j >= width) {
              for (let i: usize = 0; i < 4; i++) v128.store(to + i * 4 * VECTOR, zero)
              continue
            }
            const from = base + (j as usize) * pixel + c
            const x0 = top >= 0 ? v128.load(from) : zero
            const x1 = v128.load(from + row)
            const x2 = below > 2 ? v128.load(from + 2 * row) : zero
            const x3 = below > 3 ? v128.load(from + 3 * row) : zero
            storeFactor(x0, x1, x2, x3, to, 4 * VECTOR)
          }
          for (let i: usize = 0; i < 4; i++)
            toFactor(scratch + i * 4 * VECTOR, VECTOR, to + c + i * 4 * plane, plane)
        }
        to += pixel
      }
}

/** At m A of each tile. */
export function smallOutput(
  from: usize,
  y: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  scratch: usize,
): void {
  const pixel = (channels as usize) << 2
  const row = (width as usize) * pixel
  const tileRows = (height + 1) >> 1
  const tileColumns = (width + 1) >> 1
  const plane = ((count * tileRows * tileColumns) as usize) * pixel + GAP
  const outputs = line(scratch, 8)
  for (let photo = 0; photo < count; photo++)
    for (let tileRow = 0; tileRow < tileRows; tileRow++)
      for (let tileColumn = 0; tileColumn < tileColumns; tileColumn++) {
        const rows = min(2, height - 2 * tileRow)
        const columns = min(2, width - 2 * tileColumn)
        const to = y + ((photo * height + 2 * tileRow) as usize) * row + ((2 * tileColumn) as usize) * pixel
        for (let c: usize = 0; c < pixel; c += VECTOR) {
          for (let j: usize = 0; j < 4; j++)
            toOutput(from + c + j * plane, 4 * plane, scratch + j * VECTOR, 4 * VECTOR)
          for (let i = 0; i < rows; i++) {
            toOutput(scratch + (i as usize) * 4 * VECTOR, VECTOR, outputs, VECTOR)
            for (let j = 0; j < columns; j++)
              v128.store(to + (i as usize) * row + (j as usize) * pixel + c, v128.load(line(outputs, j)))
          }
        }
        from += pixel
      }
}

/** G g Gt of `columns` output channels from `first` on, in panels for `gemm`: [16][columns / 8][in][8]. */
export function smallFilterFactor(
  filter: usize,
  to: usize,
  inputs: i32,
  outputs: i32,
  first: i32,
  columns: i32,
  scratch: usize,
): void {
  const tap = ((inputs * outputs) as usize) << 2
  const plane = (((inputs * columns) as usize) << 2) + GAP
  for (let panel = 0; panel < columns; panel += 8)
    for (let input = 0; input < inputs; input++)
      for (let half = 0; half < 8; half += 4) {
        const from = filter + ((input * outputs + first + panel + half) << 2)
        const target = to + ((panel * inputs + input * 8 + half) << 2)
        for (let j: usize = 0; j < 3; j++)
          toFilterFactor(from + j * tap, 3 * tap, scratch + j * VECTOR, 3 * VECTOR)
        for (let i: usize = 0; i < 4; i++)
          toFilterFactor(scratch + i * 3 * VECTOR, VECTOR, target + i * 4 * plane, plane)
      }
}
