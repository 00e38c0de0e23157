/** The two pools: 3 x 3 maximum of stride 2 and padding 1 after the stem, and the mean over all pixels before `fc`. */
import { defineKernel } from './kernel.ts'

/**
 * x [count, side, side, c] -> y [count, outSide, outSide, c], and for each element which of the nine taps won
 * (`taps`: four channels' bytes in a u32). Equal values: the first in row order wins, as in PyTorch.
 */
export const maxPoolKernel = defineKernel({
  id: 'max-pool',
  bindings: { x: 'read vec4<f32>', y: 'read_write vec4<f32>', taps: 'read_write u32' },
  constants: ['quads', 'c4', 'side', 'out_side'],
  workgroup: 64,
  body: `
  if (id >= u.quads) { return; }
  let c = id % u.c4;
  let pixel = id / u.c4;
  let ox = pixel % u.out_side;
  let line = pixel / u.out_side;
  let oy = line % u.out_side;
  let image = (line / u.out_side) * u.side;
  var best = vec4<f32>(-3.4e38);
  var winner = vec4<u32>(9u);
  for (var ky = 0u; ky < 3u; ky++) {
    let iy = oy * 2u + ky - 1u;
    if (iy >= u.side) { continue; }
    for (var kx = 0u; kx < 3u; kx++) {
      let ix = ox * 2u + kx - 1u;
      if (ix >= u.side) { continue; }
      let value = x[((image + iy) * u.side + ix) * u.c4 + c];
      let better = value > best;
      best = select(best, value, better);
      winner = select(winner, vec4<u32>(ky * 3u + kx), better);
    }
  }
  y[id] = best;
  taps[id] = winner.x | (winner.y << 8u) | (winner.z << 16u) | (winner.w << 24u);`,
})

/** dy and taps -> dx: each pixel gathers from the at most four windows that it won. */
export const maxPoolGradientKernel = defineKernel({
  id: 'max-pool-gradient',
  bindings: { dy: 'read vec4<f32>', taps: 'read u32', dx: 'read_write vec4<f32>' },
  constants: ['quads', 'c4', 'side', 'out_side'],
  workgroup: 64,
  body: `
  if (id >= u.quads) { return; }
  let c = id % u.c4;
  let pixel = id / u.c4;
  let ix = pixel % u.side;
  let line = pixel / u.side;
  let iy = line % u.side;
  let image = (line / u.side) * u.out_side;
  var sum = vec4<f32>();
  for (var oy = iy / 2u; oy <= (iy + 1u) / 2u && oy < u.out_side; oy++) {
    for (var ox = ix / 2u; ox <= (ix + 1u) / 2u && ox < u.out_side; ox++) {
      let tap = (iy + 1u - oy * 2u) * 3u + ix + 1u - ox * 2u;
      let at = ((image + oy) * u.out_side + ox) * u.c4 + c;
      let won = taps[at];
      let mine = vec4<u32>(won & 255u, (won >> 8u) & 255u, (won >> 16u) & 255u, won >> 24u) == vec4<u32>(tap);
      sum += select(vec4<f32>(), dy[at], mine);
    }
  }
  dx[id] = sum;`,
})

/** x [count, pixels, c] -> y [count, c], the mean over pixels. One invocation a photo and quad. */
export const averagePoolKernel = defineKernel({
  id: 'average-pool',
  bindings: { x: 'read vec4<f32>', y: 'read_write vec4<f32>' },
  constants: ['quads', 'c4', 'pixels'],
  workgroup: 32,
  body: `
  if (id >= u.quads) { return; }
  let first = (id / u.c4) * u.pixels * u.c4 + id % u.c4;
  var sum = vec4<f32>();
  for (var pixel = 0u; pixel < u.pixels; pixel++) { sum += x[first + pixel * u.c4]; }
  y[id] = sum / f32(u.pixels);`,
})

/** dy [count, c] -> dx [count, pixels, c]. One invocation a quad of dx. */
export const averagePoolGradientKernel = defineKernel({
  id: 'average-pool-gradient',
  bindings: { dy: 'read vec4<f32>', dx: 'read_write vec4<f32>' },
  constants: ['quads', 'c4', 'pixels'],
  workgroup: 64,
  body: `
  if (id >= u.quads) { return; }
  dx[id] = dy[(id / u.c4 / u.pixels) * u.c4 + id % u.c4] / f32(u.pixels);`,
})
