/**
 * The wasm engine's two gradients as TF.js kernels, so that tfjs-core's own tests run on them. They know what ResNet-18
 * asks for (square filters, one stride, one padding); a filter of another form is laid into a square of zeros whose
 * window starts further up or left. Two different strides, and channels first, stay with stock.
 */
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { z } from 'zod'
import '../relaxed-simd.ts'
import { backward } from '../../src/engine/core/wasm/convolution.ts'
import type { Shape as Sizes } from '../../src/engine/core/wasm/convolution-method.ts'
import { Heap } from '../../src/engine/core/wasm/heap.ts'

type Call = Parameters<tf.KernelConfig['kernelFunc']>[0]
type Shape = [number, number, number, number]

const pair = z.tuple([z.int(), z.int()])
const shape = z.tuple([z.int(), z.int(), z.int(), z.int()])
const attributesSchema = z.object({
  strides: z.union([z.int(), pair]),
  pad: z.union([z.enum(['valid', 'same']), z.number(), z.tuple([pair, pair, pair, pair])]),
  dataFormat: z.enum(['NHWC', 'NCHW']),
  dimRoundingMode: z.enum(['floor', 'round', 'ceil']).nullish(),
  inputShape: shape.optional(),
  filterShape: shape.optional(),
})

/** A square filter that does what the given one does, and where in it the given one lies. */
interface Square {
  kernel: number
  stride: number
  padding: number
  top: number
  left: number
  /** Rows and columns of the convolution's output. */
  out: [number, number]
}

/** Replaces stock's input gradient and adds the filter gradient that stock lacks. Once a process. */
export function installGradients(): void {
  const stock = tf.getKernel(tf.Conv2DBackpropInput, 'wasm')
  tf.unregisterKernel(tf.Conv2DBackpropInput, 'wasm')
  tf.registerKernel({
    ...stock,
    kernelFunc(call) {
      const [dy, filter] = [input(call, 'dy'), input(call, 'filter')]
      const inputShape = shape.parse(call.attrs?.inputShape)
      const square = squareOf(inputShape, shape.parse(filter.shape), call.attrs)
      if (!square) return stock.kernelFunc(call)
      return onTensors(call, [dy, filter], (slope, weights) => {
        const sizes = sizesOf(square, inputShape, weights.shape[3])
        return given(backward(new Heap(), used(slope, square), sizes, { filter: laidIn(weights, square) }).dx)
      })
    },
  })
  tf.registerKernel({
    kernelName: tf.Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc(call) {
      const [x, dy] = [input(call, 'x'), input(call, 'dy')]
      const filterShape = shape.parse(call.attrs?.filterShape)
      const square = squareOf(shape.parse(x.shape), filterShape, call.attrs)
      if (!square) throw new Error('Conv2DBackpropFilter: two different strides, or channels first')
      return onTensors(call, [x, dy], (activation, slope) => {
        const sizes = sizesOf(square, activation.shape, slope.shape[3])
        const whole = given(backward(new Heap(), used(slope, square), sizes, { x: activation }).dw)
        return tf.slice4d(whole, [square.top, square.left, 0, 0], filterShape)
      })
    },
  })
}

/** @returns null where the strides differ or the channels come first. */
function squareOf(inputShape: Shape, filterShape: Shape, attributes: unknown): Square | null {
  const { strides, pad, dataFormat, dimRoundingMode } = attributesSchema.parse(attributes)
  if (dataFormat === 'NCHW') return null
  const info = tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode ?? undefined,
  )
  if (info.strideHeight !== info.strideWidth) return null
  const padding = Math.max(info.padInfo.top, info.padInfo.left)
  const top = padding - info.padInfo.top
  const left = padding - info.padInfo.left
  const kernel = Math.max(info.filterHeight + top, info.filterWidth + left)
  return { kernel, stride: info.strideHeight, padding, top, left, out: [info.outHeight, info.outWidth] }
}

function sizesOf(square: Square, [count, height, width, channels]: Shape, outChannels: number): Sizes {
  const { kernel, stride, padding, out } = square
  const [outHeight, outWidth] = out
  return { kernel, stride, padding, count, height, width, channels, outHeight, outWidth, outChannels }
}

/** @throws where a gradient that was asked for is not there. */
function given(gradient: tf.Tensor4D | undefined): tf.Tensor4D {
  if (!gradient) throw new Error('no gradient')
  return gradient
}

/** The filter [h, w, in, out] in its square, zeros around it. */
function laidIn(filter: tf.Tensor4D, { kernel, top, left }: Square): tf.Tensor4D {
  const [height, width] = filter.shape
  return tf.pad4d(filter, [
    [top, kernel - top - height],
    [left, kernel - left - width],
    [0, 0],
    [0, 0],
  ])
}

/** `conv2dTranspose` may be given more than the convolution gives back: what is outside is not read. */
function used(dy: tf.Tensor4D, { out: [rows, columns] }: Square): tf.Tensor4D {
  const [count, , , channels] = dy.shape
  return tf.slice4d(dy, [0, 0, 0, 0], [count, rows, columns, channels])
}

/** The kernel's input of this name. */
function input({ inputs }: Call, name: string): tf.TensorInfo {
  const info = inputs[name]
  if (!info) throw new Error(`the kernel's input ${name} is missing`)
  return info
}

/**
 * Runs `work` on tensors of the same data as the two infos. What the engine counts as theirs is given back, not freed.
 * @throws where the backend is not wasm.
 */
function onTensors(
  { backend }: Call,
  infos: readonly [tf.TensorInfo, tf.TensorInfo],
  work: (first: tf.Tensor4D, second: tf.Tensor4D) => tf.Tensor4D,
): tf.TensorInfo {
  if (!(backend instanceof BackendWasm)) throw new Error('the kernel runs on the wasm backend')
  return tf.tidy(() => {
    const [first, second] = infos.map((info) => {
      backend.incRef(info.dataId)
      return tf.engine().makeTensorFromTensorInfo(info)
    })
    return work(tf.reshape(first, shape.parse(first.shape)), tf.reshape(second, shape.parse(second.shape)))
  })
}
