/**
 * Convolution tiles in workgroup memory, for GPUs: 64 invocations share a tile of 64 x 64 sums (8 x 8 each) and bring
 * 16 steps of the reduction at a time into workgroup memory.
 *
 * Rows and columns are dealt out so that neighbouring invocations read neighbouring words: invocation (x, y) has the
 * rows y, y + 8, ... and the column quads x and x + 8.
 */
import {
  addSplit,
  type ConvolutionFamily,
  convolutionFlops,
  type Epilogue,
  epilogueId,
  finish,
  forwardBindings,
  SHAPE_CONSTANTS,
  shapeConstants,
  ZERO_PAGE,
} from './convolution.ts'
import { foldGroups, type Kernel, kernelVariant, unroll } from './kernel.ts'

const TILE = 64
const TILE_QUADS = TILE / 4
const SIDE = 8
/** Quads of the reduction in workgroup memory at a time. */
const DEPTH = 4
const ROWS = TILE / SIDE
const QUADS = 2
/** Workgroups that a filter gradient aims at by splitting its sum, and the least pixels of a split. */
const FILTER_WORKGROUPS = 512
const LEAST_PIXELS = 64

const ZERO_PAGE_QUADS = ZERO_PAGE / 4
const LANES = 'xyzw'

/** Two tiles of 64 x 16 values. */
const MEMORY = `
var<workgroup> a_tile: array<vec4<f32>, ${TILE * DEPTH}>;
var<workgroup> b_tile: array<vec4<f32>, ${TILE * DEPTH}>;`

const accumulators = unroll(ROWS, (i) => unroll(QUADS, (j) => `var a${i}_${j} = vec4<f32>();`, ' '))

/** WGSL: this workgroup's tile of `rows` x `columns` (in quads), or nothing to do. */
const tile = (rows: string, columnQuads: string) => `
  let lane = local.y * ${SIDE}u + local.x;
  let column_tiles = (${columnQuads} + ${TILE_QUADS - 1}u) / ${TILE_QUADS}u;
  let tile = group.y * groups.x + group.x;
  let n = (tile % column_tiles) * ${TILE_QUADS}u;
  let m = (tile / column_tiles) * ${TILE}u;
  if (m >= ${rows}) { return; }`

/** WGSL: where this invocation finds its depth quad and the `slot`-th of the four rows that it loads. */
const loadRow = (slot: number) => `(lane / ${DEPTH}u + ${(slot * TILE) / DEPTH}u)`

const forwardKernel = (epilogue: Epilogue): Kernel =>
  kernelVariant(`workgroup-forward${epilogueId(epilogue)}`, () => ({
    bindings: forwardBindings(epilogue),
    constants: SHAPE_CONSTANTS,
    workgroup: [SIDE, SIDE],
    head: MEMORY,
    body: `
  let rows = u.count * u.out_side * u.out_side;
  ${tile('rows', 'u.co4')}
  ${unroll(
    DEPTH,
    (i) => `
  let row${i} = min(m + ${loadRow(i)}, rows - 1u);
  let line${i} = row${i} / u.out_side;
  let x${i} = (row${i} % u.out_side) * u.stride - u.padding;
  let y${i} = (line${i} % u.out_side) * u.stride - u.padding;
  let image${i} = (line${i} / u.out_side) * u.side;`,
  )}
  ${accumulators}
  let depth = u.kernel * u.kernel * u.ci4;
  for (var first = 0u; first < depth; first += ${DEPTH}u) {
    let k = first + lane % ${DEPTH}u;
    let tap = k / u.ci4;
    let c = k % u.ci4;
    let ky = tap / u.kernel;
    let kx = tap % u.kernel;
    ${unroll(
      DEPTH,
      (i) => `
    let inside${i} = k < depth && y${i} + ky < u.side && x${i} + kx < u.side;
    a_tile[(lane % ${DEPTH}u) * ${TILE}u + ${loadRow(i)}] =
      x[select(0u, ${ZERO_PAGE_QUADS}u + ((image${i} + y${i} + ky) * u.side + x${i} + kx) * u.ci4 + c, inside${i})];
    let kr${i} = lane / ${TILE_QUADS}u + ${i * DEPTH}u;
    var b${i} = vec4<f32>();
    if (first * 4u + kr${i} < depth * 4u && n + lane % ${TILE_QUADS}u < u.co4) {
      b${i} = w[(first * 4u + kr${i}) * u.co4 + n + lane % ${TILE_QUADS}u];
    }
    b_tile[kr${i} * ${TILE_QUADS}u + lane % ${TILE_QUADS}u] = b${i};`,
    )}
    workgroupBarrier();
    for (var d = 0u; d < ${DEPTH}u; d++) {
      ${unroll(ROWS, (i) => `let v${i} = a_tile[d * ${TILE}u + local.y + ${i * SIDE}u];`, ' ')}
      ${unroll(
        4,
        (q) => `
      ${unroll(QUADS, (j) => `let w${q}_${j} = b_tile[(d * 4u + ${q}u) * ${TILE_QUADS}u + local.x + ${j * SIDE}u];`, ' ')}
      ${unroll(ROWS, (i) => unroll(QUADS, (j) => `a${i}_${j} += v${i}.${LANES[q]} * w${q}_${j};`, ' '))}`,
      )}
    }
    workgroupBarrier();
  }
  ${unroll(
    ROWS,
    (i) => `
  if (m + local.y + ${i * SIDE}u < rows) {
    let to = (m + local.y + ${i * SIDE}u) * u.co4;
    ${unroll(QUADS, (j) => {
      const column = `n + local.x + ${j * SIDE}u`
      return `if (${column} < u.co4) { ${finish(epilogue, `a${i}_${j}`, column, `to + ${column}`)} }`
    })}
  }`,
  )}`,
  }))

/** As in the register tiles, a phase in z; the tile of w lies by columns, and its sums are dot products along co. */
const inputGradientKernel = (accumulate: boolean): Kernel =>
  kernelVariant(`workgroup-input-gradient${accumulate ? '+accumulate' : ''}`, () => ({
    bindings: { dy: 'read vec4<f32>', w: 'read vec4<f32>', dx: 'read_write vec4<f32>' },
    constants: SHAPE_CONSTANTS,
    workgroup: [SIDE, SIDE],
    head: MEMORY,
    body: `
  let phase_x = group.z % u.stride;
  let phase_y = group.z / u.stride;
  let width = (u.side - phase_x + u.stride - 1u) / u.stride;
  let height = (u.side - phase_y + u.stride - 1u) / u.stride;
  let rows = u.count * height * width;
  ${tile('rows', 'u.ci4')}
  let tap_x = (phase_x + u.padding) % u.stride;
  let tap_y = (phase_y + u.padding) % u.stride;
  let taps_x = (max(u.kernel, tap_x) - tap_x + u.stride - 1u) / u.stride;
  let taps_y = (max(u.kernel, tap_y) - tap_y + u.stride - 1u) / u.stride;
  ${unroll(
    DEPTH,
    (i) => `
  let row${i} = min(m + ${loadRow(i)}, rows - 1u);
  let line${i} = row${i} / width;
  let x${i} = ((row${i} % width) * u.stride + phase_x + u.padding - tap_x) / u.stride;
  let y${i} = ((line${i} % height) * u.stride + phase_y + u.padding - tap_y) / u.stride;
  let image${i} = (line${i} / height) * u.out_side;`,
  )}
  ${accumulators}
  let depth = taps_x * taps_y * u.co4;
  for (var first = 0u; first < depth; first += ${DEPTH}u) {
    let k = first + lane % ${DEPTH}u;
    let tap = k / u.co4;
    let c = k % u.co4;
    let step_y = tap / taps_x;
    let step_x = tap % taps_x;
    let wi = ((tap_y + step_y * u.stride) * u.kernel + tap_x + step_x * u.stride) * u.ci4 * 4u;
    ${unroll(
      DEPTH,
      (i) => `
    let oy${i} = y${i} - step_y;
    let ox${i} = x${i} - step_x;
    let inside${i} = k < depth && oy${i} < u.out_side && ox${i} < u.out_side;
    a_tile[(lane % ${DEPTH}u) * ${TILE}u + ${loadRow(i)}] =
      dy[select(0u, ${ZERO_PAGE_QUADS}u + ((image${i} + oy${i}) * u.out_side + ox${i}) * u.co4 + c, inside${i})];
    let column${i} = ${loadRow(i)};
    var b${i} = vec4<f32>();
    if (k < depth && n * 4u + column${i} < u.ci4 * 4u) { b${i} = w[(wi + n * 4u + column${i}) * u.co4 + c]; }
    b_tile[(lane % ${DEPTH}u) * ${TILE}u + (column${i} % 4u) * ${TILE_QUADS}u + column${i} / 4u] = b${i};`,
    )}
    workgroupBarrier();
    for (var d = 0u; d < ${DEPTH}u; d++) {
      ${unroll(ROWS, (i) => `let v${i} = a_tile[d * ${TILE}u + local.y + ${i * SIDE}u];`, ' ')}
      ${unroll(QUADS, (j) =>
        unroll(
          4,
          (q) => `
      let w${q}_${j} = b_tile[d * ${TILE}u + ${q * TILE_QUADS}u + local.x + ${j * SIDE}u];
      ${unroll(ROWS, (i) => `a${i}_${j}.${LANES[q]} += dot(v${i}, w${q}_${j});`, ' ')}`,
        ),
      )}
    }
    workgroupBarrier();
  }
  ${unroll(
    ROWS,
    (i) => `
  let m${i} = m + local.y + ${i * SIDE}u;
  if (m${i} < rows) {
    let ix = (m${i} % width) * u.stride + phase_x;
    let iy = (m${i} / width % height) * u.stride + phase_y;
    let to = ((m${i} / width / height * u.side + iy) * u.side + ix) * u.ci4;
    ${unroll(QUADS, (j) => {
      const column = `n + local.x + ${j * SIDE}u`
      return `if (${column} < u.ci4) { dx[to + ${column}] ${accumulate ? '+=' : '='} a${i}_${j}; }`
    })}
  }`,
  )}`,
  }))

/** Rows are (tap, ci), the reduction runs over the pixels of this split. Invocation (x, y) has the row quads y and y + 8. */
const filterGradientKernel = (direct: boolean): Kernel =>
  kernelVariant(`workgroup-filter-gradient${direct ? '+direct' : ''}`, () => ({
    bindings: { x: 'read vec4<f32>', dy: 'read vec4<f32>', dw: 'read_write vec4<f32>' },
    constants: [...SHAPE_CONSTANTS, 'pixels_per_split'],
    usesStep: direct,
    workgroup: [SIDE, SIDE],
    head: MEMORY,
    body: `
  let rows = u.kernel * u.kernel * u.ci4 * 4u;
  ${tile('rows', 'u.co4')}
  let quad = lane % ${TILE_QUADS}u;
  let mine = m / 4u + quad;
  let tap = mine / u.ci4;
  let c = mine % u.ci4;
  let ky = tap / u.kernel - u.padding;
  let kx = tap % u.kernel - u.padding;
  ${accumulators}
  let begin = group.z * u.pixels_per_split;
  let stop = min(begin + u.pixels_per_split, u.count * u.out_side * u.out_side);
  for (var first = begin; first < stop; first += ${4 * DEPTH}u) {
    ${unroll(
      DEPTH,
      (i) => `
    let k${i} = lane / ${TILE_QUADS}u + ${i * DEPTH}u;
    let pixel${i} = first + k${i};
    let line${i} = pixel${i} / u.out_side;
    let ix${i} = (pixel${i} % u.out_side) * u.stride + kx;
    let iy${i} = (line${i} % u.out_side) * u.stride + ky;
    var x${i} = vec4<f32>();
    if (pixel${i} < stop && mine * 4u < rows && ix${i} < u.side && iy${i} < u.side) {
      x${i} = x[((line${i} / u.out_side * u.side + iy${i}) * u.side + ix${i}) * u.ci4 + c];
    }
    a_tile[k${i} * ${TILE_QUADS}u + quad] = x${i};
    var d${i} = vec4<f32>();
    if (pixel${i} < stop && n + quad < u.co4) { d${i} = dy[pixel${i} * u.co4 + n + quad]; }
    b_tile[k${i} * ${TILE_QUADS}u + quad] = d${i};`,
    )}
    workgroupBarrier();
    for (var k = 0u; k < ${4 * DEPTH}u; k++) {
      ${unroll(QUADS, (r) => `let v${r} = a_tile[k * ${TILE_QUADS}u + local.y + ${r * SIDE}u];`, ' ')}
      ${unroll(QUADS, (j) => `let w${j} = b_tile[k * ${TILE_QUADS}u + local.x + ${j * SIDE}u];`, ' ')}
      ${unroll(ROWS, (i) => unroll(QUADS, (j) => `a${i}_${j} += v${i >> 2}.${LANES[i & 3]} * w${j};`, ' '))}
    }
    workgroupBarrier();
  }
  ${unroll(ROWS, (i) => {
    const row = `m + (local.y + ${(i >> 2) * SIDE}u) * 4u + ${i & 3}u`
    return `
  if (${row} < rows) {
    let to = (group.z * rows + ${row}) * u.co4;
    ${unroll(QUADS, (j) => {
      const at = `to + n + local.x + ${j * SIDE}u`
      const add = direct ? `if (step.accumulate != 0u) { a${i}_${j} += dw[${at}]; }` : ''
      return `if (n + local.x + ${j * SIDE}u < u.co4) { ${add} dw[${at}] = a${i}_${j}; }`
    })}
  }`
  })}`,
  }))

const tiles = (rows: number, columns: number): number => Math.ceil(rows / TILE) * Math.ceil(columns / TILE)
const always = () => true

export const workgroup: ConvolutionFamily = {
  id: 'workgroup',

  forward: {
    suits: always,
    lower(builder, shape, epilogue, { x, w, scale, shift, added, y }) {
      const groups = foldGroups(tiles(shape.count * shape.outSide ** 2, shape.outChannels))
      const parts = [x, w, scale, shift, added, y].filter((part) => part !== undefined)
      builder.add(forwardKernel(epilogue), parts, shapeConstants(shape), groups, convolutionFlops(shape))
    },
  },

  inputGradient: {
    suits: always,
    lower(builder, shape, accumulate, { dy, w, dx }) {
      const rows = shape.count * Math.ceil(shape.side / shape.stride) ** 2
      const groups = foldGroups(tiles(rows, shape.inChannels), shape.stride ** 2)
      const kernel = inputGradientKernel(accumulate)
      builder.add(kernel, [dy, w, dx], shapeConstants(shape), groups, convolutionFlops(shape))
    },
  },

  filterGradient: {
    suits: always,
    lower(builder, shape, { x, dy, dw }) {
      const workgroups = tiles(shape.kernel ** 2 * shape.inChannels, shape.outChannels)
      const pixels = shape.count * shape.outSide ** 2
      const wanted = Math.min(Math.ceil(FILTER_WORKGROUPS / workgroups), Math.ceil(pixels / LEAST_PIXELS))
      const pixelsPerSplit = Math.ceil(pixels / wanted)
      const splits = Math.ceil(pixels / pixelsPerSplit)
      const kernel = filterGradientKernel(splits === 1)
      const groups = foldGroups(workgroups, splits)
      const constants = [...shapeConstants(shape), pixelsPerSplit]
      addSplit(builder, splits, dw, (target) =>
        builder.add(kernel, [x, dy, target], constants, groups, convolutionFlops(shape)),
      )
    },
  },
}
