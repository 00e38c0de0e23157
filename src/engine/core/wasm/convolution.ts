/**
 * A convolution and its two gradients on kernels of our own, by one of three methods; all of them end in matrix products.
 * NHWC; filters [kernel, kernel, in, out]; square kernels, one stride, one padding on all sides.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { type Method, PANEL, type PackedFilter, type Shape } from './convolution-method.ts'
import { pairs } from './convolution-pairs.ts'
import { windows } from './convolution-windows.ts'
import { winograd } from './convolution-winograd.ts'
import type { Heap } from './heap.ts'
import { smallWinograd } from './small-winograd.ts'

/** Whether pairs of pixels are fewer than Winograd's products: for the smallest outputs. */
const FEW_OUTPUTS = 4

export function methodFor(shape: Shape): Method {
  const { kernel, stride, padding, channels, outChannels, outHeight, outWidth } = shape
  const isEven = channels % PANEL === 0 && outChannels % PANEL === 0
  if (isEven && outHeight * outWidth <= FEW_OUTPUTS) return pairs
  if (isEven && kernel === 3 && stride === 1 && padding === 1) return winograd
  return windows
}

/** Free `panels` after use. */
export function packFilter(heap: Heap, filter: tf.Tensor4D, shape: Shape): PackedFilter {
  const method = methodFor(shape)
  return { method, filter, panels: method.pack(heap, filter) }
}

/** The convolution in training: rounded as little as a plain one, for what batch norm and ReLU make of it. */
export function forward(heap: Heap, x: tf.Tensor4D, filter: tf.Tensor4D, shape: Shape): tf.Tensor4D {
  const method = methodFor(shape)
  if (method === winograd) return smallWinograd(heap, x, filter, shape)
  const packed = packFilter(heap, filter, shape)
  try {
    return method.forward(heap, x, packed, shape)
  } finally {
    packed.panels.dispose()
  }
}

/** Gradients of the filter, where `x` is given, and of the input, where `filter` is. */
export function backward(
  heap: Heap,
  dy: tf.Tensor4D,
  shape: Shape,
  of: { x?: tf.Tensor4D; filter?: tf.Tensor4D },
): { dw?: tf.Tensor4D; dx?: tf.Tensor4D } {
  return methodFor(shape).backward(heap, dy, shape, of)
}
