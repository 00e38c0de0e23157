/** Any convolution as one matrix product: the windows are laid out as rows, a few photos at a time. */
import type * as tf from '@tensorflow/tfjs-core'
import { evenParts } from '../../batches.ts'
import {
  type FilterShape,
  filterShape,
  type Method,
  PANEL,
  type Shape,
  wholePanels,
} from './convolution-method.ts'
import type { Heap } from './heap.ts'

const FLOAT = 4
/** Floats of windows that are laid out at a time: they stay in the cache. */
const WINDOWS = 2 ** 18

const depthOf = ({ kernel, channels }: FilterShape) => kernel * kernel * channels

/** Photos at a time, and how many windows the largest of these parts has. */
function partsOf(shape: Shape) {
  const rows = shape.outHeight * shape.outWidth
  const parts = evenParts(shape.count, Math.max(1, Math.floor(WINDOWS / (rows * depthOf(shape)))))
  return { parts, rows, most: rows * Math.max(...parts.map(({ from, to }) => to - from)) }
}

/** The arguments of `gather` and `scatter` behind the photos. */
const sizes = (photos: number, shape: Shape) => [
  ...[photos, shape.height, shape.width, shape.channels],
  ...[shape.kernel, shape.stride, shape.padding, shape.outHeight, shape.outWidth],
]

export const windows: Method = {
  name: 'windows',

  packedSize: (filter) => depthOf(filter) * wholePanels(filter.outChannels),
  forwardScratch: (shape) => [partsOf(shape).most * depthOf(shape)],
  backwardScratch(shape, { input }) {
    const { most } = partsOf(shape)
    const { outChannels } = shape
    const depth = depthOf(shape)
    const turned = input ? outChannels * wholePanels(depth) : 0
    return [most * depth, most * wholePanels(outChannels), turned, input ? windows.packedSize(shape) : 0]
  },

  pack(heap, filter) {
    const [kernel, , inputs, outputs] = filter.shape
    const depth = kernel * kernel * inputs
    const panels = heap.empty<tf.Rank.R1>([windows.packedSize(filterShape(filter.shape))])
    heap.kernels.pack(depth, outputs, heap.at(filter), outputs * FLOAT, heap.at(panels))
    return panels
  },

  forward(heap, x, { panels }, shape, finish) {
    const { count, height, width, channels, outChannels } = shape
    const y = heap.empty<tf.Rank.R4>([count, shape.outHeight, shape.outWidth, outChannels])
    const { parts, rows } = partsOf(shape)
    const depth = depthOf(shape)
    heap.borrow(windows.forwardScratch(shape), (laid) => {
      for (const { from, to } of parts) {
        heap.kernels.gather(
          heap.at(x) + from * height * width * channels * FLOAT,
          laid,
          ...sizes(to - from, shape),
        )
        const start = heap.at(y) + from * rows * outChannels * FLOAT
        const outRow = outChannels * FLOAT
        const count = (to - from) * rows
        heap.kernels.gemm(
          count,
          outChannels,
          depth,
          laid,
          depth * FLOAT,
          FLOAT,
          heap.at(panels),
          start,
          outRow,
          0,
        )
      }
    })
    if (finish) {
      const shortcut = finish.shortcut ? heap.at(finish.shortcut) : 0
      const size = [count * rows, outChannels]
      heap.kernels.finish(heap.at(y), ...size, heap.at(finish.bias), shortcut, Number(finish.relu))
    }
    return y
  },

  backward(heap, dy, shape, { x, filter }) {
    const { count, height, width, kernel, channels, outChannels } = shape
    const { parts, rows } = partsOf(shape)
    const depth = depthOf(shape)
    const dw = x && heap.empty<tf.Rank.R4>([kernel, kernel, channels, outChannels])
    const dx = filter && heap.empty<tf.Rank.R4>([count, height, width, channels])
    if (dx) heap.view(dx).fill(0)
    const lengths = windows.backwardScratch(shape, { filter: !!x, input: !!filter })
    heap.borrow(lengths, (laid, packed, turned, panels) => {
      const { gather, scatter, gemm, pack } = heap.kernels
      const [row, outRow] = [depth * FLOAT, outChannels * FLOAT]
      if (filter) turn(heap, heap.at(filter), panels, turned, shape)
      for (const { from, to } of parts) {
        const photos = to - from
        const start = from * height * width * channels * FLOAT
        const slope = heap.at(dy) + from * rows * outRow
        if (x && dw) {
          gather(heap.at(x) + start, laid, ...sizes(photos, shape))
          pack(photos * rows, outChannels, slope, outRow, packed)
          const adds = Number(from > 0)
          gemm(depth, outChannels, photos * rows, laid, FLOAT, row, packed, heap.at(dw), outRow, adds)
        }
        if (dx) {
          gemm(photos * rows, depth, outChannels, slope, outRow, FLOAT, turned, laid, row, 0)
          scatter(laid, heap.at(dx) + start, ...sizes(photos, shape))
        }
      }
    })
    return { dw, dx }
  },
}

/** Panels of the filter [windows' depth, out] with both swapped; `panels`: room for those of the filter as it is. */
function turn(heap: Heap, filter: number, panels: number, to: number, shape: Shape): void {
  const { pack, packTransposed, packColumns } = heap.kernels
  const depth = depthOf(shape)
  const { outChannels } = shape
  if (depth % PANEL === 0 && outChannels % PANEL === 0) {
    pack(depth, outChannels, filter, outChannels * FLOAT, panels)
    packTransposed(depth, outChannels, panels, to)
  } else packColumns(outChannels, depth, filter, to)
}
