/**
 * Batch norm over the rows (pixels of all photos) of [rows, channels], four channels a lane.
 *
 * Train mode, forward: each chunk of rows gives its mean and sum of squared deviations (Welford), the chunks are
 * merged in order (Chan, Golub, LeVeque 1979), and one pass applies them with the residual sum and ReLU.
 * Backward, with dz the gradient after the ReLU's mask and xhat the normalized input:
 *
 *     dbeta = sum dz,  dgamma = sum dz * xhat,  dx = gamma / std * (dz - dbeta / rows - xhat * dgamma / rows)
 *
 * Eval mode is folded into the convolution before it (`foldKernel`); its backward only scales.
 */
import { BATCH_NORM_EPSILON } from '../../../model/index.ts'
import { defineKernel, type Kernel, kernelVariant } from './kernel.ts'

const EPSILON = `${BATCH_NORM_EPSILON}`
/** Chunks of rows for one channel quad that one lane of a merge takes at a time. */
const MERGE_QUADS = 4
const MERGE_SLICES = 16

/** Rows are cut into at most 256 chunks of at least 32 rows. */
export function rowChunks(rows: number): { chunks: number; rowsPerChunk: number } {
  const rowsPerChunk = Math.max(32, Math.ceil(rows / 256))
  return { chunks: Math.ceil(rows / rowsPerChunk), rowsPerChunk }
}

/** Workgroups of a merge over `channels`. */
export const mergeGroups = (channels: number): [number, number, number] => [channels / 4 / MERGE_QUADS, 1, 1]

/** x [rows, c] -> partial [chunks, 2, c]: each chunk's mean and sum of squared deviations. One invocation a chunk and quad. */
export const statisticsKernel: Kernel = defineKernel({
  id: 'batch-norm-statistics',
  bindings: { x: 'read vec4<f32>', partial: 'read_write vec4<f32>' },
  constants: ['rows', 'c4', 'rows_per_chunk', 'chunks'],
  workgroup: 32,
  body: `
  let c = id % u.c4;
  let chunk = id / u.c4;
  if (chunk >= u.chunks) { return; }
  let first = chunk * u.rows_per_chunk;
  let stop = min(first + u.rows_per_chunk, u.rows);
  var mean = vec4<f32>();
  var squares = vec4<f32>();
  for (var row = first; row < stop; row++) {
    let value = x[row * u.c4 + c];
    let delta = value - mean;
    mean += delta * (1.0 / f32(row - first + 1u));
    squares += delta * (value - mean);
  }
  partial[chunk * 2u * u.c4 + c] = mean;
  partial[(chunk * 2u + 1u) * u.c4 + c] = squares;`,
})

/**
 * partial -> batch [2, c]: mean and 1 / sqrt(variance + epsilon); running mean and (unbiased) variance move by
 * `step.momentum`. running_mean and running_var are [c].
 */
export const mergeStatisticsKernel: Kernel = defineKernel({
  id: 'batch-norm-merge',
  bindings: {
    partial: 'read vec4<f32>',
    batch_mean: 'read_write vec4<f32>',
    batch_scale: 'read_write vec4<f32>',
    running_mean: 'read_write vec4<f32>',
    running_var: 'read_write vec4<f32>',
  },
  constants: ['rows', 'c4', 'rows_per_chunk', 'chunks'],
  usesStep: true,
  workgroup: [MERGE_QUADS, MERGE_SLICES],
  head: `
struct Moments { count: f32, mean: vec4<f32>, squares: vec4<f32> }
var<workgroup> slices: array<Moments, ${MERGE_QUADS * MERGE_SLICES}>;
fn merge(a: Moments, b: Moments) -> Moments {
  if (b.count == 0.0) { return a; }
  let count = a.count + b.count;
  let delta = b.mean - a.mean;
  return Moments(count, a.mean + delta * (b.count / count),
    a.squares + b.squares + delta * delta * (a.count * b.count / count));
}`,
  body: `
  let c = group.x * ${MERGE_QUADS}u + local.x;
  let per_slice = (u.chunks + ${MERGE_SLICES - 1}u) / ${MERGE_SLICES}u;
  let stop = min((local.y + 1u) * per_slice, u.chunks);
  var moments = Moments(0.0, vec4<f32>(), vec4<f32>());
  for (var chunk = local.y * per_slice; chunk < stop; chunk++) {
    let count = f32(min(u.rows_per_chunk, u.rows - chunk * u.rows_per_chunk));
    moments = merge(moments, Moments(count, partial[chunk * 2u * u.c4 + c], partial[(chunk * 2u + 1u) * u.c4 + c]));
  }
  slices[local.y * ${MERGE_QUADS}u + local.x] = moments;
  workgroupBarrier();
  if (local.y != 0u) { return; }
  for (var slice = 1u; slice < ${MERGE_SLICES}u; slice++) {
    moments = merge(moments, slices[slice * ${MERGE_QUADS}u + local.x]);
  }
  let rows = f32(u.rows);
  batch_mean[c] = moments.mean;
  batch_scale[c] = 1.0 / sqrt(moments.squares / rows + ${EPSILON});
  running_mean[c] += (moments.mean - running_mean[c]) * step.momentum;
  running_var[c] += (moments.squares / max(rows - 1.0, 1.0) - running_var[c]) * step.momentum;`,
})

/** y = (x - mean) * gamma / std + beta [+ added] [then ReLU]. One invocation a quad. */
export const applyKernel = (add: boolean, relu: boolean): Kernel =>
  kernelVariant(`batch-norm-apply${add ? '+add' : ''}${relu ? '+relu' : ''}`, () => ({
    bindings: {
      x: 'read vec4<f32>',
      mean: 'read vec4<f32>',
      scale: 'read vec4<f32>',
      gamma: 'read vec4<f32>',
      beta: 'read vec4<f32>',
      ...(add && { added: 'read vec4<f32>' as const }),
      y: 'read_write vec4<f32>',
    },
    constants: ['quads', 'c4'],
    workgroup: 64,
    body: `
  if (id >= u.quads) { return; }
  let c = id % u.c4;
  let value = (x[id] - mean[c]) * (scale[c] * gamma[c]) + beta[c]${add ? ' + added[id]' : ''};
  y[id] = ${relu ? 'max(value, vec4<f32>())' : 'value'};`,
  }))

/**
 * Sums of dz and dz * xhat for each chunk -> partial [chunks, 2, c]. `mask` first replaces dy by dz where it stands
 * (the gradient where the layer's output y is positive), so that a shortcut can use it.
 */
export const gradientSumsKernel = (mask: boolean): Kernel =>
  kernelVariant(`batch-norm-gradient-sums${mask ? '+mask' : ''}`, () => ({
    bindings: {
      dy: `${mask ? 'read_write' : 'read'} vec4<f32>`,
      ...(mask && { y: 'read vec4<f32>' as const }),
      x: 'read vec4<f32>',
      mean: 'read vec4<f32>',
      scale: 'read vec4<f32>',
      partial: 'read_write vec4<f32>',
    },
    constants: ['rows', 'c4', 'rows_per_chunk', 'chunks'],
    workgroup: 32,
    body: `
  let c = id % u.c4;
  let chunk = id / u.c4;
  if (chunk >= u.chunks) { return; }
  let stop = min((chunk + 1u) * u.rows_per_chunk, u.rows);
  let center = mean[c];
  var sum = vec4<f32>();
  var product = vec4<f32>();
  for (var row = chunk * u.rows_per_chunk; row < stop; row++) {
    let i = row * u.c4 + c;
    ${mask ? 'let dz = select(vec4<f32>(), dy[i], y[i] > vec4<f32>()); dy[i] = dz;' : 'let dz = dy[i];'}
    sum += dz;
    product += dz * (x[i] - center);
  }
  partial[chunk * 2u * u.c4 + c] = sum;
  partial[(chunk * 2u + 1u) * u.c4 + c] = product * scale[c];`,
  }))

/**
 * partial -> sums [2, c]: dbeta and dgamma of these rows. `parameters` also writes them (or adds, in a later
 * micro-batch) to the packed gradients.
 */
export const mergeGradientKernel = (parameters: boolean): Kernel =>
  kernelVariant(`batch-norm-gradient-merge${parameters ? '+parameters' : ''}`, () => ({
    bindings: {
      partial: 'read vec4<f32>',
      dbeta: 'read_write vec4<f32>',
      dgamma: 'read_write vec4<f32>',
      ...(parameters && {
        gamma_gradient: 'read_write vec4<f32>' as const,
        beta_gradient: 'read_write vec4<f32>' as const,
      }),
    },
    constants: ['c4', 'chunks'],
    usesStep: parameters,
    workgroup: [MERGE_QUADS, MERGE_SLICES],
    head: `
struct Sums { beta: vec4<f32>, gamma: vec4<f32> }
var<workgroup> slices: array<Sums, ${MERGE_QUADS * MERGE_SLICES}>;`,
    body: `
  let c = group.x * ${MERGE_QUADS}u + local.x;
  let per_slice = (u.chunks + ${MERGE_SLICES - 1}u) / ${MERGE_SLICES}u;
  let stop = min((local.y + 1u) * per_slice, u.chunks);
  var sums = Sums(vec4<f32>(), vec4<f32>());
  for (var chunk = local.y * per_slice; chunk < stop; chunk++) {
    sums.beta += partial[chunk * 2u * u.c4 + c];
    sums.gamma += partial[(chunk * 2u + 1u) * u.c4 + c];
  }
  slices[local.y * ${MERGE_QUADS}u + local.x] = sums;
  workgroupBarrier();
  if (local.y != 0u) { return; }
  for (var slice = 1u; slice < ${MERGE_SLICES}u; slice++) {
    sums.beta += slices[slice * ${MERGE_QUADS}u + local.x].beta;
    sums.gamma += slices[slice * ${MERGE_QUADS}u + local.x].gamma;
  }
  dbeta[c] = sums.beta;
  dgamma[c] = sums.gamma;
  ${
    parameters
      ? `beta_gradient[c] = select(sums.beta, beta_gradient[c] + sums.beta, step.accumulate != 0u);
  gamma_gradient[c] = select(sums.gamma, gamma_gradient[c] + sums.gamma, step.accumulate != 0u);`
      : ''
  }`,
  }))

/** dx from dz and the sums; one invocation a quad. */
export const gradientApplyKernel: Kernel = defineKernel({
  id: 'batch-norm-gradient-apply',
  bindings: {
    dz: 'read vec4<f32>',
    x: 'read vec4<f32>',
    mean: 'read vec4<f32>',
    scale: 'read vec4<f32>',
    gamma: 'read vec4<f32>',
    sums: 'read vec4<f32>',
    dx: 'read_write vec4<f32>',
  },
  constants: ['quads', 'c4', 'rows'],
  workgroup: 64,
  body: `
  if (id >= u.quads) { return; }
  let c = id % u.c4;
  let normalized = (x[id] - mean[c]) * scale[c];
  let shared_part = (sums[c] + normalized * sums[u.c4 + c]) * (1.0 / f32(u.rows));
  dx[id] = (dz[id] - shared_part) * (scale[c] * gamma[c]);`,
})

/** Eval mode, backward: dx = dz * scale, with dz = dy masked where it stands by y's ReLU if `mask`. */
export const gradientScaleKernel = (mask: boolean): Kernel =>
  kernelVariant(`batch-norm-gradient-scale${mask ? '+mask' : ''}`, () => ({
    bindings: {
      dy: `${mask ? 'read_write' : 'read'} vec4<f32>`,
      ...(mask && { y: 'read vec4<f32>' as const }),
      scale: 'read vec4<f32>',
      dx: 'read_write vec4<f32>',
    },
    constants: ['quads', 'c4'],
    workgroup: 64,
    body: `
  if (id >= u.quads) { return; }
  ${mask ? 'let dz = select(vec4<f32>(), dy[id], y[id] > vec4<f32>()); dy[id] = dz;' : 'let dz = dy[id];'}
  dx[id] = dz * scale[id % u.c4];`,
  }))

/**
 * Eval mode as one factor and one summand a channel, for all batch norms at once: scale = gamma / sqrt(running_var +
 * epsilon), shift = beta - running_mean * scale. `table` holds, for each quad of channels of the network, where its
 * gamma and beta lie in the packed parameters (in quads).
 */
export const foldKernel: Kernel = defineKernel({
  id: 'batch-norm-fold',
  bindings: {
    table: 'read vec2<u32>',
    parameters: 'read vec4<f32>',
    running_mean: 'read vec4<f32>',
    running_var: 'read vec4<f32>',
    scale: 'read_write vec4<f32>',
    shift: 'read_write vec4<f32>',
  },
  constants: ['quads'],
  workgroup: 64,
  body: `
  if (id >= u.quads) { return; }
  let at = table[id];
  let factor = parameters[at.x] / sqrt(running_var[id] + ${EPSILON});
  scale[id] = factor;
  shift[id] = parameters[at.y] - running_mean[id] * factor;`,
})
