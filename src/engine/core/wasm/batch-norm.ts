/**
 * Batch norm in train mode, with the addition and the ReLU after it, in as few passes as it takes: loops over
 * [rows, channels] with sums in double precision, four channels at a time over a tile of rows that stays in the cache. Source: Ioffe and Szegedy 2015; torch.nn.BatchNorm2d.
 */
import { BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM } from '../../../model/index.ts'

export interface Statistics {
  mean: Float64Array
  /** 1 / sqrt(biased variance + eps). */
  inverse: Float64Array
  /** Biased: what normalizes. */
  variance: Float64Array
}

/** Rows in a tile. */
const TILE = 64

/**
 * Visits [rows, channels] in tiles: `visit(c, start, end)` is for channels c to c + 3 at start, start + channels, ...
 * below end. ResNet-18's channels are multiples of four.
 */
function eachTile(
  length: number,
  channels: number,
  visit: (c: number, start: number, end: number) => void,
): void {
  for (let tile = 0; tile < length; tile += TILE * channels) {
    const end = Math.min(length, tile + TILE * channels)
    for (let c = 0; c < channels; c += 4) visit(c, tile + c, end)
  }
}

/** Mean and variance of each channel of z [rows, channels]; two passes. */
export function statistics(z: Float32Array, channels: number): Statistics {
  const rows = z.length / channels
  const mean = new Float64Array(channels)
  eachTile(z.length, channels, (c, start, end) => {
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let i = start; i < end; i += channels) {
      s0 += z[i]
      s1 += z[i + 1]
      s2 += z[i + 2]
      s3 += z[i + 3]
    }
    addFour(mean, c, s0, s1, s2, s3)
  })
  for (let c = 0; c < channels; c++) mean[c] /= rows
  const variance = new Float64Array(channels)
  eachTile(z.length, channels, (c, start, end) => {
    const [m0, m1, m2, m3] = mean.subarray(c, c + 4)
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let i = start; i < end; i += channels) {
      s0 += (z[i] - m0) * (z[i] - m0)
      s1 += (z[i + 1] - m1) * (z[i + 1] - m1)
      s2 += (z[i + 2] - m2) * (z[i + 2] - m2)
      s3 += (z[i + 3] - m3) * (z[i + 3] - m3)
    }
    addFour(variance, c, s0, s1, s2, s3)
  })
  for (let c = 0; c < channels; c++) variance[c] /= rows
  return { mean, variance, inverse: variance.map((v) => 1 / Math.sqrt(v + BATCH_NORM_EPSILON)) }
}

function addFour(sums: Float64Array, c: number, s0: number, s1: number, s2: number, s3: number): void {
  sums[c] += s0
  sums[c + 1] += s1
  sums[c + 2] += s2
  sums[c + 3] += s3
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

/**
 * y = gamma (z - mean) / sqrt(variance + eps) + beta [+ shortcut] [ReLU]. `y` may be `z`.
 * ReLU(v) is v / 2 + |v / 2|: no branch to mispredict, and NaN stays NaN.
 */
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
  const half = relu ? 0.5 : 1
  const scale = new Float64Array(channels)
  const shift = new Float64Array(channels)
  for (let c = 0; c < channels; c++) {
    scale[c] = half * gamma[c] * inverse[c]
    shift[c] = half * beta[c] - mean[c] * scale[c]
  }
  eachTile(z.length, channels, (c, start, end) => {
    const [a0, a1, a2, a3] = scale.subarray(c, c + 4)
    const [b0, b1, b2, b3] = shift.subarray(c, c + 4)
    for (let i = start; i < end; i += channels) {
      let v0 = a0 * z[i] + b0
      let v1 = a1 * z[i + 1] + b1
      let v2 = a2 * z[i + 2] + b2
      let v3 = a3 * z[i + 3] + b3
      if (shortcut) {
        v0 += half * shortcut[i]
        v1 += half * shortcut[i + 1]
        v2 += half * shortcut[i + 2]
        v3 += half * shortcut[i + 3]
      }
      y[i] = relu ? v0 + Math.abs(v0) : v0
      y[i + 1] = relu ? v1 + Math.abs(v1) : v1
      y[i + 2] = relu ? v2 + Math.abs(v2) : v2
      y[i + 3] = relu ? v3 + Math.abs(v3) : v3
    }
  })
}

/**
 * Sets dy to 0 where the ReLU's output y (never negative) is 0. On bits and without a branch: a positive float is a
 * positive integer, whose negation has the sign bit that, shifted through, keeps all of dy's bits.
 */
export function maskRelu(dy: Float32Array, y: Float32Array): void {
  const gradient = new Int32Array(dy.buffer, dy.byteOffset, dy.length)
  const output = new Int32Array(y.buffer, y.byteOffset, y.length)
  for (let i = 0; i < gradient.length; i++) gradient[i] &= -output[i] >> 31
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
  eachTile(z.length, channels, (c, start, end) => {
    const [m0, m1, m2, m3] = mean.subarray(c, c + 4)
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    let p0 = 0
    let p1 = 0
    let p2 = 0
    let p3 = 0
    for (let i = start; i < end; i += channels) {
      const d0 = dy[i]
      const d1 = dy[i + 1]
      const d2 = dy[i + 2]
      const d3 = dy[i + 3]
      s0 += d0
      s1 += d1
      s2 += d2
      s3 += d3
      p0 += d0 * (z[i] - m0)
      p1 += d1 * (z[i + 1] - m1)
      p2 += d2 * (z[i + 2] - m2)
      p3 += d3 * (z[i + 3] - m3)
    }
    addFour(sum, c, s0, s1, s2, s3)
    addFour(product, c, p0, p1, p2, p3)
  })
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
  eachTile(z.length, channels, (c, start, end) => {
    const [a0, a1, a2, a3] = a.subarray(c, c + 4)
    const [b0, b1, b2, b3] = b.subarray(c, c + 4)
    const [d0, d1, d2, d3] = d.subarray(c, c + 4)
    for (let i = start; i < end; i += channels) {
      z[i] = a0 * dy[i] + b0 * z[i] + d0
      z[i + 1] = a1 * dy[i + 1] + b1 * z[i + 1] + d1
      z[i + 2] = a2 * dy[i + 2] + b2 * z[i + 2] + d2
      z[i + 3] = a3 * dy[i + 3] + b3 * z[i + 3] + d3
    }
  })
  return { gamma: product, beta: sum }
}
