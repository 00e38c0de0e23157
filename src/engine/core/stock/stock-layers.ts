/**
 * The network as a TF.js user would write it, in train mode and under TF.js's own tape: the reference that the other
 * implementations are tested against, and the stock that the bench compares with.
 */
import * as tf from '@tensorflow/tfjs-core'
import { BATCH_NORM_EPSILON, type ConvolutionSpec } from '../../../model/index.ts'
import type { Layers, UnitOptions } from '../network.ts'

export interface StockPlan {
  usesBatchStatistics(spec: ConvolutionSpec): boolean
  parameter<R extends tf.Rank>(name: string): tf.Tensor<R>
  /** Told of each batch's mean and biased variance [channels]. */
  onStatistics(spec: ConvolutionSpec, mean: tf.Tensor1D, variance: tf.Tensor1D, rows: number): void
}

export class StockLayers implements Layers<tf.Tensor4D> {
  readonly #plan: StockPlan

  constructor(plan: StockPlan) {
    this.#plan = plan
  }

  unit(x: tf.Tensor4D, spec: ConvolutionSpec, { relu, shortcut }: UnitOptions<tf.Tensor4D>): tf.Tensor4D {
    const filter = this.#plan.parameter<tf.Rank.R4>(`${spec.name}.weight`)
    const normalized = this.#batchNorm(tf.conv2d(x, filter, spec.stride, spec.padding), spec)
    const sum = shortcut ? tf.add<tf.Tensor4D>(normalized, shortcut) : normalized
    return relu ? tf.relu(sum) : sum
  }

  maxPool(x: tf.Tensor4D): tf.Tensor4D {
    return tf.maxPool(x, 3, 2, 1)
  }

  averagePool(x: tf.Tensor4D): tf.Tensor4D {
    return tf.mean(x, [1, 2], true)
  }

  part(x: tf.Tensor4D, run: (x: tf.Tensor4D) => tf.Tensor4D): tf.Tensor4D {
    return run(x)
  }

  #batchNorm(z: tf.Tensor4D, spec: ConvolutionSpec): tf.Tensor4D {
    const of = (entry: string) => this.#plan.parameter<tf.Rank.R1>(`${spec.batchNorm}.${entry}`)
    if (!this.#plan.usesBatchStatistics(spec))
      return tf.batchNorm(
        z,
        of('running_mean'),
        of('running_var'),
        of('bias'),
        of('weight'),
        BATCH_NORM_EPSILON,
      )
    const channels = z.shape[3]
    const rows = z.size / channels
    if (rows < 2)
      throw new Error(`${spec.name}: batch norm in train mode needs more than one value a channel, found one`)
    const moments = tf.moments(z, [0, 1, 2])
    const mean = tf.reshape<tf.Rank.R1>(moments.mean, [channels])
    const variance = tf.reshape<tf.Rank.R1>(moments.variance, [channels])
    this.#plan.onStatistics(spec, mean, variance, rows)
    return tf.batchNorm(z, mean, variance, of('bias'), of('weight'), BATCH_NORM_EPSILON)
  }
}
