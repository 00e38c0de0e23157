/** Convolutions of 3 x 3, stride 1 and padding 1 by Winograd's F(4x4, 3x3): see assembly/winograd.ts. */
import type * as tf from '@tensorflow/tfjs-core'
import { evenParts } from '../../batches.ts'
import { filterShape, type Method, type Shape } from './convolution-method.ts'
import { blocksOf, GAP, multiply, widestOf } from './winograd-factors.ts'

const FLOAT = 4
/** Products a tile, and as many planes in each factor. */
const PLANES = 36
/** Floats between the halves of a transform. */
const SCRATCH = 4 * 54
/** Floats of a factor that are worked on at a time: they stay in the cache. */
const FACTOR = 2 ** 20

const tilesOf = ({ height, width }: Shape) => Math.ceil(height / 4) * Math.ceil(width / 4)

/** Photos at a time. */
function parts(shape: Shape): { from: number; to: number }[] {
  const widest = Math.max(shape.channels, shape.outChannels)
  return evenParts(shape.count, Math.max(1, Math.floor(FACTOR / (PLANES * tilesOf(shape) * widest))))
}

/** Tiles of the largest part. */
const mostTiles = (shape: Shape) =>
  tilesOf(shape) * Math.max(...parts(shape).map(({ from, to }) => to - from))

/** Floats of the factors for the largest part. */
const largest = (shape: Shape, channels: number): number => PLANES * (mostTiles(shape) * channels + GAP)

/** Input channels at a time. */
const inputBlocks = (shape: Shape) => blocksOf(shape.channels, PLANES * shape.outChannels, mostTiles(shape))

/** Input channels whose products for the filter's gradient are held at once: all where several parts are summed. */
const heldChannels = (shape: Shape): number =>
  parts(shape).length > 1 ? shape.channels : widestOf(inputBlocks(shape))

export const winograd: Method = {
  name: 'winograd',

  packedSize: ({ channels, outChannels }) => PLANES * (channels * outChannels + GAP),
  forwardScratch: (shape) => [largest(shape, shape.channels), largest(shape, shape.outChannels), SCRATCH],
  backwardScratch(shape, { filter, input }) {
    const { channels, outChannels } = shape
    const wide = largest(shape, outChannels)
    const block = (width: number) => PLANES * (width * outChannels + GAP)
    // The input's factor and the input gradient's are not there at the same time.
    return [
      largest(shape, channels),
      wide,
      filter ? wide : 0,
      filter ? block(heldChannels(shape)) : 0,
      input ? block(widestOf(inputBlocks(shape))) : 0,
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
      const { inputFactor, output } = heap.kernels
      const pixels = height * width * FLOAT
      for (const { from, to } of parts(shape)) {
        const tiles = (to - from) * tilesOf(shape)
        inputFactor(heap.at(x) + from * pixels * channels, v, to - from, height, width, channels, scratch)
        multiply(heap, PLANES, [tiles, outChannels, channels], {
          a: [v, tiles * channels, channels, 1],
          b: [heap.at(panels), channels * outChannels],
          c: [m, tiles * outChannels, outChannels],
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
    const lengths = winograd.backwardScratch(shape, { filter: !!x, input: !!filter })
    const blocks = inputBlocks(shape)
    const held = heldChannels(shape)
    const portions = parts(shape)
    heap.borrow(lengths, (v, m, packed, u, turned, scratch) => {
      const { inputFactor, outputFactor, turnedFilterFactor, filterGradient, pack } = heap.kernels
      const pixels = height * width * FLOAT
      const tap = channels * outChannels * FLOAT
      for (const [part, { from, to }] of portions.entries()) {
        const photos = to - from
        const tiles = photos * tilesOf(shape)
        const size = [photos, height, width]
        const [narrow, wide] = [tiles * channels, tiles * outChannels]
        outputFactor(heap.at(dy) + from * pixels * outChannels, m, ...size, outChannels, scratch)
        if (x && dw) {
          inputFactor(heap.at(x) + from * pixels * channels, v, ...size, channels, scratch)
          for (let plane = 0; plane < PLANES; plane++) {
            const at = plane * (wide + GAP) * FLOAT
            pack(tiles, outChannels, m + at, outChannels * FLOAT, packed + at)
          }
          for (const { first, width } of blocks) {
            const products = held < channels ? u : u + first * outChannels * FLOAT
            multiply(heap, PLANES, [width, outChannels, tiles], {
              a: [v + first * FLOAT, narrow, 1, channels],
              b: [packed, wide],
              c: [products, held * outChannels, outChannels],
              adds: part > 0,
            })
            if (part < portions.length - 1) continue
            const plane = (held * outChannels + GAP) * FLOAT
            const to = heap.at(dw) + first * outChannels * FLOAT
            filterGradient(products, plane, to, tap, width * outChannels * FLOAT, scratch)
          }
        }
        if (filter && dx) {
          for (const { first, width } of blocks) {
            turnedFilterFactor(heap.at(filter), turned, channels, outChannels, first, width, scratch)
            multiply(heap, PLANES, [tiles, width, outChannels], {
              a: [m, wide, outChannels, 1],
              b: [turned, width * outChannels],
              c: [v + first * FLOAT, narrow, channels],
            })
          }
          const start = heap.at(dx) + from * pixels * channels
          heap.kernels.inputGradient(v, start, ...size, channels, scratch)
        }
      }
    })
    return { dw, dx }
  },
}
