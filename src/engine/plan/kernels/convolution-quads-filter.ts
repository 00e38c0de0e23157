/**
 * Filter gradients by tiles that quads share (quad-tile.ts): dw[tap, ci, co] = sum over pixels of
 * x[pixel * stride - padding + tap, ci] * dy[pixel, co]. Rows are ci, columns co; an invocation loads one quad of a
 * tile's rows. Pixels are added some at a time; for those past the last, x counts as zero.
 */
import { SHAPE_CONSTANTS } from './convolution.ts'
import { type Kernel, kernelVariant, unroll } from './kernel.ts'
import { declareSums, eachRow, LANES, place, swapped, type Tile, TOGETHER } from './quad-tile.ts'
import { LINE_STEPS, reach } from './tap-reach.ts'

/** Pixels that are added to the sums at a time: on a software adapter changing a sum costs as much as two products. */
const PIXELS = 8

const FILTER_SOURCE = {
  bindings: { x: 'read vec4<f32>', dy: 'read vec4<f32>', dw: 'read_write vec4<f32>' },
  constants: [...SHAPE_CONSTANTS, 'splits'],
  features: ['subgroups'],
} as const

/** WGSL: this split's share of `pixels`: from `pixel` on, before `stop`. */
const share = (pixels: string) => `
  let pixels = ${pixels};
  let share = (pixels + u.splits - 1u) / u.splits;
  var pixel = group.z * share;
  let stop = min(pixel + share, pixels);`

/** WGSL: `let d<p>_<j>`, the column quads of the pixel number `p` at `at`. */
const loadColumns = ({ columns }: Tile, p: number, at: string) =>
  unroll(columns / 4, (j) => `let d${p}_${j} = dy[${at} + ${4 * j}u];`)

/** WGSL: adds the products of the quads `x<p>_0` (their first `lanes` channels) and the columns d<p>. */
const addPixels = ({ columns }: Tile, lanes: number) =>
  unroll(
    4,
    (s) => `
      ${s > 0 ? unroll(PIXELS, (p) => `let x${p}_${s} = ${swapped(s, `x${p}_0`)};`) : ''}
      ${unroll(lanes, (q) =>
        unroll(columns, (c) => {
          const product = (p: number) => `x${p}_${s}.${LANES[q]} * d${p}_${c >> 2}.${LANES[c & 3]}`
          return `s${4 * s + q}_${c} += ${unroll(PIXELS, product, ' + ')};`
        }),
      )}`,
  )

/** WGSL: stores the sums, where row quad `quad(swap)` of [taps, ci] is `wanted(swap)`; `adds`: see `filterGradientKernel`. */
const storeSums = (
  tile: Tile,
  adds: boolean,
  quad: (swap: string) => string,
  wanted: (swap: string) => string,
) => {
  const old = (at: string) => (adds ? ` + select(vec4<f32>(), dw[${at}], step.accumulate != 0u)` : '')
  const store = (j: number) => {
    const at = `to + ${4 * j}u`
    return `if (n + ${4 * j}u < u.co4) { dw[${at}] = value${j}${old(at)}; }`
  }
  return eachRow(
    tile,
    (s, t) => 4 * s + t,
    (s) => `
    if (${wanted(`${s}u`)}) {
      let to = ((group.z * u.kernel * u.kernel * u.ci4 + ${quad(`${s}u`)}) * 4u + t) * u.co4 + n;
      ${unroll(tile.columns / 4, store)}
    }`,
  )
}

/**
 * A quad's tile lies in one tap, and sums the pixels that the tap reaches. Positions walk from pixel to pixel and stay
 * at the last. `adds`: to what is there, where the step says so; a software adapter pays for that in every step, a fifth
 * of the kernel's time on a map of 2 x 2 pixels.
 */
export const filterGradientKernel = (name: string, tile: Tile, adds: boolean, workgroup: number): Kernel =>
  kernelVariant(`${name}-filter-gradient-${workgroup}${adds ? '+adds' : ''}`, () => ({
    ...FILTER_SOURCE,
    usesStep: adds,
    workgroup,
    body: `
  ${place(tile, 'u.co4')}
  let row_tiles = (u.ci4 + 3u) / 4u;
  let tile = m / ${tile.rows}u;
  let tile_tap = tile / row_tiles;
  let first = (tile - tile_tap * row_tiles) * 4u;
  let row = first + lane;
  let wanted = tile_tap < u.kernel * u.kernel;
  let tap = min(tile_tap, u.kernel * u.kernel - 1u);
  let ky = tap / u.kernel;
  let kx = tap - ky * u.kernel;
  ${reach('y', 'ky')}
  ${reach('x', 'kx')}
  let reached = reach_x * reach_y;
  ${share('u.count * reached')}
  ${declareSums(tile)}
  let image = pixel / reached;
  let within = pixel - image * reached;
  var oy = within / reach_x;
  var ox = within - oy * reach_x;
  let top = (first_y + oy) * u.stride + ky - u.padding;
  let left = (first_x + ox) * u.stride + kx - u.padding;
  var xi = ((image * u.side + top) * u.side + left) * u.ci4 + row;
  var di = ((image * u.out_side + first_y + oy) * u.out_side + first_x + ox) * u.co4 + n;
  ${LINE_STEPS}
  ${TOGETHER} loop {
    let ox0 = ox; let oy0 = oy; let xi0 = xi; let di0 = di;
    ${unroll(
      PIXELS,
      (p) => `
    let x${p}_0 = select(vec4<f32>(), x[xi${p}], pixel + ${p}u < stop);
    ${loadColumns(tile, p, `di${p}`)}
    let line_done${p} = ox${p} + 1u == reach_x;
    let image_done${p} = line_done${p} && oy${p} + 1u == reach_y;
    let ox${p + 1} = select(ox${p} + 1u, 0u, line_done${p});
    let oy${p + 1} = select(oy${p} + select(0u, 1u, line_done${p}), 0u, image_done${p});
    let x_step${p} = u.stride * u.ci4 + select(0u, x_line, line_done${p}) + select(0u, x_image, image_done${p});
    let d_step${p} = u.co4 + select(0u, d_line, line_done${p}) + select(0u, d_image, image_done${p});
    let xi${p + 1} = xi${p} + select(0u, x_step${p}, pixel + ${p + 1}u < stop);
    let di${p + 1} = di${p} + select(0u, d_step${p}, pixel + ${p + 1}u < stop);`,
    )}
    ${addPixels(tile, 4)}
    ox = ox${PIXELS}; oy = oy${PIXELS}; xi = xi${PIXELS}; di = di${PIXELS};
    continuing { pixel += ${PIXELS}u; break if pixel >= stop; }
  }
  ${storeSums(
    tile,
    adds,
    (swap) => `(tap * u.ci4 + first + (lane ^ ${swap}))`,
    (swap) => `wanted && first + (lane ^ ${swap}) < u.ci4`,
  )}`,
  }))

/**
 * For few channels (the stem has three): a tile's row quads run on over the taps, so that every pixel of y counts, and a
 * quad of x that its tap finds outside the image is zero.
 */
export const narrowFilterGradientKernel = (
  name: string,
  tile: Tile,
  lanes: number,
  adds: boolean,
  workgroup: number,
): Kernel =>
  kernelVariant(`${name}-narrow-filter-gradient${lanes}-${workgroup}${adds ? '+adds' : ''}`, () => ({
    ...FILTER_SOURCE,
    usesStep: adds,
    workgroup,
    body: `
  ${place(tile, 'u.co4')}
  let row_quads = u.kernel * u.kernel * u.ci4;
  let row = min(m / 4u + lane, row_quads - 1u);
  let ky = row / u.ci4 / u.kernel - u.padding;
  let kx = row / u.ci4 % u.kernel - u.padding;
  let c = row % u.ci4;
  ${share('u.count * u.out_side * u.out_side')}
  ${declareSums(tile)}
  var ox = pixel % u.out_side;
  var oy = pixel / u.out_side % u.out_side;
  var image = pixel / u.out_side / u.out_side;
  ${TOGETHER} loop {
      let ox0 = ox; let oy0 = oy; let image0 = image;
      ${unroll(
        PIXELS,
        (p) => `
      let ix${p} = ox${p} * u.stride + kx;
      let iy${p} = oy${p} * u.stride + ky;
      let inside${p} = ix${p} < u.side && iy${p} < u.side && pixel + ${p}u < stop;
      let x${p}_0 = select(vec4<f32>(), x[((image${p} * u.side + iy${p}) * u.side + ix${p}) * u.ci4 + c], inside${p});
      ${loadColumns(tile, p, `(pixel + ${p}u) * u.co4 + n`)}
      let line_done${p} = ox${p} + 1u == u.out_side;
      let image_done${p} = line_done${p} && oy${p} + 1u == u.out_side;
      let ox${p + 1} = select(ox${p} + 1u, 0u, line_done${p});
      let oy${p + 1} = select(oy${p} + select(0u, 1u, line_done${p}), 0u, image_done${p});
      let image${p + 1} = image${p} + select(0u, 1u, image_done${p});`,
      )}
      ${addPixels(tile, lanes)}
      ox = ox${PIXELS}; oy = oy${PIXELS}; image = image${PIXELS};
      continuing { pixel += ${PIXELS}u; break if pixel >= stop; }
  }
  ${storeSums(
    tile,
    adds,
    (swap) => `(m / 4u + (lane ^ ${swap}))`,
    (swap) => `m / 4u + (lane ^ ${swap}) < row_quads`,
  )}`,
  }))
