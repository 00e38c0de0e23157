/**
 * Cross entropy with label smoothing e over `classes`, as torch.nn.CrossEntropyLoss:
 *
 *     loss = (1 - e) * -log p[label] + e / classes * sum -log p,   dlogits = (p - target) / photos of the whole batch
 */
import { defineKernel } from './kernel.ts'

/** Words of the result that a step leaves on the GPU. */
export const RESULT = { lossSum: 0, correct: 1, notFinite: 2, words: 4 } as const

/** WGSL: whether a quad holds NaN or an infinity, by its bits (comparisons and `isnan` may be optimized away). */
export const NOT_FINITE = `fn not_finite(v: vec4<f32>) -> bool {
  return any((bitcast<vec4<u32>>(v) & vec4<u32>(0x7f800000u)) == vec4<u32>(0x7f800000u));
}`

const LANES = 64

/**
 * logits [count, columns] (columns: classes padded to a multiple of 4) -> dlogits of the same shape (zero in the
 * padding), and for each sample its loss and whether its largest logit is its label's (`losses` [count, 2]).
 * One workgroup a sample, in x and y.
 */
export const crossEntropyKernel = defineKernel({
  id: 'cross-entropy',
  bindings: {
    logits: 'read f32',
    labels: 'read u32',
    dlogits: 'read_write f32',
    losses: 'read_write vec2<f32>',
    result: 'read_write atomic<u32>',
  },
  constants: ['count', 'classes', 'columns'],
  usesStep: true,
  workgroup: [LANES, 1],
  head: `
var<workgroup> maxima: array<f32, ${LANES}>;
var<workgroup> winners: array<u32, ${LANES}>;
var<workgroup> sums: array<vec2<f32>, ${LANES}>;
${NOT_FINITE}`,
  body: `
  let sample = group.y * groups.x + group.x;
  if (sample >= u.count) { return; }
  let first = sample * u.columns;
  var largest = -3.4e38;
  var winner = u.classes;
  for (var c = local.x; c < u.classes; c += ${LANES}u) {
    let value = logits[first + c];
    if (not_finite(vec4<f32>(value))) { atomicOr(&result[${RESULT.notFinite}], 1u); }
    if (value > largest) { largest = value; winner = c; }
  }
  maxima[local.x] = largest;
  winners[local.x] = winner;
  workgroupBarrier();
  for (var lane = 0u; lane < ${LANES}u; lane++) {
    let ahead = maxima[lane] == largest && winners[lane] < winner;
    if (maxima[lane] > largest || ahead) { largest = maxima[lane]; winner = winners[lane]; }
  }
  var sum = vec2<f32>();
  for (var c = local.x; c < u.classes; c += ${LANES}u) {
    let value = logits[first + c] - largest;
    sum += vec2<f32>(exp(value), value);
  }
  sums[local.x] = sum;
  workgroupBarrier();
  sum = vec2<f32>();
  for (var lane = 0u; lane < ${LANES}u; lane++) { sum += sums[lane]; }
  let label = labels[sample];
  let even = step.label_smoothing / f32(u.classes);
  for (var c = local.x; c < u.columns; c += ${LANES}u) {
    let p = exp(logits[first + c] - largest) / sum.x;
    let target_value = even + select(0.0, 1.0 - step.label_smoothing, c == label);
    dlogits[first + c] = select(0.0, (p - target_value) * step.inverse_batch, c < u.classes);
  }
  if (local.x == 0u) {
    let log_sum = log(sum.x);
    let picked = log_sum - (logits[first + label] - largest);
    let all = log_sum * f32(u.classes) - sum.y;
    losses[sample] = vec2<f32>((1.0 - step.label_smoothing) * picked + even * all, select(0.0, 1.0, winner == label));
  }`,
})

/** Adds the samples' losses and hits, in order, to the step's result. One invocation. */
export const sumLossesKernel = defineKernel({
  id: 'sum-losses',
  bindings: { losses: 'read vec2<f32>', result: 'read_write u32' },
  constants: ['count'],
  workgroup: 1,
  body: `
  var sum = vec2<f32>();
  for (var i = 0u; i < u.count; i++) { sum += losses[i]; }
  result[${RESULT.lossSum}] = bitcast<u32>(bitcast<f32>(result[${RESULT.lossSum}]) + sum.x);
  result[${RESULT.correct}] += u32(sum.y);`,
})
