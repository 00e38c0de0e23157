/** Photos -> the stem's input: [count, side, side, 4] floats, the fourth channel zero. */

import { MEAN, STD } from '../../train-step.ts'
import { defineKernel } from './kernel.ts'

const vec = (values: readonly number[]) => `vec4<f32>(${values.join(', ')}, 0.0)`

/** RGB bytes, packed four to a u32 -> (x / 255 - mean) / std. One invocation a pixel. */
export const normalizeKernel = defineKernel({
  id: 'photos-normalize',
  bindings: { photos: 'read u32', x: 'read_write vec4<f32>' },
  constants: ['pixels'],
  workgroup: 64,
  head: `fn byte(i: u32) -> f32 { return f32((photos[i / 4u] >> (8u * (i % 4u))) & 255u); }`,
  body: `
  if (id >= u.pixels) { return; }
  let rgb = vec4<f32>(byte(id * 3u), byte(id * 3u + 1u), byte(id * 3u + 2u), 0.0);
  x[id] = (rgb / 255.0 - ${vec(MEAN)}) / ${`vec4<f32>(${STD.join(', ')}, 1.0)`};`,
})

/** Values that are normalized already, [count, side, side, 3]. One invocation a pixel. */
export const padChannelsKernel = defineKernel({
  id: 'photos-pad-channels',
  bindings: { photos: 'read f32', x: 'read_write vec4<f32>' },
  constants: ['pixels'],
  workgroup: 64,
  body: `
  if (id >= u.pixels) { return; }
  x[id] = vec4<f32>(photos[id * 3u], photos[id * 3u + 1u], photos[id * 3u + 2u], 0.0);`,
})
