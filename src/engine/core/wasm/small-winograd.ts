/** Convolutions of 3 x 3, stride 1 and padding 1 forward by Winograd's F(2x2, 3x3): see assembly/winograd-small.ts. */
import type * as tf from '@tensorflow/tfjs-core'
import { evenParts } from '../../batches.ts'
import type { Shape } from './convolution-method.ts'
import { GAP } from './convolution-winograd.ts'
import type { Heap } from './heap.ts'

const FLOAT = 4
const PLANES = 16
/** Floats between the two halves of a transform. */
const SCRATCH = 4 * 24
/** Floats of a factor that are worked on at a time: they stay in the cache. */
const FACTOR = 2 ** 19

/** Photos at a time. */
function partsOf({ count, height, width, channels, outChannels }: Shape) {
  const tiles = Math.ceil(height / 2) * Math.ceil(width / 2)
  const widest = Math.max(channels, outChannels)
  return { tiles, parts: evenParts(count, Math.max(1, Math.floor(FACTOR / (PLANES * tiles * widest)))) }
}

/** Floats of each buffer that `smallWinograd` borrows. */
export function smallWinogradScratch(shape: Shape): number[] {
  const { channels, outChannels } = shape
  const { tiles, parts } = partsOf(shape)
  const most = tiles * Math.max(...parts.map(({ from, to }) => to - from))
  const factor = (values: number) => PLANES * (values + GAP)
  return [factor(channels * outChannels), factor(most * channels), factor(most * outChannels), SCRATCH]
}

export function smallWinograd(heap: Heap, x: tf.Tensor4D, filter: tf.Tensor4D, shape: Shape): tf.Tensor4D {
  const { count, height, width, channels, outChannels } = shape
  const y = heap.empty<tf.Rank.R4>([count, height, width, outChannels])
  const { tiles, parts } = partsOf(shape)
  const matrix = channels * outChannels
  heap.borrow(smallWinogradScratch(shape), (u, v, m, scratch) => {
    const { smallFilterFactor, smallInputFactor, smallOutput, gemm } = heap.kernels
    smallFilterFactor(heap.at(filter), u, channels, outChannels, scratch)
    const [row, outRow] = [channels * FLOAT, outChannels * FLOAT]
    for (const { from, to } of parts) {
      const first = from * height * width
      smallInputFactor(heap.at(x) + first * row, v, to - from, height, width, channels, scratch)
      const rows = (to - from) * tiles
      for (let plane = 0; plane < PLANES; plane++) {
        const a = v + plane * (rows * row + GAP * FLOAT)
        const b = u + plane * (matrix + GAP) * FLOAT
        const to = m + plane * (rows * outRow + GAP * FLOAT)
        gemm(rows, outChannels, channels, a, row, FLOAT, b, to, outRow, 0)
      }
      smallOutput(m, heap.at(y) + first * outRow, to - from, height, width, outChannels, scratch)
    }
  })
  return y
}
