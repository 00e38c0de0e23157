/**
 * Convolutions with few outputs a photo: one matrix product over all photos for each tap of the filter, with the pixels
 * that meet it. No product is with padding, which is most of a window there, and each part of the filter is read where
 * it lies, once: it is far larger than the photos' pixels.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { type Method, PANEL, type Shape, wholePanels } from './convolution-method.ts'
import type { Heap } from './heap.ts'

const FLOAT = 4

/** A tap, and the outputs and inputs that it joins, counted in pixels of one photo. */
interface Tap {
  tap: number
  pixels: { output: number; input: number }[]
}

function tapsOf({ height, width, kernel, stride, padding, outHeight, outWidth }: Shape): Tap[] {
  return Array.from({ length: kernel * kernel }, (_, tap) => {
    const pixels = []
    for (let output = 0; output < outHeight * outWidth; output++) {
      const y = Math.floor(output / outWidth) * stride - padding + Math.floor(tap / kernel)
      const x = (output % outWidth) * stride - padding + (tap % kernel)
      if (y >= 0 && y < height && x >= 0 && x < width) pixels.push({ output, input: y * width + x })
    }
    return { tap, pixels }
  })
}

/** Columns of a product in whole panels: those of the tap that joins the most pixels. */
const columnsOf = (shape: Shape): number =>
  wholePanels(Math.max(...tapsOf(shape).map(({ pixels }) => pixels.length)) * shape.count)

/** One pixel of each photo as rows: where the first is, and how far the next one. */
interface Rows {
  at: number
  stride: number
}

/**
 * Adds matrix x [from] to [to] for rows of `depth` and of `height` floats.
 *
 * @param matrix [height, depth] at an address, with distances in bytes: `row` between rows, `step` along a row
 */
function addProduct(
  heap: Heap,
  count: number,
  matrix: { at: number; row: number; step: number; height: number; depth: number },
  pixels: readonly { from: Rows; to: Rows }[],
  [panels, product]: readonly [number, number],
): void {
  const { packRows, gemm, addColumns } = heap.kernels
  const { height, depth } = matrix
  const used = pixels.length * count
  const columns = wholePanels(used)
  if (columns > used) heap.floats(panels + (columns - PANEL) * depth * FLOAT, PANEL * depth).fill(0)
  for (const [i, { from }] of pixels.entries())
    packRows(count, depth, from.at, from.stride, i * count, panels)
  const row = columns * FLOAT
  gemm(height, columns, depth, matrix.at, matrix.row, matrix.step, panels, product, row, 0)
  for (const [i, { to }] of pixels.entries())
    addColumns(count, height, product + i * count * FLOAT, row, to.at, to.stride)
}

export const pairs: Method = {
  name: 'pairs',

  packedSize: () => 0,
  forwardScratch: (shape) => [columnsOf(shape) * shape.channels, columnsOf(shape) * shape.outChannels],
  backwardScratch(shape, { filter }) {
    const columns = columnsOf(shape)
    const wide = columns * shape.outChannels
    return [columns * shape.channels, wide, filter ? wide : 0]
  },

  pack: (heap) => heap.empty<tf.Rank.R1>([0]),

  forward(heap, x, { filter }, shape, finish) {
    const { count, height, width, channels, outHeight, outWidth, outChannels } = shape
    const y = heap.empty<tf.Rank.R4>([count, outHeight, outWidth, outChannels])
    const [row, outRow] = [height * width * channels * FLOAT, outHeight * outWidth * outChannels * FLOAT]
    heap.view(y).fill(0)
    heap.borrow(pairs.forwardScratch(shape), (panels, product) => {
      for (const { tap, pixels } of tapsOf(shape)) {
        const joined = pixels.map(({ output, input }) => ({
          from: { at: heap.at(x) + input * channels * FLOAT, stride: row },
          to: { at: heap.at(y) + output * outChannels * FLOAT, stride: outRow },
        }))
        const at = heap.at(filter) + tap * channels * outChannels * FLOAT
        const turned = { at, row: FLOAT, step: outChannels * FLOAT, height: outChannels, depth: channels }
        if (joined.length > 0) addProduct(heap, count, turned, joined, [panels, product])
      }
    })
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
    if (dx) heap.view(dx).fill(0)
    const [row, outRow] = [height * width * channels * FLOAT, outHeight * outWidth * outChannels * FLOAT]
    const lengths = pairs.backwardScratch(shape, { filter: !!x, input: !!filter })
    heap.borrow(lengths, (inputs, outputs, packed) => {
      const { gather, pack, gemm } = heap.kernels
      for (const { tap, pixels } of tapsOf(shape)) {
        const at = tap * channels * outChannels * FLOAT
        if (x && dw) {
          for (const [i, { output, input }] of pixels.entries()) {
            const one = [1, 1, 0, 1, 1]
            const from = heap.at(x) + input * channels * FLOAT
            gather(from, inputs + i * count * channels * FLOAT, count, height, width, channels, ...one)
            const slope = heap.at(dy) + output * outChannels * FLOAT
            const to = outputs + i * count * outChannels * FLOAT
            gather(slope, to, count, outHeight, outWidth, outChannels, ...one)
          }
          const rows = pixels.length * count
          const outStep = outChannels * FLOAT
          pack(rows, outChannels, outputs, outStep, packed)
          const to = heap.at(dw) + at
          gemm(channels, outChannels, rows, inputs, FLOAT, channels * FLOAT, packed, to, outStep, 0)
          if (rows === 0) heap.floats(to, channels * outChannels).fill(0)
        }
        if (filter && dx && pixels.length > 0) {
          const joined = pixels.map(({ output, input }) => ({
            from: { at: heap.at(dy) + output * outChannels * FLOAT, stride: outRow },
            to: { at: heap.at(dx) + input * channels * FLOAT, stride: row },
          }))
          const matrix = { at: heap.at(filter) + at, row: outChannels * FLOAT, step: FLOAT }
          const size = { height: channels, depth: outChannels }
          addProduct(heap, count, { ...matrix, ...size }, joined, [outputs, inputs])
        }
      }
    })
    return { dw, dx }
  },
}
