/** What a method of convolution takes and gives: see convolution.ts. */
import type * as tf from '@tensorflow/tfjs-core'
import type { ConvolutionSpec } from '../../../model/index.ts'
import type { Heap } from './heap.ts'

/** Columns of a panel, as `gemm` reads its second factor. */
export const PANEL = 8
export const wholePanels = (columns: number): number => PANEL * Math.ceil(columns / PANEL)

export type Geometry = Pick<ConvolutionSpec, 'kernel' | 'stride' | 'padding'>

export type FilterShape = Pick<Shape, 'kernel' | 'channels' | 'outChannels'>

/** Sizes of one call. */
export interface Shape extends Geometry {
  count: number
  height: number
  width: number
  channels: number
  outHeight: number
  outWidth: number
  outChannels: number
}

/** A filter as one of the methods reads it. */
export interface PackedFilter {
  method: Method
  filter: tf.Tensor4D
  panels: tf.Tensor
}

/** What is done with each output before it is written: bias [out channels], a shortcut of the output's shape, ReLU. */
export interface Finish {
  bias: tf.Tensor1D
  shortcut?: tf.Tensor4D
  relu: boolean
}

export interface Method {
  name: string
  /** Floats of a packed filter; none where it is read as it is. */
  packedSize(filter: FilterShape): number
  /** Floats of each buffer that `forward` borrows. */
  forwardScratch(shape: Shape): number[]
  /** Floats of each buffer that `backward` borrows for the gradients that are asked for. */
  backwardScratch(shape: Shape, asked: { filter: boolean; input: boolean }): number[]
  pack(heap: Heap, filter: tf.Tensor4D): tf.Tensor
  forward(heap: Heap, x: tf.Tensor4D, filter: PackedFilter, shape: Shape, finish?: Finish): tf.Tensor4D
  /** Gradients of the filter, where `x` is given, and of the input, where `filter` is. */
  backward(
    heap: Heap,
    dy: tf.Tensor4D,
    shape: Shape,
    of: { x?: tf.Tensor4D; filter?: tf.Tensor4D },
  ): { dw?: tf.Tensor4D; dx?: tf.Tensor4D }
}

export const filterShape = ([kernel, , channels, outChannels]: tf.Tensor4D['shape']): FilterShape => ({
  kernel,
  channels,
  outChannels,
})

export function shapeOf(
  { kernel, stride, padding }: Geometry,
  [count, height, width, channels]: tf.Tensor4D['shape'],
  outChannels: number,
): Shape {
  const out = (side: number) => Math.floor((side + 2 * padding - kernel) / stride) + 1
  return {
    ...{ kernel, stride, padding, count, height, width, channels, outChannels },
    outHeight: out(height),
    outWidth: out(width),
  }
}
