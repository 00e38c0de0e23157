/** The two pools: 3 x 3 maximum of stride 2 and padding 1 after the stem, and the mean over all pixels before `fc`. */
import { defineKernel, type Kernel, kernelVariant, unroll } from './kernel.ts'

const LOWEST = 'vec4<f32>(-3.4e38)'
const TAPS = 9

/**
 * x [count, side, side, c] -> y [count, outSide, outSide, c], and for each element which of the nine taps won
 * (`taps`: four channels' bytes in a u32). Equal values: the first in row order wins, as in PyTorch. `normalized`: of
 * the ReLU of x's batch norm, which is never stored.
 */
export const maxPoolKernel = (normalized: boolean): Kernel =>
  kernelVariant(`max-pool${normalized ? '+normalized' : ''}`, () => ({
    bindings: {
      x: 'read vec4<f32>',
      ...(normalized && { moments: 'read vec4<f32>' as const }),
      y: 'read_write vec4<f32>',
      taps: 'read_write u32',
    },
    constants: ['quads', 'c4', 'side', 'out_side'],
    workgroup: 64,
    body: `
  if (id >= u.quads) { return; }
  let c = id % u.c4;
  let pixel = id / u.c4;
  let left = (pixel % u.out_side) * 2u - 1u;
  let line = pixel / u.out_side;
  let top = (line % u.out_side) * 2u - 1u;
  let image = (line / u.out_side) * u.side;
  ${normalized ? 'let mean = moments[c]; let factor = moments[2u * u.c4 + c]; let beta = moments[3u * u.c4 + c];' : ''}
  var best = ${LOWEST};
  var winner = vec4<u32>(${TAPS}u);
  ${unroll(TAPS, (tap) => {
    const value = normalized ? '(stored - mean) * factor + beta' : 'stored'
    return `{
    let iy = top + ${Math.floor(tap / 3)}u;
    let ix = left + ${tap % 3}u;
    let inside = iy < u.side && ix < u.side;
    let stored = x[select(c, ((image + iy) * u.side + ix) * u.c4 + c, inside)];
    let value = select(${LOWEST}, ${value}, inside);
    let better = value > best;
    best = select(best, value, better);
    winner = select(winner, vec4<u32>(${tap}u), better);
  }`
  })}
  y[id] = ${normalized ? 'max(best, vec4<f32>())' : 'best'};
  taps[id] = winner.x | (winner.y << 8u) | (winner.z << 16u) | (winner.w << 24u);`,
  }))

/**
 * dy and taps -> dx. An invocation takes the two by two pixels that one window begins with; windows to the right and
 * below reach them too, each pixel always by the same tap.
 */
export const maxPoolGradientKernel: Kernel = defineKernel({
  id: 'max-pool-gradient',
  bindings: { dy: 'read vec4<f32>', taps: 'read u32', dx: 'read_write vec4<f32>' },
  constants: ['quads', 'c4', 'side', 'out_side'],
  workgroup: 64,
  head: `
struct Window { dy: vec4<f32>, taps: vec4<u32> }
fn window(at: u32, inside: bool) -> Window {
  let won = select(0x0f0f0f0fu, taps[at], inside);
  return Window(dy[at], vec4<u32>(won & 255u, (won >> 8u) & 255u, (won >> 16u) & 255u, won >> 24u));
}
fn won(w: Window, tap: u32) -> vec4<f32> { return select(vec4<f32>(), w.dy, w.taps == vec4<u32>(tap)); }`,
  body: `
  if (id >= u.quads) { return; }
  let c = id % u.c4;
  let pixel = id / u.c4;
  let ox = pixel % u.out_side;
  let line = pixel / u.out_side;
  let oy = line % u.out_side;
  let image = line / u.out_side;
  let right = ox + 1u < u.out_side;
  let below = oy + 1u < u.out_side;
  let here = window(id, true);
  let east = window(select(id, id + u.c4, right), right);
  let south = window(select(id, id + u.out_side * u.c4, below), below);
  let corner = window(select(id, id + (u.out_side + 1u) * u.c4, right && below), right && below);
  let iy = oy * 2u;
  let ix = ox * 2u;
  let to = ((image * u.side + iy) * u.side + ix) * u.c4 + c;
  let line_quads = u.side * u.c4;
  dx[to] = won(here, 4u);
  if (ix + 1u < u.side) { dx[to + u.c4] = won(here, 5u) + won(east, 3u); }
  if (iy + 1u < u.side) {
    dx[to + line_quads] = won(here, 7u) + won(south, 1u);
    if (ix + 1u < u.side) {
      dx[to + line_quads + u.c4] = won(here, 8u) + won(east, 6u) + won(south, 2u) + won(corner, 0u);
    }
  }`,
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
