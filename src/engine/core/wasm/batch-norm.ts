/**
 * Batch norm in train mode, with the addition and the ReLU after it: assembly/batch-norm.ts goes over the values, here are
 * the channels' numbers, in double precision. Source: Ioffe and Szegedy 2015; torch.nn.BatchNorm2d.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM } from '../../../model/index.ts'
import type { Heap } from './heap.ts'

export interface Statistics {
  mean: Float64Array
  /** 1 / sqrt(biased variance + eps). */
  inverse: Float64Array
  /** Biased: what normalizes. */
  variance: Float64Array
}

/** Floats in the place of a double. */
const DOUBLE = 2

/** Mean and variance of each channel of z [..., channels]; two passes. */
export function statistics(heap: Heap, z: tf.Tensor4D): Statistics {
  const channels = z.shape[3]
  const rows = z.size / channels
  return heap.borrow([DOUBLE * channels, channels], (sums, middle) => {
    heap.doubles(sums, channels).fill(0)
    heap.kernels.channelSums(heap.at(z), rows, channels, sums)
    const mean = heap.doubles(sums, channels).map((sum) => sum / rows)
    heap.floats(middle, channels).set(mean)
    heap.doubles(sums, channels).fill(0)
    heap.kernels.channelSquares(heap.at(z), rows, channels, middle, sums)
    const variance = heap.doubles(sums, channels).map((sum) => sum / rows)
    return { mean, variance, inverse: variance.map((v) => 1 / Math.sqrt(v + BATCH_NORM_EPSILON)) }
  })
}

/** Moves running statistics by PyTorch's momentum, with the unbiased variance. */
export function updateRunning(
  mean: Float32Array,
  variance: Float32Array,
  batch: Statistics,
  rows: number,
): void {
  const unbiased = rows / (rows - 1)
  for (let c = 0; c < mean.length; c++) {
    mean[c] += BATCH_NORM_MOMENTUM * (batch.mean[c] - mean[c])
    variance[c] += BATCH_NORM_MOMENTUM * (batch.variance[c] * unbiased - variance[c])
  }
}

/** y = gamma (z - mean) / sqrt(variance + eps) + beta [+ shortcut] [ReLU]. `y` may be `z`. */
export function normalize(
  heap: Heap,
  z: tf.Tensor4D,
  y: tf.Tensor4D,
  { mean, inverse }: Statistics,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  relu: boolean,
  shortcut: tf.Tensor4D | undefined,
): void {
  const channels = gamma.size
  heap.borrow([channels, channels], (middle, scale) => {
    heap.floats(middle, channels).set(mean)
    const factors = heap.view(gamma)
    heap.floats(scale, channels).set(inverse.map((value, c) => value * factors[c]))
    const added = shortcut ? heap.at(shortcut) : 0
    const rows = z.size / channels
    const numbers = [middle, scale, heap.at(beta), added, Number(relu)]
    heap.kernels.normalize(heap.at(z), heap.at(y), rows, channels, ...numbers)
  })
}

/**
 * Overwrites z by the gradient of the loss with respect to z, given that with respect to y (after the ReLU's mask):
 * dz = gamma / sqrt(var + eps) (dy - mean(dy) - xhat mean(dy xhat)), xhat = (z - mean) / sqrt(var + eps).
 * @returns the gradients of gamma (sum of dy xhat) and beta (sum of dy).
 */
export function batchNormGradient(
  heap: Heap,
  z: tf.Tensor4D,
  dy: tf.Tensor4D,
  { mean, inverse }: Statistics,
  gamma: tf.Tensor,
): { gamma: Float64Array; beta: Float64Array } {
  const channels = gamma.size
  const rows = z.size / channels
  const lengths = [DOUBLE * channels, DOUBLE * channels, channels, channels, channels, channels]
  return heap.borrow(lengths, (sums, products, middle, a, b, d) => {
    heap.floats(middle, channels).set(mean)
    heap.doubles(sums, channels).fill(0)
    heap.doubles(products, channels).fill(0)
    heap.kernels.gradientSums(heap.at(z), heap.at(dy), rows, channels, middle, sums, products)
    const beta = heap.doubles(sums, channels).slice()
    const slopes = heap.doubles(products, channels).map((product, c) => product * inverse[c])
    const factors = heap.view(gamma)
    const scale = inverse.map((value, c) => value * factors[c])
    // dz = a dy + b (z - mean) + d
    heap.floats(a, channels).set(scale)
    heap.floats(b, channels).set(scale.map((value, c) => (-value * inverse[c] * slopes[c]) / rows))
    heap.floats(d, channels).set(scale.map((value, c) => (-value * beta[c]) / rows))
    heap.kernels.gradient(heap.at(z), heap.at(dy), rows, channels, middle, a, b, d)
    return { gamma: slopes, beta }
  })
}
