/** Sums over the first axis, in order: the second pass of a split filter gradient, and fc's bias gradient. */
import { defineKernel } from './kernel.ts'

/** parts [count, quads] -> sum [quads], added to what is there in a later micro-batch. One invocation a quad. */
export const sumPartsKernel = defineKernel({
  id: 'sum-parts',
  bindings: { parts: 'read vec4<f32>', sum: 'read_write vec4<f32>' },
  constants: ['count', 'quads'],
  usesStep: true,
  workgroup: 64,
  body: `
  if (id >= u.quads) { return; }
  var total = vec4<f32>();
  for (var i = 0u; i < u.count; i++) { total += parts[i * u.quads + id]; }
  if (step.accumulate != 0u) { total += sum[id]; }
  sum[id] = total;`,
})
