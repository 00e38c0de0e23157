/**
 * Batch norm in train mode, with the addition and the ReLU after it, in as few passes as it takes: loops over
 * [rows, channels] with sums in double precision. Source: Ioffe and Szegedy 2015; torch.nn.BatchNorm2d.
 */
import { BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM } from '../../../model/index.ts'

export interface Statistics {
  mean: Float64Array
  /** 1 / sqrt(biased variance + eps). */
  inverse: Float64Array
  /** Biased: what normalizes. */
  variance: Float64Array
}

/** Mean and variance of each channel of z [rows, channels]; two passes. */
export function statistics(z: Float32Array, channels: number): Statistics {
  const rows = z.length / channels
  const mean = new Float64Array(channels)
  for (let i = 0; i < z.length; i += channels) for (let c = 0; c < channels; c++) mean[c] += z[i + c]
  for (let c = 0; c < channels; c++) mean[c] /= rows
  const variance = new Float64Array(channels)
  for (let i = 0; i < z.length; i += channels)
    for (let c = 0; c < channels; c++) {
      const difference = z[i + c] - mean[c]
      variance[c] += difference * difference
    }
  for (let c = 0; c < channels; c++) variance[c] /= rows
  return { mean, variance, inverse: variance.map((v) => 1 / Math.sqrt(v + BATCH_NORM_EPSILON)) }
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
  z: Float32Array,
  y: Float32Array,
  { mean, inverse }: Statistics,
  gamma: Float32Array,
  beta: Float32Array,
  relu: boolean,
  shortcut: Float32Array | null,
): void {
  const channels = gamma.length
  const scale = new Float32Array(channels)
  const shift = new Float32Array(channels)
  for (let c = 0; c < channels; c++) {
    const factor = gamma[c] * inverse[c]
    scale[c] = factor
    shift[c] = beta[c] - mean[c] * factor
  }
  for (let i = 0; i < z.length; i += channels)
    for (let c = 0; c < channels; c++) {
      let value = z[i + c] * scale[c] + shift[c]
      if (shortcut) value += shortcut[i + c]
      y[i + c] = relu && value < 0 ? 0 : value
    }
}

/** Sets dy to 0 where the ReLU's output y is 0. */
export function maskRelu(dy: Float32Array, y: Float32Array): void {
  for (let i = 0; i < dy.length; i++) if (!(y[i] > 0)) dy[i] = 0
}

/**
 * Overwrites z by the gradient of the loss with respect to z, given that with respect to y (after the ReLU's mask):
 * dz = gamma / sqrt(var + eps) (dy - mean(dy) - xhat mean(dy xhat)), xhat = (z - mean) / sqrt(var + eps).
 * @returns the gradients of gamma (sum of dy xhat) and beta (sum of dy).
 */
export function batchNormGradient(
  z: Float32Array,
  dy: Float32Array,
  { mean, inverse }: Statistics,
  gamma: Float32Array,
): { gamma: Float64Array; beta: Float64Array } {
  const channels = gamma.length
  const rows = z.length / channels
  const sum = new Float64Array(channels)
  const product = new Float64Array(channels)
  for (let i = 0; i < z.length; i += channels)
    for (let c = 0; c < channels; c++) {
      const d = dy[i + c]
      sum[c] += d
      product[c] += d * (z[i + c] - mean[c])
    }
  for (let c = 0; c < channels; c++) product[c] *= inverse[c]
  // dz = a dy + b z + d, with the channel's constants multiplied out.
  const a = new Float64Array(channels)
  const b = new Float64Array(channels)
  const d = new Float64Array(channels)
  for (let c = 0; c < channels; c++) {
    a[c] = gamma[c] * inverse[c]
    b[c] = (-a[c] * inverse[c] * product[c]) / rows
    d[c] = (-a[c] * sum[c]) / rows - b[c] * mean[c]
  }
  for (let i = 0; i < z.length; i += channels)
    for (let c = 0; c < channels; c++) z[i + c] = a[c] * dy[i + c] + b[c] * z[i + c] + d[c]
  return { gamma: product, beta: sum }
}
