/**
 * Cross entropy with label smoothing e over `classes`, as torch.nn.CrossEntropyLoss:
 *
 *     loss = (1 - e) * -log p[label] + e / classes * sum -log p,   dlogits = (p - target) / photos of the whole batch
 *
 * With class weights each class's part of the target counts as often as its weight says, and the whole batch as its labels weigh.
 */
import { defineKernel, foldGroups, type Kernel, kernelVariant } from './kernel.ts'

/** Words of the result that a step leaves on the GPU. */
export const RESULT = { lossSum: 0, correct: 1, notFinite: 2, words: 4 } as const

/** WGSL: whether a quad holds NaN or an infinity, by its bits (comparisons and `isnan` may be optimized away). */
export const NOT_FINITE = `fn not_finite(v: vec4<f32>) -> bool {
  return any((bitcast<vec4<u32>>(v) & vec4<u32>(0x7f800000u)) == vec4<u32>(0x7f800000u));
}`

/** Invocations that share a sample, each workgroup one. */
const LANES = 64
/** In software, where barriers are slow: samples of a workgroup, one invocation each; few, so that all cores are busy. */
const ALONE = 4

/** The best of all lanes: the largest logit, of equal ones the first. */
const MERGE_LARGEST = `
  maxima[lane] = largest;
  winners[lane] = winner;
  workgroupBarrier();
  for (var other = 0u; other < LANES; other++) {
    let ahead = maxima[other] == largest && winners[other] < winner;
    if (maxima[other] > largest || ahead) { largest = maxima[other]; winner = winners[other]; }
  }`

const mergeSums = (sums: string) => `
  sums[lane] = sum;
  workgroupBarrier();
  sum = ${sums}();
  for (var other = 0u; other < LANES; other++) { sum += sums[other]; }`

/**
 * logits [count, columns] (columns: classes padded to a multiple of 4) -> dlogits of the same shape (zero in the
 * padding), and for each sample its loss and whether its largest logit is its label's (`losses` [count, 2]).
 * `weighted`: with `weights` [classes]. Without, the text is what it was before there were weights: its id stands in
 * older runs, which repeat to the bit.
 */
export const crossEntropyKernel = (software: boolean, weighted = false): Kernel =>
  kernelVariant(`cross-entropy${software ? '-alone' : ''}${weighted ? '-weighted' : ''}`, () => {
    const shared = !software
    // Of the exponentials and of the logits; weighted, of the classes' weights too.
    const sums = weighted ? 'vec3<f32>' : 'vec2<f32>'
    return {
      bindings: {
        logits: 'read f32',
        labels: 'read u32',
        ...(weighted && { weights: 'read f32' as const }),
        dlogits: 'read_write f32',
        losses: 'read_write vec2<f32>',
        result: 'read_write atomic<u32>',
      },
      constants: ['count', 'classes', 'columns'],
      usesStep: true,
      workgroup: shared ? [LANES, 1] : ALONE,
      head: `
const LANES = ${shared ? LANES : 1}u;
${
  shared
    ? `var<workgroup> maxima: array<f32, LANES>;
var<workgroup> winners: array<u32, LANES>;
var<workgroup> sums: array<${sums}, LANES>;`
    : ''
}
${NOT_FINITE}`,
      body: `
  let sample = ${shared ? 'group.y * groups.x + group.x' : 'id'};
  let lane = ${shared ? 'local.x' : '0u'};
  if (sample >= u.count) { return; }
  let first = sample * u.columns;
  var largest = -3.4e38;
  var winner = u.classes;
  var finite = true;
  for (var c = lane; c < u.classes; c += LANES) {
    let value = logits[first + c];
    finite = finite && !not_finite(vec4<f32>(value));
    if (value > largest) { largest = value; winner = c; }
  }
  if (!finite) { atomicOr(&result[${RESULT.notFinite}], 1u); }
  ${shared ? MERGE_LARGEST : ''}
  var sum = ${sums}();
  for (var c = lane; c < u.classes; c += LANES) {
    let value = logits[first + c] - largest;
    sum += ${sums}(exp(value), ${weighted ? 'weights[c] * value, weights[c]' : 'value'});
  }
  ${shared ? mergeSums(sums) : ''}
  let label = labels[sample];
  let even = step.label_smoothing / f32(u.classes);${weighted ? '\n  let whole = even * sum.z + (1.0 - step.label_smoothing) * weights[label];' : ''}
  for (var c = lane; c < u.columns; c += LANES) {
    let p = exp(logits[first + c] - largest) / sum.x;
    let target_value = even + select(0.0, 1.0 - step.label_smoothing, c == label);
    dlogits[first + c] = select(0.0, (${weighted ? 'whole * p - weights[min(c, u.classes - 1u)] * target_value' : 'p - target_value'}) * step.inverse_batch, c < u.classes);
  }
  if (lane == 0u) {
    let log_sum = log(sum.x);
    let picked = log_sum - (logits[first + label] - largest);
    let all = log_sum * ${weighted ? 'sum.z' : 'f32(u.classes)'} - sum.y;
    losses[sample] = vec2<f32>((1.0 - step.label_smoothing) * ${weighted ? 'weights[label] * picked' : 'picked'} + even * all, select(0.0, 1.0, winner == label));
  }`,
    }
  })

/** Workgroups of `crossEntropyKernel` for `count` samples. */
export const crossEntropyGroups = (software: boolean, count: number): [number, number, number] =>
  foldGroups(software ? Math.ceil(count / ALONE) : count)

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
