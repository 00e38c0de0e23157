/**
 * The network as it classifies: each batch norm (eval mode) folded into the filter and bias of the convolution before
 * it, bias and ReLU fused into the convolution, nothing saved.
 */
import * as tf from '@tensorflow/tfjs-core'
import { BATCH_NORM_EPSILON, type ConvolutionSpec } from '../../model/index.ts'
import type { Layers, UnitOptions } from './network.ts'
import type { Parameters } from './parameters.ts'

export interface FoldedUnit {
  filter: tf.Tensor4D
  bias: tf.Tensor1D
}

/** Keeps folded filters until the stage's values change. */
export class FoldedLayers implements Layers<tf.Tensor4D> {
  readonly #parameters: Parameters
  readonly #units = new Map<string, FoldedUnit & { revision: number }>()

  constructor(parameters: Parameters) {
    this.#parameters = parameters
  }

  /** w' = w gamma / sqrt(var + eps), b' = beta - mean gamma / sqrt(var + eps). */
  folded({ name, batchNorm, stage }: ConvolutionSpec): FoldedUnit {
    const revision = this.#parameters.revision(stage)
    const held = this.#units.get(name)
    if (held?.revision === revision) return held
    release(held)
    const of = (entry: string) => this.#parameters.get<tf.Rank.R1>(`${batchNorm}.${entry}`)
    const [filter, bias] = tf.tidy(() => {
      const scale = tf.div(of('weight'), tf.sqrt(tf.add(of('running_var'), BATCH_NORM_EPSILON)))
      return [
        tf.mul<tf.Tensor4D>(this.#parameters.get(`${name}.weight`), scale),
        tf.sub<tf.Tensor1D>(of('bias'), tf.mul(of('running_mean'), scale)),
      ] as const satisfies tf.Tensor[]
    })
    const unit = { filter: tf.keep(filter), bias: tf.keep(bias), revision }
    this.#units.set(name, unit)
    return unit
  }

  unit(x: tf.Tensor4D, spec: ConvolutionSpec, { relu, shortcut }: UnitOptions<tf.Tensor4D>): tf.Tensor4D {
    const { filter, bias } = this.folded(spec)
    const y = tf.fused.conv2d({
      x,
      filter,
      strides: spec.stride,
      pad: spec.padding,
      bias,
      activation: relu && !shortcut ? 'relu' : 'linear',
    })
    if (!shortcut) return y
    return relu ? tf.relu(tf.add(y, shortcut)) : tf.add(y, shortcut)
  }

  maxPool(x: tf.Tensor4D): tf.Tensor4D {
    return tf.maxPool(x, 3, 2, 1)
  }

  averagePool(x: tf.Tensor4D): tf.Tensor4D {
    return tf.avgPool(x, [x.shape[1], x.shape[2]], 1, 0)
  }

  part(x: tf.Tensor4D, run: (x: tf.Tensor4D) => tf.Tensor4D): tf.Tensor4D {
    const y = tf.tidy(() => run(x))
    x.dispose()
    return y
  }

  /** Frees the filters of a convolution; the next use makes them anew. */
  release(name: string): void {
    release(this.#units.get(name))
    this.#units.delete(name)
  }

  dispose(): void {
    for (const name of [...this.#units.keys()]) this.release(name)
  }
}

function release(unit: FoldedUnit | undefined): void {
  unit?.filter.dispose()
  unit?.bias.dispose()
}
