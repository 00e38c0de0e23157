/**
 * Tensors of TF.js's wasm backend as typed arrays on its heap. Plain loops over them replace TF.js operations that
 * would take many passes (batch norm, pooling gradients, optimizers).
 */

import { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'

export class Heap {
  readonly #backend: BackendWasm

  constructor() {
    const backend = tf.backend()
    if (!(backend instanceof BackendWasm))
      throw new Error(`the active backend is ${tf.getBackend()}, not wasm`)
    this.#backend = backend
  }

  /** A float32 tensor's own memory. The next allocation may move the heap: ask again after it. */
  view(tensor: tf.TensorInfo): Float32Array {
    const array = this.#backend.typedArrayFromHeap(tensor)
    if (!(array instanceof Float32Array)) throw new Error(`expected float32, found ${tensor.dtype}`)
    return array
  }

  /** A tensor whose values are whatever the memory held. */
  empty<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R> {
    const info = this.#backend.makeOutput(shape, 'float32')
    return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor<R>
  }
}
