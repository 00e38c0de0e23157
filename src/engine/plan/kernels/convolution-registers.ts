/**
 * Convolution tiles in registers: an invocation keeps 8 x 8 sums and reads every operand from storage, without
 * workgroup memory or barriers (on a software adapter each of those costs more than the loads that it saves).
 */
import { ZERO_PAGE } from '../program.ts'
import {
  addSplit,
  type ConvolutionFamily,
  type ConvolutionShape,
  convolutionFlops,
  type Epilogue,
  epilogueId,
  finish,
  forwardBindings,
  SHAPE_CONSTANTS,
  shapeConstants,
} from './convolution.ts'
import { type Kernel, kernelVariant, linearGroups, unroll } from './kernel.ts'
import { LINE_STEPS, reach } from './tap-reach.ts'

const ROWS = 8
/** Column quads of a tile. */
const QUADS = 2
const WORKGROUP = 32
/** Invocations that a filter gradient aims at by splitting its sum. */
const FILTER_INVOCATIONS = 8192
/** Pixels that a split has at the least: shorter sums cost more in the second pass than they gain in the first. */
const SPLIT_PIXELS = 64

const ZERO_PAGE_QUADS = ZERO_PAGE / 4
const LANES = 'xyzw'
const accumulators = (rows: number) =>
  unroll(rows, (i) => unroll(QUADS, (j) => `var a${i}_${j} = vec4<f32>();`, ' '))

const forwardKernel = (epilogue: Epilogue, lanes: number): Kernel =>
  kernelVariant(`registers-forward${lanes}${epilogueId(epilogue)}`, () => ({
    bindings: forwardBindings(epilogue),
    constants: SHAPE_CONSTANTS,
    workgroup: WORKGROUP,
    body: `
  let column_tiles = (u.co4 + ${QUADS - 1}u) / ${QUADS}u;
  let n = (id % column_tiles) * ${QUADS}u;
  let m = (id / column_tiles) * ${ROWS}u;
  let rows = u.count * u.out_side * u.out_side;
  if (m >= rows) { return; }
  ${unroll(
    ROWS,
    (i) => `
  let row${i} = min(m + ${i}u, rows - 1u);
  let line${i} = row${i} / u.out_side;
  let x${i} = (row${i} % u.out_side) * u.stride - u.padding;
  let y${i} = (line${i} % u.out_side) * u.stride - u.padding;
  let image${i} = (line${i} / u.out_side) * u.side;`,
  )}
  ${accumulators(ROWS)}
  var wi = n;
  for (var ky = 0u; ky < u.kernel; ky++) {
    for (var kx = 0u; kx < u.kernel; kx++) {
      ${unroll(
        ROWS,
        (i) => `
      let py${i} = y${i} + ky;
      let px${i} = x${i} + kx;
      let at${i} = select(0u, ${ZERO_PAGE_QUADS}u + ((image${i} + py${i}) * u.side + px${i}) * u.ci4, py${i} < u.side && px${i} < u.side);`,
      )}
      for (var c = 0u; c < u.ci4; c++) {
        ${unroll(ROWS, (i) => `let v${i} = x[at${i} + c];`, ' ')}
        ${unroll(
          lanes,
          (q) => `
        ${unroll(QUADS, (j) => `let w${q}_${j} = w[wi + ${j}u];`, ' ')}
        ${unroll(ROWS, (i) => unroll(QUADS, (j) => `a${i}_${j} += v${i}.${LANES[q]} * w${q}_${j};`, ' '))}
        wi += u.co4;`,
        )}
        ${lanes < 4 ? `wi += ${4 - lanes}u * u.co4;` : ''}
      }
    }
  }
  ${unroll(
    ROWS,
    (i) => `
  if (m + ${i}u < rows) {
    let to = (m + ${i}u) * u.co4 + n;
    ${unroll(QUADS, (j) => `if (n + ${j}u < u.co4) { ${finish(epilogue, `a${i}_${j}`, `n + ${j}u`, `to + ${j}u`)} }`)}
  }`,
  )}`,
  }))

/**
 * dx[pixel, ci] = sum over taps and co of dy[(pixel + padding - tap) / stride, co] * w[tap, ci, co]. The phase
 * (z) fixes the pixel's remainder by the stride, and so which taps reach it.
 */
const inputGradientKernel = (accumulate: boolean): Kernel =>
  kernelVariant(`registers-input-gradient${accumulate ? '+accumulate' : ''}`, () => ({
    bindings: { dy: 'read vec4<f32>', w: 'read vec4<f32>', dx: 'read_write vec4<f32>' },
    constants: SHAPE_CONSTANTS,
    workgroup: WORKGROUP,
    body: `
  let phase_x = group.z % u.stride;
  let phase_y = group.z / u.stride;
  let width = (u.side - phase_x + u.stride - 1u) / u.stride;
  let height = (u.side - phase_y + u.stride - 1u) / u.stride;
  let column_tiles = (u.ci4 + ${QUADS - 1}u) / ${QUADS}u;
  let n = (id % column_tiles) * ${QUADS}u;
  let m = (id / column_tiles) * ${ROWS}u;
  let rows = u.count * height * width;
  if (m >= rows) { return; }
  let tap_x = (phase_x + u.padding) % u.stride;
  let tap_y = (phase_y + u.padding) % u.stride;
  ${unroll(
    ROWS,
    (i) => `
  let row${i} = min(m + ${i}u, rows - 1u);
  let line${i} = row${i} / width;
  let ix${i} = (row${i} % width) * u.stride + phase_x;
  let iy${i} = (line${i} % height) * u.stride + phase_y;
  let image${i} = line${i} / height;
  let x${i} = (ix${i} + u.padding - tap_x) / u.stride;
  let y${i} = (iy${i} + u.padding - tap_y) / u.stride;`,
  )}
  ${accumulators(ROWS)}
  var step_y = 0u;
  for (var ky = tap_y; ky < u.kernel; ky += u.stride) {
    var step_x = 0u;
    for (var kx = tap_x; kx < u.kernel; kx += u.stride) {
      ${unroll(
        ROWS,
        (i) => `
      let oy${i} = y${i} - step_y;
      let ox${i} = x${i} - step_x;
      let at${i} = select(0u, ${ZERO_PAGE_QUADS}u + ((image${i} * u.out_side + oy${i}) * u.out_side + ox${i}) * u.co4, oy${i} < u.out_side && ox${i} < u.out_side);`,
      )}
      let wi = ((ky * u.kernel + kx) * u.ci4 + n) * 4u * u.co4;
      for (var c = 0u; c < u.co4; c++) {
        ${unroll(ROWS, (i) => `let v${i} = dy[at${i} + c];`, ' ')}
        ${unroll(
          4 * QUADS,
          (k) => `
        let w${k} = w[wi + ${k}u * u.co4 + c];
        ${unroll(ROWS, (i) => `a${i}_${k >> 2}.${LANES[k & 3]} += dot(v${i}, w${k});`, ' ')}`,
        )}
      }
      step_x++;
    }
    step_y++;
  }
  ${unroll(
    ROWS,
    (i) => `
  if (m + ${i}u < rows) {
    let to = ((image${i} * u.side + iy${i}) * u.side + ix${i}) * u.ci4 + n;
    ${unroll(QUADS, (j) => `if (n + ${j}u < u.ci4) { dx[to + ${j}u] ${accumulate ? '+=' : '='} a${i}_${j}; }`)}
  }`,
  )}`,
  }))

/**
 * dw[tap, ci, co] = sum over pixels of x[pixel * stride - padding + tap, ci] * dy[pixel, co]. An invocation takes
 * one tap, `inputs` rows of ci and 8 columns of co, and its split's share of the pixels that the tap reaches, which
 * it counts through in one flat loop (nested ones cost more than the sums where a map has 2 x 2 pixels). `adds`: to
 * what is there, where the step says so.
 */
const filterGradientKernel = (inputs: number, lanes: number, adds: boolean): Kernel =>
  kernelVariant(`registers-filter-gradient${inputs}-${lanes}${adds ? '+adds' : ''}`, () => ({
    bindings: { x: 'read vec4<f32>', dy: 'read vec4<f32>', dw: 'read_write vec4<f32>' },
    constants: [...SHAPE_CONSTANTS, 'splits'],
    usesStep: adds,
    workgroup: WORKGROUP,
    body: `
  let column_tiles = (u.co4 + ${QUADS - 1}u) / ${QUADS}u;
  let row_tiles = (u.ci4 + ${inputs / 4 - 1}u) / ${inputs / 4}u;
  let n = (id % column_tiles) * ${QUADS}u;
  let c = (id / column_tiles % row_tiles) * ${inputs / 4}u;
  let tap = id / column_tiles / row_tiles;
  if (tap >= u.kernel * u.kernel) { return; }
  let ky = tap / u.kernel;
  let kx = tap % u.kernel;
  ${reach('y', 'ky')}
  ${reach('x', 'kx')}
  let reached = reach_x * reach_y;
  let pixels = u.count * reached;
  let share = (pixels + u.splits - 1u) / u.splits;
  var pixel = group.z * share;
  let stop = min(pixel + share, pixels);
  let image = pixel / reached;
  var oy = (pixel % reached) / reach_x;
  var ox = pixel % reach_x;
  let top = (first_y + oy) * u.stride + ky - u.padding;
  let left = (first_x + ox) * u.stride + kx - u.padding;
  var xi = ((image * u.side + top) * u.side + left) * u.ci4 + c;
  var di = ((image * u.out_side + first_y + oy) * u.out_side + first_x + ox) * u.co4 + n;
  ${LINE_STEPS}
  ${accumulators(inputs)}
  for (; pixel < stop; pixel++) {
    ${unroll(inputs / 4, (i) => `let v${i} = x[xi + ${i}u];`, ' ')}
    ${unroll(QUADS, (j) => `let d${j} = dy[di + ${j}u];`, ' ')}
    ${unroll(inputs, (i) =>
      (i & 3) < lanes ? unroll(QUADS, (j) => `a${i}_${j} += v${i >> 2}.${LANES[i & 3]} * d${j};`, ' ') : '',
    )}
    ox++;
    let line_done = ox == reach_x;
    oy += select(0u, 1u, line_done);
    let image_done = oy == reach_y;
    xi += u.stride * u.ci4 + select(0u, x_line, line_done) + select(0u, x_image, image_done);
    di += u.co4 + select(0u, d_line, line_done) + select(0u, d_image, image_done);
    ox = select(ox, 0u, line_done);
    oy = select(oy, 0u, image_done);
  }
  ${unroll(
    inputs,
    (i) => `
  if (c * 4u + ${i}u < u.ci4 * 4u) {
    let to = ((group.z * u.kernel * u.kernel + tap) * u.ci4 * 4u + c * 4u + ${i}u) * u.co4 + n;
    ${unroll(QUADS, (j) => {
      const add = `if (step.accumulate != 0u) { a${i}_${j} += dw[to + ${j}u]; }`
      return `if (n + ${j}u < u.co4) { ${adds ? add : ''} dw[to + ${j}u] = a${i}_${j}; }`
    })}
  }`,
  )}`,
  }))

const lanesOf = (shape: ConvolutionShape): number => Math.min(4, shape.usedChannels)
const tiles = (channels: number): number => Math.ceil(channels / (4 * QUADS))
const always = () => true

export const registers: ConvolutionFamily = {
  id: 'registers',

  forward: {
    suits: always,
    lower(builder, shape, epilogue, { x, w, scale, shift, added, y }) {
      const kernel = forwardKernel(epilogue, lanesOf(shape))
      const rows = Math.ceil((shape.count * shape.outSide ** 2) / ROWS)
      const parts = [x, w, scale, shift, added, y].filter((part) => part !== undefined)
      const groups = linearGroups(kernel, rows * tiles(shape.outChannels))
      builder.add(kernel, parts, shapeConstants(shape), groups, convolutionFlops(shape))
    },
  },

  inputGradient: {
    suits: always,
    lower(builder, shape, accumulate, { dy, w, dx }) {
      const kernel = inputGradientKernel(accumulate)
      const rows = Math.ceil((shape.count * Math.ceil(shape.side / shape.stride) ** 2) / ROWS)
      const groups = linearGroups(kernel, rows * tiles(shape.inChannels), shape.stride ** 2)
      builder.add(kernel, [dy, w, dx], shapeConstants(shape), groups, convolutionFlops(shape))
    },
  },

  filterGradient: {
    suits: always,
    lower(builder, shape, { x, dy, dw, wholeBatch = false }) {
      const inputs = shape.inChannels % 8 === 0 ? 8 : 4
      const invocations = shape.kernel ** 2 * (shape.inChannels / inputs) * tiles(shape.outChannels)
      const splits = Math.min(
        Math.ceil(FILTER_INVOCATIONS / invocations),
        Math.ceil((shape.count * shape.outSide ** 2) / SPLIT_PIXELS),
      )
      const kernel = filterGradientKernel(inputs, lanesOf(shape), splits === 1 && !wholeBatch)
      const groups = linearGroups(kernel, invocations, splits)
      addSplit(builder, splits, dw, (target) =>
        builder.add(
          kernel,
          [x, dy, target],
          [...shapeConstants(shape), splits],
          groups,
          convolutionFlops(shape),
        ),
      )
    },
  },
}
