/**
 * The wasm backend's tensors as arrays on its heap, for the kernels of our own that work on the same memory.
 */

import { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { type KernelId, type Kernels, kernelsHere, kernelsOn } from './kernels.ts'

export class Heap {
  readonly kernels: Kernels
  readonly #backend: BackendWasm
  readonly #memory: WebAssembly.Memory

  /** @throws EngineUnavailable where WebAssembly has no SIMD */
  constructor(id: KernelId = kernelsHere()) {
    const backend = tf.backend()
    if (!(backend instanceof BackendWasm))
      throw new Error(`the active backend is ${tf.getBackend()}, not wasm`)
    this.#backend = backend
    this.#memory = memoryOf(backend)
    this.kernels = kernelsOn(this.#memory, id)
  }

  /** A float32 tensor's own memory. The next allocation may move the heap: ask again after it. */
  view(tensor: tf.TensorInfo): Float32Array {
    const array = this.#backend.typedArrayFromHeap(tensor)
    if (!(array instanceof Float32Array)) throw new Error(`expected float32, found ${tensor.dtype}`)
    return array
  }

  /** Where a tensor lies, in bytes. It stays there. */
  at(tensor: tf.TensorInfo): number {
    return this.#backend.getMemoryOffset(tensor.dataId)
  }

  /** The floats at an address; as `view`, until the heap moves. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length)
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length)
  }

  /** A tensor whose values are whatever the memory held. */
  empty<R extends tf.Rank>(shape: tf.ShapeMap[R]): tf.Tensor<R> {
    const info = this.#backend.makeOutput(shape, 'float32')
    return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor<R>
  }

  /** `work` with the addresses of buffers of so many floats, which are freed after it. */
  borrow<T>(lengths: readonly number[], work: (...addresses: number[]) => T): T {
    const buffers = lengths.map((length) => this.empty<tf.Rank.R1>([length]))
    try {
      return work(...buffers.map((buffer) => this.at(buffer)))
    } finally {
      for (const buffer of buffers) buffer.dispose()
    }
  }
}

/** TF.js does not say where its memory is; its module does, where it has one thread (see `openWasm`). */
function memoryOf({ wasm }: BackendWasm): WebAssembly.Memory {
  const exported: unknown = Reflect.get(wasm, 'asm')
  const memory: unknown = typeof exported === 'object' && exported ? Reflect.get(exported, 'memory') : null
  if (!(memory instanceof WebAssembly.Memory)) throw new Error("TF.js's wasm backend shows no memory")
  return memory
}
