/**
 * Winograd's F(4x4, 3x3) for convolutions of stride 1 and padding 1 (Lavin and Gray 2016): a tile of 4 x 4 outputs from
 * 6 x 6 inputs takes 36 products where 144 were, and they are 36 matrix products over tiles and channels:
 *
 *   y = At [(G g Gt) . (Bt x B)] A
 *   dg = Gt [(A dy At) . (Bt x B)] G       dx = B [(G g Gt) . (A dy At)] Bt
 *
 * The gradients are the transposed algorithm, so they share its factors. Photos are NHWC, factors [36][tiles][channels]
 * with a gap after each plane, filters [3, 3, in, out]; channels are multiples of four (out of a filter: of eight). Each
 * transform goes down the columns, then along the rows, four channels at a time; `scratch` holds 36 vectors between the
 * two.
 */

import { transpose } from './transpose'

const VECTOR = 16

/**
 * Bytes between two planes of factors. A plane is often a power of two long: without a gap, all planes of one value would
 * meet in one set of the cache and push each other out.
 */
export const GAP: usize = 64

function line(scratch: usize, index: i32): usize {
  return scratch + ((index as usize) << 4)
}

function times(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor))
}

/** Bt of six vectors `step` apart, to six `toStep` apart. */
function toFactor(from: usize, step: usize, to: usize, toStep: usize): void {
  const x0 = v128.load(from)
  const x1 = v128.load(from + step)
  const x2 = v128.load(from + 2 * step)
  const x3 = v128.load(from + 3 * step)
  const x4 = v128.load(from + 4 * step)
  const x5 = v128.load(from + 5 * step)
  storeFactor(x0, x1, x2, x3, x4, x5, to, toStep)
}

/** Bt of six vectors, to six `toStep` apart. */
function storeFactor(
  x0: v128,
  x1: v128,
  x2: v128,
  x3: v128,
  x4: v128,
  x5: v128,
  to: usize,
  toStep: usize,
): void {
  const even = f32x4.sub(x4, times(x2, 4))
  const odd = f32x4.sub(x3, times(x1, 4))
  const even2 = f32x4.sub(x4, x2)
  const odd2 = times(f32x4.sub(x3, x1), 2)
  v128.store(to, f32x4.add(f32x4.sub(times(x0, 4), times(x2, 5)), x4))
  v128.store(to + toStep, f32x4.add(even, odd))
  v128.store(to + 2 * toStep, f32x4.sub(even, odd))
  v128.store(to + 3 * toStep, f32x4.add(even2, odd2))
  v128.store(to + 4 * toStep, f32x4.sub(even2, odd2))
  v128.store(to + 5 * toStep, f32x4.add(f32x4.sub(times(x1, 4), times(x3, 5)), x5))
}

/** B of six vectors: the transposed of `toFactor`. */
function fromFactor(from: usize, step: usize, to: usize, toStep: usize): void {
  const v0 = v128.load(from)
  const v1 = v128.load(from + step)
  const v2 = v128.load(from + 2 * step)
  const v3 = v128.load(from + 3 * step)
  const v4 = v128.load(from + 4 * step)
  const v5 = v128.load(from + 5 * step)
  const sum = f32x4.add(v1, v2)
  const difference = f32x4.sub(v1, v2)
  const sum2 = f32x4.add(v3, v4)
  const difference2 = times(f32x4.sub(v3, v4), 2)
  v128.store(to, times(v0, 4))
  v128.store(to + toStep, f32x4.sub(times(f32x4.sub(v5, difference), 4), difference2))
  v128.store(to + 2 * toStep, f32x4.sub(f32x4.sub(times(v0, -5), times(sum, 4)), sum2))
  v128.store(to + 3 * toStep, f32x4.sub(f32x4.add(difference, difference2), times(v5, 5)))
  v128.store(to + 4 * toStep, f32x4.add(v0, f32x4.add(sum, sum2)))
  v128.store(to + 5 * toStep, v5)
}

/** At of six vectors, to four. */
function toOutput(from: usize, step: usize, to: usize, toStep: usize): void {
  const m1 = v128.load(from + step)
  const m2 = v128.load(from + 2 * step)
  const m3 = v128.load(from + 3 * step)
  const m4 = v128.load(from + 4 * step)
  const sum = f32x4.add(m1, m2)
  const difference = f32x4.sub(m1, m2)
  const sum2 = f32x4.add(m3, m4)
  const difference2 = f32x4.sub(m3, m4)
  v128.store(to, f32x4.add(v128.load(from), f32x4.add(sum, sum2)))
  v128.store(to + toStep, f32x4.add(difference, times(difference2, 2)))
  v128.store(to + 2 * toStep, f32x4.add(sum, times(sum2, 4)))
  v128.store(
    to + 3 * toStep,
    f32x4.add(f32x4.add(difference, times(difference2, 8)), v128.load(from + 5 * step)),
  )
}

/** A of four vectors, to six. */
function fromOutput(from: usize, step: usize, to: usize, toStep: usize): void {
  const y0 = v128.load(from)
  const y1 = v128.load(from + step)
  const y2 = v128.load(from + 2 * step)
  const y3 = v128.load(from + 3 * step)
  storeFromOutput(y0, y1, y2, y3, to, toStep)
}

/** A of four vectors, to six `toStep` apart. */
function storeFromOutput(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, toStep: usize): void {
  const even = f32x4.add(y0, y2)
  const odd = f32x4.add(y1, y3)
  const even2 = f32x4.add(y0, times(y2, 4))
  const odd2 = f32x4.add(times(y1, 2), times(y3, 8))
  v128.store(to, y0)
  v128.store(to + toStep, f32x4.add(even, odd))
  v128.store(to + 2 * toStep, f32x4.sub(even, odd))
  v128.store(to + 3 * toStep, f32x4.add(even2, odd2))
  v128.store(to + 4 * toStep, f32x4.sub(even2, odd2))
  v128.store(to + 5 * toStep, y3)
}

/** G of three vectors, to six. */
function toFilterFactor(from: usize, step: usize, to: usize, toStep: usize): void {
  const g0 = v128.load(from)
  const g1 = v128.load(from + step)
  const g2 = v128.load(from + 2 * step)
  const outer = times(f32x4.add(g0, g2), -1.0 / 6.0)
  const middle = times(g1, 1.0 / 6.0)
  const outer2 = f32x4.add(times(g0, 1.0 / 24.0), times(g2, 1.0 / 6.0))
  const middle2 = times(g1, 1.0 / 12.0)
  v128.store(to, times(g0, 0.25))
  v128.store(to + toStep, f32x4.sub(outer, middle))
  v128.store(to + 2 * toStep, f32x4.add(outer, middle))
  v128.store(to + 3 * toStep, f32x4.add(outer2, middle2))
  v128.store(to + 4 * toStep, f32x4.sub(outer2, middle2))
  v128.store(to + 5 * toStep, g2)
}

/** Gt of six vectors, to three. */
function fromFilterFactor(from: usize, step: usize, to: usize, toStep: usize): void {
  const u1 = v128.load(from + step)
  const u2 = v128.load(from + 2 * step)
  const u3 = v128.load(from + 3 * step)
  const u4 = v128.load(from + 4 * step)
  const sum = times(f32x4.add(u1, u2), -1.0 / 6.0)
  const sum2 = f32x4.add(u3, u4)
  v128.store(to, f32x4.add(f32x4.add(times(v128.load(from), 0.25), sum), times(sum2, 1.0 / 24.0)))
  v128.store(
    to + toStep,
    f32x4.add(times(f32x4.sub(u2, u1), 1.0 / 6.0), times(f32x4.sub(u3, u4), 1.0 / 12.0)),
  )
  v128.store(to + 2 * toStep, f32x4.add(f32x4.add(sum, times(sum2, 1.0 / 6.0)), v128.load(from + 5 * step)))
}

/** Bt x B of each tile. */
export function inputFactor(
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
  const tileRows = (height + 3) >> 2
  const tileColumns = (width + 3) >> 2
  const plane = ((count * tileRows * tileColumns) as usize) * pixel + GAP
  const zero = f32x4.splat(0)
  for (let photo = 0; photo < count; photo++)
    for (let tileRow = 0; tileRow < tileRows; tileRow++)
      for (let tileColumn = 0; tileColumn < tileColumns; tileColumn++) {
        const top = 4 * tileRow - 1
        // Rows of the image from the tile's first one on, which may lie above it; the second is always inside.
        const below = height - top
        const left = 4 * tileColumn - 1
        const base = x + ((photo * height + top) as usize) * row + (left as usize) * pixel
        for (let c: usize = 0; c < pixel; c += VECTOR) {
          for (let j = 0; j < 6; j++) {
            const to = line(scratch, j)
            if (left + j < 0 || left + j >= width) {
              for (let i: usize = 0; i < 6; i++) v128.store(to + i * 6 * VECTOR, zero)
              continue
            }
            const from = base + (j as usize) * pixel + c
            const x0 = top >= 0 ? v128.load(from) : zero
            const x1 = v128.load(from + row)
            const x2 = below > 2 ? v128.load(from + 2 * row) : zero
            const x3 = below > 3 ? v128.load(from + 3 * row) : zero
            const x4 = below > 4 ? v128.load(from + 4 * row) : zero
            const x5 = below > 5 ? v128.load(from + 5 * row) : zero
            storeFactor(x0, x1, x2, x3, x4, x5, to, 6 * VECTOR)
          }
          for (let i: usize = 0; i < 6; i++)
            toFactor(scratch + i * 6 * VECTOR, VECTOR, to + c + i * 6 * plane, plane)
        }
        to += pixel
      }
}

/**
 * At m A of each tile: with `bias` [channels], `shortcut` (as y) and ReLU where they are wanted; a pointer that is 0 is
 * none.
 */
export function output(
  from: usize,
  y: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  bias: usize,
  shortcut: usize,
  relu: bool,
  scratch: usize,
): void {
  const pixel = (channels as usize) << 2
  const row = (width as usize) * pixel
  const tileRows = (height + 3) >> 2
  const tileColumns = (width + 3) >> 2
  const plane = ((count * tileRows * tileColumns) as usize) * pixel + GAP
  const outputs = line(scratch, 24)
  const zero = f32x4.splat(0)
  for (let photo = 0; photo < count; photo++)
    for (let tileRow = 0; tileRow < tileRows; tileRow++)
      for (let tileColumn = 0; tileColumn < tileColumns; tileColumn++) {
        const rows = min(4, height - 4 * tileRow)
        const columns = min(4, width - 4 * tileColumn)
        const offset = ((photo * height + 4 * tileRow) as usize) * row + ((4 * tileColumn) as usize) * pixel
        for (let c: usize = 0; c < pixel; c += VECTOR) {
          for (let j: usize = 0; j < 6; j++)
            toOutput(from + c + j * plane, 6 * plane, scratch + j * VECTOR, 6 * VECTOR)
          const added = bias ? v128.load(bias + c) : zero
          for (let i = 0; i < rows; i++) {
            toOutput(scratch + (i as usize) * 6 * VECTOR, VECTOR, outputs, VECTOR)
            for (let j = 0; j < columns; j++) {
              const at = offset + (i as usize) * row + (j as usize) * pixel + c
              let value = f32x4.add(v128.load(line(outputs, j)), added)
              if (shortcut) value = f32x4.add(value, v128.load(shortcut + at))
              v128.store(y + at, relu ? f32x4.max(value, zero) : value)
            }
          }
        }
        from += pixel
      }
}

/** A dy At of each tile. */
export function outputFactor(
  dy: usize,
  to: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  scratch: usize,
): void {
  const pixel = (channels as usize) << 2
  const row = (width as usize) * pixel
  const tileRows = (height + 3) >> 2
  const tileColumns = (width + 3) >> 2
  const plane = ((count * tileRows * tileColumns) as usize) * pixel + GAP
  const zero = f32x4.splat(0)
  for (let photo = 0; photo < count; photo++)
    for (let tileRow = 0; tileRow < tileRows; tileRow++)
      for (let tileColumn = 0; tileColumn < tileColumns; tileColumn++) {
        const top = 4 * tileRow
        const below = height - top
        const left = 4 * tileColumn
        const base = dy + ((photo * height + top) as usize) * row + (left as usize) * pixel
        for (let c: usize = 0; c < pixel; c += VECTOR) {
          for (let j = 0; j < 4; j++) {
            const to = line(scratch, j)
            if (left + j >= width) {
              for (let i: usize = 0; i < 6; i++) v128.store(to + i * 4 * VECTOR, zero)
              continue
            }
            const from = base + (j as usize) * pixel + c
            const y0 = v128.load(from)
            const y1 = below > 1 ? v128.load(from + row) : zero
            const y2 = below > 2 ? v128.load(from + 2 * row) : zero
            const y3 = below > 3 ? v128.load(from + 3 * row) : zero
            storeFromOutput(y0, y1, y2, y3, to, 4 * VECTOR)
          }
          for (let i: usize = 0; i < 6; i++)
            fromOutput(scratch + i * 4 * VECTOR, VECTOR, to + c + i * 6 * plane, plane)
        }
        to += pixel
      }
}

/** Adds B v Bt of each tile to dx. */
export function inputGradient(
  from: usize,
  dx: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  scratch: usize,
): void {
  const pixel = (channels as usize) << 2
  const row = (width as usize) * pixel
  const tileRows = (height + 3) >> 2
  const tileColumns = (width + 3) >> 2
  const plane = ((count * tileRows * tileColumns) as usize) * pixel + GAP
  const sums = line(scratch, 36)
  for (let photo = 0; photo < count; photo++)
    for (let tileRow = 0; tileRow < tileRows; tileRow++)
      for (let tileColumn = 0; tileColumn < tileColumns; tileColumn++) {
        const top = 4 * tileRow - 1
        const left = 4 * tileColumn - 1
        const base = dx + ((photo * height + top) as usize) * row + (left as usize) * pixel
        for (let c: usize = 0; c < pixel; c += VECTOR) {
          for (let j: usize = 0; j < 6; j++)
            fromFactor(from + c + j * plane, 6 * plane, scratch + j * VECTOR, 6 * VECTOR)
          for (let i = 0; i < 6; i++) {
            if (top + i < 0 || top + i >= height) continue
            fromFactor(scratch + (i as usize) * 6 * VECTOR, VECTOR, sums, VECTOR)
            for (let j = 0; j < 6; j++) {
              if (left + j < 0 || left + j >= width) continue
              const at = base + (i as usize) * row + (j as usize) * pixel + c
              v128.store(at, f32x4.add(v128.load(at), v128.load(line(sums, j))))
            }
          }
        }
        from += pixel
      }
}

/** G g Gt, in panels for `gemm`: [36][out / 8][in][8]. */
export function filterFactor(filter: usize, to: usize, inputs: i32, outputs: i32, scratch: usize): void {
  const tap = ((inputs * outputs) as usize) << 2
  const plane = tap + GAP
  for (let panel = 0; panel < outputs; panel += 8)
    for (let input = 0; input < inputs; input++)
      for (let half = 0; half < 8; half += 4) {
        const from = filter + ((input * outputs + panel + half) << 2)
        const target = to + ((panel * inputs + input * 8 + half) << 2)
        for (let j: usize = 0; j < 3; j++)
          toFilterFactor(from + j * tap, 3 * tap, scratch + j * VECTOR, 3 * VECTOR)
        for (let i: usize = 0; i < 6; i++)
          toFilterFactor(scratch + i * 3 * VECTOR, VECTOR, target + i * 6 * plane, plane)
      }
}

/**
 * G g Gt of `columns` input channels from `first` on, with inputs and outputs swapped, in panels for `gemm`:
 * [36][columns / 8][out][8]. Outputs are a multiple of four. `scratch` holds 54 vectors.
 */
export function turnedFilterFactor(
  filter: usize,
  to: usize,
  inputs: i32,
  outputs: i32,
  first: i32,
  columns: i32,
  scratch: usize,
): void {
  const row = (outputs as usize) << 2
  const tap = (inputs as usize) * row
  const plane = (columns as usize) * row + GAP
  const turned = line(scratch, 18)
  for (let panel = 0; panel < columns; panel += 8)
    for (let output: usize = 0; output < row; output += VECTOR)
      for (let half = 0; half < 8; half += 4) {
        const from = filter + ((first + panel + half) as usize) * row + output
        for (let t: usize = 0; t < 9; t++)
          transpose(from + t * tap, row, turned + t * 4 * VECTOR, VECTOR, false)
        for (let o: usize = 0; o < 4; o++) {
          const target = to + (panel as usize) * row + (output << 3) + (o << 5) + ((half as usize) << 2)
          for (let j: usize = 0; j < 3; j++)
            toFilterFactor(turned + (4 * j + o) * VECTOR, 12 * VECTOR, scratch + j * VECTOR, 3 * VECTOR)
          for (let i: usize = 0; i < 6; i++)
            toFilterFactor(scratch + i * 3 * VECTOR, VECTOR, target + i * 6 * plane, plane)
        }
      }
}

/**
 * Gt u G of `size` bytes of each plane; planes are `plane` bytes apart, the nine taps of the gradient `tap` bytes.
 */
export function filterGradient(
  from: usize,
  plane: usize,
  gradient: usize,
  tap: usize,
  size: usize,
  scratch: usize,
): void {
  for (let at: usize = 0; at < size; at += VECTOR) {
    for (let j: usize = 0; j < 6; j++)
      fromFilterFactor(from + at + j * plane, 6 * plane, scratch + j * VECTOR, 6 * VECTOR)
    for (let i: usize = 0; i < 3; i++)
      fromFilterFactor(scratch + i * 6 * VECTOR, VECTOR, gradient + at + i * 3 * tap, tap)
  }
}
