/**
 * One dispatch updates every trained parameter (torch.optim's formulas). Parameters, gradients and moments are packed
 * alike, in blocks of 64 floats that belong to one parameter each: `blocks` says which, `table` holds for each
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

const DECAY = 'let g = gradients[id] + step.weight_decay * p;'
const ADAM = `
  let m = first[id] + (g - first[id]) * (1.0 - ${BETA1});
  let v = second[id] * ${BETA2} + g * g * (1.0 - ${BETA2});
  first[id] = m;
  second[id] = v;
  p -= row.y * m / (sqrt(v) * row.z + ${EPSILON});`

const UPDATE = {
  adam: `${DECAY}${ADAM}`,
  adamw: `p *= 1.0 - row.x * step.weight_decay; let g = gradients[id];${ADAM}`,
  sgd: `${DECAY}
  let m = first[id] * step.sgd_momentum + g;
  first[id] = m;
  p -= row.x * m;`,
} as const

/**
 * Updates parameters and moments where they stand, and marks the result where a gradient or a new parameter is not
 * finite. `base` is the first packed block that these buffers' bindings begin with. One invocation a quad.
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
    constants: ['quads', 'base'],
    usesStep: true,
    workgroup: 64,
    head: NOT_FINITE,
    body: `
  if (id >= u.quads) { return; }
  let row = table[blocks[u.base + id / ${BLOCK / 4}u]];
  if (row.w == 0.0) { return; }
  var p = parameters[id];
  ${UPDATE[kind]}
  parameters[id] = p;
  if (not_finite(gradients[id]) || not_finite(p)) { atomicOr(&result[${RESULT.notFinite}], 2u); }`,
  }))
