/**
 * Convolutions with few outputs a photo: one matrix product over all photos for each output and each input under its
 * window. Nothing is laid out anew and no product is with padding, which is most of a window there.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { filterShape, type Method, type Shape } from './convolution-method.ts'

const FLOAT = 4

/** Output, input (counted in pixels of one photo) and the tap between them. */
interface Pair {
  output: number
  input: number
  tap: number
}

function pairsOf(shape: Shape): Pair[] {
  const { height, width, kernel, stride, padding, outHeight, outWidth } = shape
  const found: Pair[] = []
  for (let output = 0; output < outHeight * outWidth; output++)
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const y = Math.floor(output / outWidth) * stride - padding + Math.floor(tap / kernel)
      const x = (output % outWidth) * stride - padding + (tap % kernel)
      if (y >= 0 && y < height && x >= 0 && x < width) found.push({ output, input: y * width + x, tap })
    }
  return found
}

export const pairs: Method = {
  name: 'pairs',

  packedSize: ({ kernel, channels, outChannels }) => kernel * kernel * channels * outChannels,
  forwardScratch: () => [],
  backwardScratch: (shape, { input }) => [
    shape.count * shape.outChannels,
    input ? pairs.packedSize(shape) : 0,
  ],

  /** Each tap's matrix [in, out] in panels. */
  pack(heap, filter) {
    const [kernel, , inputs, outputs] = filter.shape
    const panels = heap.empty<tf.Rank.R1>([pairs.packedSize(filterShape(filter.shape))])
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const at = tap * inputs * outputs * FLOAT
      heap.kernels.pack(inputs, outputs, heap.at(filter) + at, outputs * FLOAT, heap.at(panels) + at)
    }
    return panels
  },

  forward(heap, x, { panels }, shape, finish) {
    const { count, height, width, channels, outHeight, outWidth, outChannels } = shape
    const y = heap.empty<tf.Rank.R4>([count, outHeight, outWidth, outChannels])
    const row = height * width * channels * FLOAT
    const outRow = outHeight * outWidth * outChannels * FLOAT
    heap.view(y).fill(0)
    for (const { output, input, tap } of pairsOf(shape)) {
      const from = heap.at(x) + input * channels * FLOAT
      const matrix = heap.at(panels) + tap * channels * outChannels * FLOAT
      const to = heap.at(y) + output * outChannels * FLOAT
      heap.kernels.gemm(count, outChannels, channels, from, row, FLOAT, matrix, to, outRow, 1)
    }
    if (finish) {
      const shortcut = finish.shortcut ? heap.at(finish.shortcut) : 0
      const size = [count * outHeight * outWidth, outChannels]
      heap.kernels.finish(heap.at(y), ...size, heap.at(finish.bias), shortcut, Number(finish.relu))
    }
    return y
  },

  backward(heap, dy, shape, { x, filter }) {
    const { count, height, width, kernel, channels, outHeight, outWidth, outChannels } = shape
    const dw = x && heap.empty<tf.Rank.R4>([kernel, kernel, channels, outChannels])
    const dx = filter && heap.empty<tf.Rank.R4>([count, height, width, channels])
    for (const sum of [dw, dx]) if (sum) heap.view(sum).fill(0)
    const [row, outRow] = [height * width * channels * FLOAT, outHeight * outWidth * outChannels * FLOAT]
    const matrix = channels * outChannels
    const taps = kernel * kernel
    const lengths = pairs.backwardScratch(shape, { filter: !!x, input: !!filter })
    heap.borrow(lengths, (packed, turned) => {
      const { gemm, pack, packTransposed } = heap.kernels
      if (filter)
        for (let tap = 0; tap < taps; tap++) {
          const at = tap * matrix * FLOAT
          packTransposed(channels, outChannels, heap.at(filter.panels) + at, turned + at)
        }
      let last = -1
      for (const { output, input, tap } of pairsOf(shape)) {
        const slope = heap.at(dy) + output * outChannels * FLOAT
        const pixel = input * channels * FLOAT
        const at = tap * matrix * FLOAT
        if (x && dw) {
          if (output !== last) pack(count, outChannels, slope, outRow, packed)
          last = output
          const to = heap.at(dw) + at
          gemm(
            channels,
            outChannels,
            count,
            heap.at(x) + pixel,
            FLOAT,
            row,
            packed,
            to,
            outChannels * FLOAT,
            1,
          )
        }
        if (dx)
          gemm(count, channels, outChannels, slope, outRow, FLOAT, turned + at, heap.at(dx) + pixel, row, 1)
      }
    })
    return { dw, dx }
  },
}
