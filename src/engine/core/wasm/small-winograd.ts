/** Convolutions of 3 x 3, stride 1 and padding 1 forward by Winograd's F(2x2, 3x3): see assembly/winograd-small.ts. */
import type * as tf from '@tensorflow/tfjs-core'
import { evenParts } from '../../batches.ts'
import type { Shape } from './convolution-method.ts'
import type { Heap } from './heap.ts'
import { blocksOf, GAP, multiply, widestOf } from './winograd-factors.ts'

const FLOAT = 4
const PLANES = 16
/** Floats between the two halves of a transform. */
const SCRATCH = 4 * 24
/** Floats of a factor that are worked on at a time: they stay in the cache. */
const FACTOR = 2 ** 19

/** Photos at a time, tiles of one photo and of the largest part, and output channels at a time. */
function partsOf({ count, height, width, channels, outChannels }: Shape) {
  const tiles = Math.ceil(height / 2) * Math.ceil(width / 2)
  const widest = Math.max(channels, outChannels)
  const parts = evenParts(count, Math.max(1, Math.floor(FACTOR / (PLANES * tiles * widest))))
  const most = tiles * Math.max(...parts.map(({ from, to }) => to - from))
  return { parts, tiles, most, blocks: blocksOf(outChannels, PLANES * channels, most) }
}

/** Floats of each buffer that `smallWinograd` borrows. */
export function smallWinogradScratch(shape: Shape): number[] {
  const { channels, outChannels } = shape
  const { most, blocks } = partsOf(shape)
  const factor = (values: number) => PLANES * (values + GAP)
  return [factor(channels * widestOf(blocks)), factor(most * channels), factor(most * outChannels), SCRATCH]
}

export function smallWinograd(heap: Heap, x: tf.Tensor4D, filter: tf.Tensor4D, shape: Shape): tf.Tensor4D {
  const { count, height, width, channels, outChannels } = shape
  const y = heap.empty<tf.Rank.R4>([count, height, width, outChannels])
  const { parts, tiles, blocks } = partsOf(shape)
  heap.borrow(smallWinogradScratch(shape), (u, v, m, scratch) => {
    const { smallFilterFactor, smallInputFactor, smallOutput } = heap.kernels
    const [row, outRow] = [channels * FLOAT, outChannels * FLOAT]
    for (const { from, to } of parts) {
      const start = from * height * width
      smallInputFactor(heap.at(x) + start * row, v, to - from, height, width, channels, scratch)
      const rows = (to - from) * tiles
      for (const { first, width } of blocks) {
        smallFilterFactor(heap.at(filter), u, channels, outChannels, first, width, scratch)
        multiply(heap, PLANES, [rows, width, channels], {
          a: [v, rows * channels, channels, 1],
          b: [u, width * channels],
          c: [m + first * FLOAT, rows * outChannels, outChannels],
        })
      }
      smallOutput(m, heap.at(y) + start * outRow, to - from, height, width, outChannels, scratch)
    }
  })
  return y
}
