/** The network as it classifies, on kernels of our own: folded filters stay packed until their values change. */
import * as tf from '@tensorflow/tfjs-core'
import type { ConvolutionSpec } from '../../../model/index.ts'
import { FoldedLayers, type FoldedUnit } from '../folded-layers.ts'
import type { UnitOptions } from '../network.ts'
import type { Parameters } from '../parameters.ts'
import { methodFor, packFilter } from './convolution.ts'
import { type PackedFilter, type Shape, shapeOf } from './convolution-method.ts'
import type { Heap } from './heap.ts'

export class HeapFoldedLayers extends FoldedLayers {
  readonly #heap: Heap
  readonly #packed = new Map<string, PackedFilter & { of: FoldedUnit }>()

  constructor(parameters: Parameters, heap: Heap) {
    super(parameters)
    this.#heap = heap
  }

  override unit(
    x: tf.Tensor4D,
    spec: ConvolutionSpec,
    { relu, shortcut }: UnitOptions<tf.Tensor4D>,
  ): tf.Tensor4D {
    const { bias } = this.folded(spec)
    const shape = shapeOf(spec, x.shape, spec.outChannels)
    const filter = this.#packedFilter(spec, shape)
    return filter.method.forward(this.#heap, x, filter, shape, { bias, shortcut, relu })
  }

  /** A layer's folded filter as the method for this shape reads it. */
  #packedFilter(spec: ConvolutionSpec, shape: Shape): PackedFilter {
    const of = this.folded(spec)
    const held = this.#packed.get(spec.name)
    if (held?.of === of && held.method === methodFor(shape)) return held
    held?.panels.dispose()
    const packed = packFilter(this.#heap, of.filter, shape)
    tf.keep(packed.panels)
    this.#packed.set(spec.name, { ...packed, of })
    return packed
  }

  override release(name: string): void {
    this.#packed.get(name)?.panels.dispose()
    this.#packed.delete(name)
    super.release(name)
  }
}
