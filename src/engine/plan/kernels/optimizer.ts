/**
 * One dispatch updates every trained parameter (torch.optim's formulas). Parameters, gradients and moments are packed
 * alike, in blocks of 64 floats that belong to one parameter each: `blocks` says which, a byte each; `table` holds for each
 * parameter what its own step count and stage make of the learning rate.
 */
import { type Kernel, kernelVariant } from './kernel.ts'
import { NOT_FINITE, RESULT } from './loss.ts'

/** Floats of a block, and the alignment of packed parameters (256 bytes, as bindings want). */
export const BLOCK = 64

const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-8

/** Floats of a parameter's row in `table`. */
export const TABLE_ROW = 4

/** A parameter's row: learning rate, learning rate / (1 - beta1^step), 1 / sqrt(1 - beta2^step), 1 if trained. */
export function tableRow(learningRate: number, step: number): [number, number, number, number] {
  return [learningRate, learningRate / (1 - BETA1 ** step), 1 / Math.sqrt(1 - BETA2 ** step), 1]
}

/** Quads that an invocation takes: what it reads for their parameter serves them all. */
const QUADS = 4
const LANES = BLOCK / 4 / QUADS

const DECAY = 'g += step.weight_decay * p;'
const ADAM = `
    var m = first[i];
    m += (g - m) * (1.0 - ${BETA1});
    let v = second[i] * ${BETA2} + g * g * (1.0 - ${BETA2});
    first[i] = m;
    second[i] = v;
    p -= row.y * m / (sqrt(v) * row.z + ${EPSILON});`

const UPDATE = {
  adam: `${DECAY}${ADAM}`,
  adamw: `p *= 1.0 - row.x * step.weight_decay;${ADAM}`,
  sgd: `${DECAY}
    let m = first[i] * step.sgd_momentum + g;
    first[i] = m;
    p -= row.x * m;`,
} as const

/**
 * Updates parameters and moments where they stand, and marks the result where a gradient or a new parameter is not
 * finite. `base` is the first packed block that these buffers' bindings begin with. `optimizerInvocations` in all.
 */
export const optimizerKernel = (kind: keyof typeof UPDATE): Kernel =>
  kernelVariant(`optimizer-${kind}`, () => ({
    bindings: {
      gradients: 'read vec4<f32>',
      blocks: 'read u32',
      table: 'read vec4<f32>',
      parameters: 'read_write vec4<f32>',
      first: 'read_write vec4<f32>',
      ...(kind !== 'sgd' && { second: 'read_write vec4<f32>' as const }),
      result: 'read_write atomic<u32>',
    },
    constants: ['count', 'base'],
    usesStep: true,
    workgroup: 64,
    head: NOT_FINITE,
    body: `
  let block = id / ${LANES}u;
  if (block >= u.count) { return; }
  let packed = u.base + block;
  let row = table[(blocks[packed / 4u] >> (8u * (packed % 4u))) & 255u];
  if (row.w == 0.0) { return; }
  var bad = false;
  for (var quad = 0u; quad < ${QUADS}u; quad++) {
    let i = block * ${BLOCK / 4}u + quad * ${LANES}u + id % ${LANES}u;
    var g = gradients[i];
    var p = parameters[i];
    bad = bad || not_finite(g);
    ${UPDATE[kind]}
    parameters[i] = p;
    bad = bad || not_finite(p);
  }
  if (bad) { atomicOr(&result[${RESULT.notFinite}], 2u); }`,
  }))

/** Invocations that update `floats` packed parameters, a multiple of `BLOCK`. */
export const optimizerInvocations = (floats: number): number => (floats / BLOCK) * LANES
