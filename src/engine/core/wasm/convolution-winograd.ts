/** Convolutions of 3 x 3, stride 1 and padding 1 by Winograd's F(4x4, 3x3): see assembly/winograd.ts. */
import type * as tf from '@tensorflow/tfjs-core'
import { evenParts } from '../../batches.ts'
import { filterShape, type Method, type Shape } from './convolution-method.ts'

const FLOAT = 4
/** Products a tile, and as many planes in each factor. */
const PLANES = 36
/** Floats after each plane of a factor: see `GAP` there. */
export const GAP = 16
/** Floats between the two halves of a transform. */
const SCRATCH = 4 * 48
/** Floats of a factor that are worked on at a time: they stay in the cache. */
const FACTOR = 2 ** 20

const tilesOf = ({ height, width }: Shape) => Math.ceil(height / 4) * Math.ceil(width / 4)

/** Photos at a time. */
function parts(shape: Shape): { from: number; to: number }[] {
  const widest = Math.max(shape.channels, shape.outChannels)
  return evenParts(shape.count, Math.max(1, Math.floor(FACTOR / (PLANES * tilesOf(shape) * widest))))
}

/** Floats of the factors for the largest part. */
function largest(shape: Shape, channels: number): number {
  const photos = Math.max(...parts(shape).map(({ from, to }) => to - from))
  return PLANES * (photos * tilesOf(shape) * channels + GAP)
}

export const winograd: Method = {
  name: 'winograd',

  packedSize: ({ channels, outChannels }) => PLANES * (channels * outChannels + GAP),
  forwardScratch: (shape) => [largest(shape, shape.channels), largest(shape, shape.outChannels), SCRATCH],
  backwardScratch(shape, { filter }) {
    const { channels, outChannels } = shape
    const matrix = channels * outChannels
    const wide = largest(shape, outChannels)
    // The input's factor and the input gradient's are not there at the same time.
    return [
      largest(shape, channels),
      wide,
      wide / PLANES,
      filter ? PLANES * (matrix + GAP) : 0,
      matrix,
      SCRATCH,
    ]
  },

  pack(heap, filter) {
    const [, , inputs, outputs] = filter.shape
    const panels = heap.empty<tf.Rank.R1>([winograd.packedSize(filterShape(filter.shape))])
    heap.borrow([SCRATCH], (scratch) => {
      heap.kernels.filterFactor(heap.at(filter), heap.at(panels), inputs, outputs, scratch)
    })
    return panels
  },

  forward(heap, x, { panels }, shape, finish) {
    const { count, height, width, channels, outChannels } = shape
    const y = heap.empty<tf.Rank.R4>([count, height, width, outChannels])
    heap.borrow(winograd.forwardScratch(shape), (v, m, scratch) => {
      const { inputFactor, gemm, output } = heap.kernels
      const pixels = height * width * FLOAT
      for (const { from, to } of parts(shape)) {
        const tiles = (to - from) * tilesOf(shape)
        inputFactor(heap.at(x) + from * pixels * channels, v, to - from, height, width, channels, scratch)
        eachPlane(tiles * channels, channels * outChannels, tiles * outChannels, (a, b, c) => {
          const [row, outRow] = [channels * FLOAT, outChannels * FLOAT]
          gemm(tiles, outChannels, channels, v + a, row, FLOAT, heap.at(panels) + b, m + c, outRow, 0)
        })
        const start = from * pixels * outChannels
        const bias = finish ? heap.at(finish.bias) : 0
        const shortcut = finish?.shortcut ? heap.at(finish.shortcut) + start : 0
        const relu = Number(finish?.relu ?? false)
        const size = [to - from, height, width, outChannels]
        output(m, heap.at(y) + start, ...size, bias, shortcut, relu, scratch)
      }
    })
    return y
  },

  backward(heap, dy, shape, { x, filter }) {
    const { count, height, width, channels, outChannels } = shape
    const dw = x && heap.empty<tf.Rank.R4>([3, 3, channels, outChannels])
    const dx = filter && heap.empty<tf.Rank.R4>([count, height, width, channels])
    if (dx) heap.view(dx).fill(0)
    const matrix = channels * outChannels
    const lengths = winograd.backwardScratch(shape, { filter: !!x, input: !!filter })
    heap.borrow(lengths, (v, m, packed, u, turned, scratch) => {
      const { inputFactor, outputFactor, pack, packTransposed, gemm } = heap.kernels
      const pixels = height * width * FLOAT
      const [row, outRow] = [channels * FLOAT, outChannels * FLOAT]
      for (const { from, to } of parts(shape)) {
        const photos = to - from
        const tiles = photos * tilesOf(shape)
        outputFactor(
          heap.at(dy) + from * pixels * outChannels,
          m,
          photos,
          height,
          width,
          outChannels,
          scratch,
        )
        if (x) {
          inputFactor(heap.at(x) + from * pixels * channels, v, photos, height, width, channels, scratch)
          eachPlane(tiles * channels, tiles * outChannels, matrix, (a, b, c) => {
            pack(tiles, outChannels, m + b, outRow, packed)
            gemm(channels, outChannels, tiles, v + a, FLOAT, row, packed, u + c, outRow, Number(from > 0))
          })
        }
        if (filter && dx) {
          eachPlane(tiles * outChannels, matrix, tiles * channels, (a, b, c) => {
            packTransposed(channels, outChannels, heap.at(filter.panels) + b, turned)
            gemm(tiles, channels, outChannels, m + a, outRow, FLOAT, turned, v + c, row, 0)
          })
          const start = heap.at(dx) + from * pixels * channels
          heap.kernels.inputGradient(v, start, photos, height, width, channels, scratch)
        }
      }
      if (dw) heap.kernels.filterGradient(u, heap.at(dw), channels, outChannels, scratch)
    })
    return { dw, dx }
  },
}

/** Calls `multiply` for each plane with where it begins in three factors of so many floats a plane. */
function eachPlane(
  a: number,
  b: number,
  c: number,
  multiply: (a: number, b: number, c: number) => void,
): void {
  for (let plane = 0; plane < PLANES; plane++)
    multiply(plane * (a + GAP) * FLOAT, plane * (b + GAP) * FLOAT, plane * (c + GAP) * FLOAT)
}
