/**
 * The two gradients of a convolution, each as forward convolutions, which XNNPACK runs fast (TF.js's wasm backend has
 * no filter gradient and a slow input gradient). NHWC; filters [kh, kw, in, out]; square strides and paddings.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { ConvolutionSpec } from '../../../model/index.ts'
import type { Heap } from './heap.ts'

type Geometry = Pick<ConvolutionSpec, 'kernel' | 'stride' | 'padding'>

/**
 * dw [k, k, in, out] from x [n, h, w, in] and dy [n, oh, ow, out]:
 * dw[ky, kx, i, o] = sum over n, oy, ox of x[n, oy s + ky - p, ox s + kx - p, i] dy[n, oy, ox, o].
 * That is a convolution of x with dy as its filter, dilated by s, where the photos are the channels that are summed and
 * the channels are the batch.
 */
export function filterGradient(heap: Heap, x: tf.Tensor4D, dy: tf.Tensor4D, geometry: Geometry): tf.Tensor4D {
  const { kernel, padding } = geometry
  return tf.tidy(() => {
    const pointwise = kernel === 1
    const input = pointwise ? subsampled(heap, x, geometry.stride) : x
    const stride = pointwise ? 1 : geometry.stride
    // Where the stride leaves a rest, the last rows and columns meet no output.
    const after = (length: number, out: number) => kernel + (out - 1) * stride - length - padding
    const rows: [number, number] = [padding, after(input.shape[1], dy.shape[1])]
    const columns: [number, number] = [padding, after(input.shape[2], dy.shape[2])]
    const photosLast = tf.transpose(input, [3, 1, 2, 0])
    const filter = tf.transpose(dy, [1, 2, 0, 3])
    const dw = tf.conv2d(photosLast, filter, 1, [[0, 0], rows, columns, [0, 0]], 'NHWC', stride)
    return tf.transpose(dw, [1, 2, 0, 3])
  })
}

/**
 * dx [n, h, w, in] from dy [n, oh, ow, out] and the filter [k, k, in, out]:
 * dx[n, y, x, i] = sum over ky, kx, o of dy[n, (y + p - ky) / s, (x + p - kx) / s, o] w[ky, kx, i, o].
 * Only taps with y + p - ky divisible by s meet an output, so the s * s phases of (y, x) are one small convolution each
 * of dy with the taps of that phase, turned by 180 degrees and with the channels swapped.
 */
export function inputGradient(
  heap: Heap,
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  { kernel, stride, padding }: Geometry,
  [count, height, width, channels]: tf.Tensor4D['shape'],
): tf.Tensor4D {
  const rows = phases(height, dy.shape[1], kernel, stride, padding)
  const columns = phases(width, dy.shape[2], kernel, stride, padding)
  const convolved = (row: Phase, column: Phase) => {
    const turned = turnedFilter(heap, filter, row.taps, column.taps)
    const part: tf.Tensor4D = tf.conv2d(dy, turned, 1, [[0, 0], row.pad, column.pad, [0, 0]])
    turned.dispose()
    return part
  }
  if (stride === 1) return convolved(rows[0], columns[0])
  const dx = heap.empty<tf.Rank.R4>([count, height, width, channels])
  if (rows.some(isEmpty) || columns.some(isEmpty)) heap.view(dx).fill(0)
  rows.forEach((row, top) => {
    columns.forEach((column, left) => {
      if (isEmpty(row) || isEmpty(column)) return
      const part = convolved(row, column)
      spread(heap, part, dx, top, left, stride)
      part.dispose()
    })
  })
  return dx
}

/** Which taps meet the rows y = phase, phase + s, ... of dx, last tap first, and how dy is padded for them. */
interface Phase {
  taps: number[]
  pad: [number, number]
}

const isEmpty = (phase: Phase): boolean => phase.taps.length === 0

function phases(length: number, out: number, kernel: number, stride: number, padding: number): Phase[] {
  return Array.from({ length: stride }, (_, phase): Phase => {
    const taps: number[] = []
    for (let tap = (phase + padding) % stride; tap < kernel; tap += stride) taps.unshift(tap)
    // Row y = a s + phase and its first tap meet row a + ahead of dy; each further tap meets the row before.
    const ahead = Math.floor((phase + padding) / stride)
    const rows = Math.ceil((length - phase) / stride)
    return { taps, pad: [taps.length - 1 - ahead, rows - 1 + ahead - (out - 1)] }
  })
}

/** The taps in the order given, with in and out swapped: [rows, columns, out, in]. */
function turnedFilter(heap: Heap, filter: tf.Tensor4D, rows: number[], columns: number[]): tf.Tensor4D {
  const [, kernel, inputs, outputs] = filter.shape
  const turned = heap.empty<tf.Rank.R4>([rows.length, columns.length, outputs, inputs])
  const from = heap.view(filter)
  const to = heap.view(turned)
  const size = inputs * outputs
  const block = 16
  let target = 0
  for (const row of rows)
    for (const column of columns) {
      const source = (row * kernel + column) * size
      for (let o0 = 0; o0 < outputs; o0 += block)
        for (let i = 0; i < inputs; i++) {
          const end = Math.min(o0 + block, outputs)
          for (let o = o0; o < end; o++) to[target + o * inputs + i] = from[source + i * outputs + o]
        }
      target += size
    }
  return turned
}

/** Writes `part` to every `stride`-th row and column of `dx` from (top, left) on. */
function spread(
  heap: Heap,
  part: tf.Tensor4D,
  dx: tf.Tensor4D,
  top: number,
  left: number,
  stride: number,
): void {
  const [count, rows, columns, channels] = part.shape
  const [, height, width] = dx.shape
  const from = heap.view(part)
  const to = heap.view(dx)
  let source = 0
  for (let photo = 0; photo < count; photo++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const y = row * stride + top
        const x = column * stride + left
        const target = ((photo * height + y) * width + x) * channels
        for (let c = 0; c < channels; c++) to[target + c] = from[source + c]
        source += channels
      }
}

/** Every `stride`-th row and column of x. */
function subsampled(heap: Heap, x: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (stride === 1) return x
  const [count, height, width, channels] = x.shape
  const part = heap.empty<tf.Rank.R4>([
    count,
    Math.ceil(height / stride),
    Math.ceil(width / stride),
    channels,
  ])
  const from = heap.view(x)
  const to = heap.view(part)
  let target = 0
  for (let photo = 0; photo < count; photo++)
    for (let y = 0; y < height; y += stride)
      for (let column = 0; column < width; column += stride) {
        const source = ((photo * height + y) * width + column) * channels
        for (let c = 0; c < channels; c++) to[target++] = from[source + c]
      }
  return part
}
