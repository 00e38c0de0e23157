/**
 * Batch norm over the rows (pixels of all photos) of [rows, channels], four channels a lane.
 *
 * Train mode, forward: mean and sum of squared deviations of slices of rows (Welford), merged in order (Chan, Golub,
 * LeVeque 1979). Few rows are one dispatch; many are first cut into chunks. What is applied then lies, for each batch
 * norm, in `moments` [4, c]: mean, 1 / std, gamma / std, beta.
 *
 * Backward, with dz the gradient after the ReLU's mask and xhat the normalized input:
 *
 *     dbeta = sum dz,  dgamma = sum dz * xhat,  dx = gamma / std * (dz - dbeta / rows - xhat * dgamma / rows)
 *
 * Only the convolution's output x is kept: where the ReLU's own output would be needed it is computed again.
 * Eval mode is folded into the convolution before it (`foldKernel`); its backward only scales.
 */
import { BATCH_NORM_EPSILON } from '../../../model/index.ts'
import { defineKernel, type Kernel, kernelVariant } from './kernel.ts'
import { reductionKernel, SLICES } from './slices.ts'

const EPSILON = `${BATCH_NORM_EPSILON}`
/** Rows that one dispatch reduces at the most: longer slices would keep too few lanes of a GPU busy for too long. */
const DIRECT_ROWS = 512
/** Chunks that more rows are cut into: many for a large GPU's lanes, each long enough to be worth its merge. */
const CHUNKS = { most: 2048, rows: 32 } as const
/** Rows that an invocation of an elementwise kernel takes: what it reads for a channel serves them all. */
const ROWS = 8

/** How rows are cut into chunks; one chunk: they are reduced at once. */
export function rowChunks(rows: number): { chunks: number; rowsPerChunk: number } {
  if (rows <= DIRECT_ROWS) return { chunks: 1, rowsPerChunk: rows }
  const rowsPerChunk = Math.max(CHUNKS.rows, Math.ceil(rows / CHUNKS.most))
  return { chunks: Math.ceil(rows / rowsPerChunk), rowsPerChunk }
}

/** Invocations of the kernels that take `ROWS` rows each. */
export const rowInvocations = (rows: number, channels: number): number =>
  Math.ceil(rows / ROWS) * (channels / 4)

/** What the rows of a batch norm, or chunks of them, are reduced from: the constants of every reduction. */
const REDUCED = ['rows', 'c4', 'rows_per_chunk', 'chunks'] as const

/** WGSL: the range of `count` that slice `index` takes. */
const SLICE_RANGE = `
fn slice_range(count: u32, index: u32) -> vec2<u32> {
  let length = (count + ${SLICES - 1}u) / ${SLICES}u;
  return vec2<u32>(min(index * length, count), min((index + 1u) * length, count));
}`

/** WGSL of an elementwise kernel: `row`s of this invocation for quad `c`; `i` is the element. */
const eachRow = (before: string, body: string) => `
  let c = id % u.c4;
  let first = id / u.c4 * ${ROWS}u;
  if (first >= u.rows) { return; }
  let stop = min(first + ${ROWS}u, u.rows);
  ${before}
  for (var row = first; row < stop; row++) {
    let i = row * u.c4 + c;
    ${body}
  }`

const MOMENTS = `
struct Sums { count: f32, mean: vec4<f32>, squares: vec4<f32> }
fn merge(a: Sums, b: Sums) -> Sums {
  if (b.count == 0.0) { return a; }
  let count = a.count + b.count;
  let delta = b.mean - a.mean;
  return Sums(count, a.mean + delta * (b.count / count),
    a.squares + b.squares + delta * delta * (a.count * b.count / count));
}`

const ROW_MOMENTS = `
fn of_rows(c: u32, first: u32, stop: u32) -> Sums {
  var mean = vec4<f32>();
  var squares = vec4<f32>();
  for (var row = first; row < stop; row++) {
    let value = x[row * u.c4 + c];
    let delta = value - mean;
    mean += delta * (1.0 / f32(row - first + 1u));
    squares += delta * (value - mean);
  }
  return Sums(f32(stop - first), mean, squares);
}`

const MOMENTS_BINDINGS = {
  gamma: 'read vec4<f32>',
  beta: 'read vec4<f32>',
  moments: 'read_write vec4<f32>',
  running_mean: 'read_write vec4<f32>',
  running_var: 'read_write vec4<f32>',
} as const

const STORE_MOMENTS = `
  let rows = f32(u.rows);
  let scale = 1.0 / sqrt(sums.squares / rows + ${EPSILON});
  moments[c] = sums.mean;
  moments[u.c4 + c] = scale;
  moments[2u * u.c4 + c] = scale * gamma[c];
  moments[3u * u.c4 + c] = beta[c];
  running_mean[c] += (sums.mean - running_mean[c]) * step.momentum;
  running_var[c] += (sums.squares / max(rows - 1.0, 1.0) - running_var[c]) * step.momentum;`

/** x [rows, c] -> partial [chunks, 2, c]: each chunk's mean and sum of squared deviations. One invocation a chunk and quad. */
export const statisticsKernel: Kernel = defineKernel({
  id: 'batch-norm-statistics',
  bindings: { x: 'read vec4<f32>', partial: 'read_write vec4<f32>' },
  constants: REDUCED,
  workgroup: 64,
  head: `${MOMENTS}${ROW_MOMENTS}`,
  body: `
  let c = id % u.c4;
  let chunk = id / u.c4;
  if (chunk >= u.chunks) { return; }
  let first = chunk * u.rows_per_chunk;
  let found = of_rows(c, first, min(first + u.rows_per_chunk, u.rows));
  partial[chunk * 2u * u.c4 + c] = found.mean;
  partial[(chunk * 2u + 1u) * u.c4 + c] = found.squares;`,
})

/** partial -> moments; running mean and (unbiased) variance [c] move by `step.momentum`. */
export const mergeStatisticsKernel = (software: boolean): Kernel =>
  reductionKernel('batch-norm-merge', software, () => ({
    bindings: { partial: 'read vec4<f32>', ...MOMENTS_BINDINGS },
    constants: REDUCED,
    usesStep: true,
    head: `${MOMENTS}${SLICE_RANGE}
fn slice(c: u32, index: u32) -> Sums {
  let range = slice_range(u.chunks, index);
  var sums = Sums(0.0, vec4<f32>(), vec4<f32>());
  for (var chunk = range.x; chunk < range.y; chunk++) {
    let count = f32(min(u.rows_per_chunk, u.rows - chunk * u.rows_per_chunk));
    sums = merge(sums, Sums(count, partial[chunk * 2u * u.c4 + c], partial[(chunk * 2u + 1u) * u.c4 + c]));
  }
  return sums;
}`,
    store: STORE_MOMENTS,
  }))

/** x [rows, c] -> moments at once, as `mergeStatisticsKernel` leaves them. */
export const directStatisticsKernel = (software: boolean): Kernel =>
  reductionKernel('batch-norm-direct', software, () => ({
    bindings: { x: 'read vec4<f32>', ...MOMENTS_BINDINGS },
    constants: REDUCED,
    usesStep: true,
    head: `${MOMENTS}${ROW_MOMENTS}${SLICE_RANGE}
fn slice(c: u32, index: u32) -> Sums {
  let range = slice_range(u.rows, index);
  return of_rows(c, range.x, range.y);
}`,
    store: STORE_MOMENTS,
  }))

/** What is added to a normalized x before its ReLU: nothing, a tensor, or another batch norm of one. */
export type Added = 'nothing' | 'tensor' | 'normalized'

/** y = (x - mean) * gamma / std + beta [+ added] [then ReLU]. */
export const applyKernel = (added: Added, relu: boolean): Kernel =>
  kernelVariant(`batch-norm-apply+${added}${relu ? '+relu' : ''}`, () => ({
    bindings: {
      x: 'read vec4<f32>',
      moments: 'read vec4<f32>',
      ...(added !== 'nothing' && { added: 'read vec4<f32>' as const }),
      ...(added === 'normalized' && { added_moments: 'read vec4<f32>' as const }),
      y: 'read_write vec4<f32>',
    },
    constants: ['rows', 'c4'],
    workgroup: 64,
    body: eachRow(
      `let mean = moments[c];
  let factor = moments[2u * u.c4 + c];
  let beta = moments[3u * u.c4 + c]${added === 'normalized' ? ' + added_moments[3u * u.c4 + c]' : ''};
  ${added === 'normalized' ? 'let added_mean = added_moments[c]; let added_factor = added_moments[2u * u.c4 + c];' : ''}`,
      `let value = (x[i] - mean) * factor + beta${
        {
          nothing: '',
          tensor: ' + added[i]',
          normalized: ' + (added[i] - added_mean) * added_factor',
        }[added]
      };
    y[i] = ${relu ? 'max(value, vec4<f32>())' : 'value'};`,
    ),
  }))

/**
 * Where a layer's gradient passes its ReLU: everywhere (there is none), where its output y is positive, or where its
 * own batch norm, computed again, is.
 */
export type Mask = 'none' | 'output' | 'own'

/** WGSL: `dz` from dy[i] and, for `own`, from the `centered` x. */
const MASKED: Record<Mask, string> = {
  none: 'let dz = dy[i];',
  // The shortcut needs the masked gradient too.
  output: 'let dz = select(vec4<f32>(), dy[i], y[i] > vec4<f32>()); dy[i] = dz;',
  own: 'let dz = select(vec4<f32>(), dy[i], centered * factor + beta > vec4<f32>());',
}

const OWN = `let factor = moments[2u * u.c4 + c];
  let beta = moments[3u * u.c4 + c];`

const GRADIENT_SUMS = `
struct Sums { beta: vec4<f32>, gamma: vec4<f32> }
fn merge(a: Sums, b: Sums) -> Sums { return Sums(a.beta + b.beta, a.gamma + b.gamma); }`

const rowSums = (mask: Mask) => `
fn of_rows(c: u32, first: u32, stop: u32) -> Sums {
  let mean = moments[c];
  ${mask === 'own' ? OWN : ''}
  var sums = Sums(vec4<f32>(), vec4<f32>());
  for (var row = first; row < stop; row++) {
    let i = row * u.c4 + c;
    let centered = x[i] - mean;
    ${MASKED[mask]}
    sums.beta += dz;
    sums.gamma += dz * centered;
  }
  sums.gamma *= moments[u.c4 + c];
  return sums;
}`

const gradientBindings = (mask: Mask) => ({
  dy: `${mask === 'output' ? 'read_write' : 'read'} vec4<f32>` as const,
  ...(mask === 'output' && { y: 'read vec4<f32>' as const }),
  x: 'read vec4<f32>' as const,
  moments: 'read vec4<f32>' as const,
})

/** Parameters' gradients are written, or added to in a later micro-batch. */
const sumsBindings = (trained: boolean) => ({
  totals: 'read_write vec4<f32>' as const,
  ...(trained && {
    gamma_gradient: 'read_write vec4<f32>' as const,
    beta_gradient: 'read_write vec4<f32>' as const,
  }),
})

const storeSums = (trained: boolean) => `
  totals[c] = sums.beta;
  totals[u.c4 + c] = sums.gamma;
  ${
    trained
      ? `if (step.accumulate != 0u) { sums.beta += beta_gradient[c]; sums.gamma += gamma_gradient[c]; }
  beta_gradient[c] = sums.beta;
  gamma_gradient[c] = sums.gamma;`
      : ''
  }`

/** Sums of dz and dz * xhat for each chunk -> partial [chunks, 2, c]. With mask `output` dy becomes dz where it stands. */
export const gradientSumsKernel = (mask: Mask): Kernel =>
  kernelVariant(`batch-norm-gradient-sums+${mask}`, () => ({
    bindings: { ...gradientBindings(mask), partial: 'read_write vec4<f32>' },
    constants: REDUCED,
    workgroup: 64,
    head: `${GRADIENT_SUMS}${rowSums(mask)}`,
    body: `
  let c = id % u.c4;
  let chunk = id / u.c4;
  if (chunk >= u.chunks) { return; }
  let first = chunk * u.rows_per_chunk;
  let found = of_rows(c, first, min(first + u.rows_per_chunk, u.rows));
  partial[chunk * 2u * u.c4 + c] = found.beta;
  partial[(chunk * 2u + 1u) * u.c4 + c] = found.gamma;`,
  }))

/** partial -> totals [2, c]: dbeta and dgamma of these rows; `trained` also gives them to the packed gradients. */
export const mergeGradientKernel = (trained: boolean, software: boolean): Kernel =>
  reductionKernel(`batch-norm-gradient-merge${trained ? '+trained' : ''}`, software, () => ({
    bindings: { partial: 'read vec4<f32>', ...sumsBindings(trained) },
    constants: REDUCED,
    usesStep: trained,
    head: `${GRADIENT_SUMS}${SLICE_RANGE}
fn slice(c: u32, index: u32) -> Sums {
  let range = slice_range(u.chunks, index);
  var sums = Sums(vec4<f32>(), vec4<f32>());
  for (var chunk = range.x; chunk < range.y; chunk++) {
    sums.beta += partial[chunk * 2u * u.c4 + c];
    sums.gamma += partial[(chunk * 2u + 1u) * u.c4 + c];
  }
  return sums;
}`,
    store: storeSums(trained),
  }))

/** dy and x -> totals at once, as `gradientSumsKernel` and `mergeGradientKernel` leave them. */
export const directGradientKernel = (mask: Mask, trained: boolean, software: boolean): Kernel =>
  reductionKernel(`batch-norm-gradient-direct+${mask}${trained ? '+trained' : ''}`, software, () => ({
    bindings: { ...gradientBindings(mask), ...sumsBindings(trained) },
    constants: REDUCED,
    usesStep: trained,
    head: `${GRADIENT_SUMS}${rowSums(mask)}${SLICE_RANGE}
fn slice(c: u32, index: u32) -> Sums {
  let range = slice_range(u.rows, index);
  return of_rows(c, range.x, range.y);
}`,
    store: storeSums(trained),
  }))

/**
 * dx from dz and the totals. `recompute` also gives y = ReLU of the batch norm of `inner` [rows, c], the layer's input,
 * which the filter gradient needs and nobody kept.
 */
export const gradientApplyKernel = (mask: Exclude<Mask, 'output'>, recompute: boolean): Kernel =>
  kernelVariant(`batch-norm-gradient-apply+${mask}${recompute ? '+recompute' : ''}`, () => ({
    bindings: {
      dy: 'read vec4<f32>',
      x: 'read vec4<f32>',
      moments: 'read vec4<f32>',
      totals: 'read vec4<f32>',
      dx: 'read_write vec4<f32>',
      ...(recompute && {
        inner: 'read vec4<f32>' as const,
        inner_moments: 'read vec4<f32>' as const,
        y: 'read_write vec4<f32>' as const,
      }),
    },
    constants: ['rows', 'c4'],
    workgroup: 64,
    body: eachRow(
      `let share = 1.0 / f32(u.rows);
  let mean = moments[c];
  ${OWN}
  let constant = totals[c] * share;
  let slope = totals[u.c4 + c] * moments[u.c4 + c] * share;
  ${
    recompute
      ? `let inner_mean = inner_moments[c];
  let inner_factor = inner_moments[2u * u.c4 + c];
  let inner_beta = inner_moments[3u * u.c4 + c];`
      : ''
  }`,
      `let centered = x[i] - mean;
    ${MASKED[mask]}
    dx[i] = (dz - constant - centered * slope) * factor;
    ${recompute ? 'y[i] = max((inner[i] - inner_mean) * inner_factor + inner_beta, vec4<f32>());' : ''}`,
    ),
  }))

/** Eval mode, backward: dx = dz * scale; with `mask`, dy is first masked where it stands by the layer's output y. */
export const gradientScaleKernel = (mask: boolean): Kernel =>
  kernelVariant(`batch-norm-gradient-scale${mask ? '+mask' : ''}`, () => ({
    bindings: {
      dy: `${mask ? 'read_write' : 'read'} vec4<f32>`,
      ...(mask && { y: 'read vec4<f32>' as const }),
      scale: 'read vec4<f32>',
      dx: 'read_write vec4<f32>',
    },
    constants: ['rows', 'c4'],
    workgroup: 64,
    body: eachRow(
      'let factor = scale[c];',
      `${MASKED[mask ? 'output' : 'none']}
    dx[i] = dz * factor;`,
    ),
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
