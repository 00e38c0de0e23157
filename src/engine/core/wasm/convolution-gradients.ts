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
 * That is one convolution with dy as its filter [oh, ow, n, out], the photos being the channels that are summed. Its
 * input is x as one picture of h rows and w * in columns: a column further is the next channel, `in` columns further the
 * next pixel. So the filter is dilated by s in rows and by s * in in columns, and the output's k rows and k * in columns
 * are dw as it lies in memory.
 */
export function filterGradient(heap: Heap, x: tf.Tensor4D, dy: tf.Tensor4D, geometry: Geometry): tf.Tensor4D {
  const { kernel, padding } = geometry
  return tf.tidy(() => {
    const pointwise = kernel === 1
    const input = pointwise ? subsampled(heap, x, geometry.stride) : x
    const stride = pointwise ? 1 : geometry.stride
    const [count, height, width, channels] = input.shape
    // Where the stride leaves a rest, the last rows and columns meet no output.
    const after = (length: number, out: number) => kernel + (out - 1) * stride - length - padding
    const rows: [number, number] = [padding, after(height, dy.shape[1])]
    const columns: [number, number] = [padding * channels, after(width, dy.shape[2]) * channels]
    const photosLast = heap.empty<tf.Rank.R4>([1, height, width * channels, count])
    transposeMatrix(heap.view(input), heap.view(photosLast), count, height * width * channels)
    const filter = tf.transpose(dy, [1, 2, 0, 3])
    const pads: [[number, number], typeof rows, typeof columns, [number, number]] = [
      [0, 0],
      rows,
      columns,
      [0, 0],
    ]
    const dw = tf.conv2d(photosLast, filter, 1, pads, 'NHWC', [stride, stride * channels])
    return tf.reshape<tf.Rank.R4>(dw, [kernel, kernel, channels, dy.shape[3]])
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
  const outputs = dy.size / dy.shape[3]
  if (outputs < FEW_OUTPUTS * dy.shape[3])
    return inputGradientByMatrix(heap, dy, filter, { kernel, stride, padding }, [
      count,
      height,
      width,
      channels,
    ])
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

/**
 * Turning and packing a filter costs about as much as adding up the columns of 2.5 outputs a channel (measured): below
 * that the filter is used as it lies.
 */
const FEW_OUTPUTS = 2.5

/**
 * The same as one product: the filter [k * k * in, out] times dy [out, n * oh * ow] gives what each output adds to each
 * input under its window, which is then added up.
 */
function inputGradientByMatrix(
  heap: Heap,
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  { kernel, stride, padding }: Geometry,
  shape: tf.Tensor4D['shape'],
): tf.Tensor4D {
  const [count, height, width, channels] = shape
  const [, outHeight, outWidth, outChannels] = dy.shape
  const outputs = count * outHeight * outWidth
  const product = tf.tidy(() => {
    const slope = heap.empty<tf.Rank.R2>([outChannels, outputs])
    transposeMatrix(heap.view(dy), heap.view(slope), outputs, outChannels)
    return tf.matMul(tf.reshape<tf.Rank.R2>(filter, [kernel * kernel * channels, outChannels]), slope)
  })
  const dx = heap.empty<tf.Rank.R4>(shape)
  const from = heap.view(product)
  const to = heap.view(dx).fill(0)
  let source = 0
  for (let tap = 0; tap < kernel * kernel; tap++) {
    const top = Math.floor(tap / kernel) - padding
    const left = (tap % kernel) - padding
    for (let channel = 0; channel < channels; channel++)
      for (let photo = 0; photo < count; photo++)
        for (let row = 0; row < outHeight; row++) {
          const y = row * stride + top
          const start = ((photo * height + y) * width + left) * channels + channel
          const inside = y >= 0 && y < height
          for (let column = 0; column < outWidth; column++, source++) {
            const x = column * stride + left
            if (inside && x >= 0 && x < width) to[start + column * stride * channels] += from[source]
          }
        }
  }
  product.dispose()
  return dx
}

/** [rows, columns] to [columns, rows], block by block. */
function transposeMatrix(from: Float32Array, to: Float32Array, rows: number, columns: number): void {
  const block = 32
  for (let r0 = 0; r0 < rows; r0 += block) {
    const end = Math.min(rows, r0 + block)
    for (let c = 0; c < columns; c++) for (let r = r0; r < end; r++) to[c * rows + r] = from[r * columns + c]
  }
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
