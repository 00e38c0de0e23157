/**
 * Convolutions by tiles that the invocations of a quad share (quad-tile.ts).
 *
 * Rows are dealt out pixel by pixel, the photos of the batch innermost, so that a tile covers few pixels of the map and
 * leaves out the taps that lie outside the image for all of them: on a map of 2 x 2 that is more than half.
 */
import { ZERO_PAGE } from '../program.ts'
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
} from './convolution.ts'
import { filterGradientKernel, narrowFilterGradientKernel } from './convolution-quads-filter.ts'
import { addZeros } from './fill.ts'
import { type Kernel, kernelVariant, linearGroups, unroll } from './kernel.ts'
import {
  addProducts,
  declareSums,
  eachRow,
  hasQuads,
  LANES,
  place,
  type Tile,
  TOGETHER,
  workgroupOf,
} from './quad-tile.ts'

/** Channels of the quads that are added to a sum at a time. */
const DEPTHS = [4, 4]
/** Tiles that a filter gradient aims at by splitting its sum, and the least pixels of a split. */
const FILTER_TILES = 32
const SPLIT_PIXELS = 32

const ZERO_PAGE_QUADS = ZERO_PAGE / 4
/** WGSL: a name's least or largest value over the rows of a quad, from `<name>0`, `<name>1`, ... of this invocation. */
const reduced = (operation: 'min' | 'max', name: string, count: number) => `
  var ${name} = ${name}0;
  ${unroll(count - 1, (i) => `${name} = ${operation}(${name}, ${name}${i + 1});`, ' ')}
  ${name} = ${operation}(${name}, quadSwapX(${name}));
  ${name} = ${operation}(${name}, quadSwapY(${name}));`

/** WGSL: for row number i of this invocation quad `c + q` of the `quads` of `source`; zero behind the last. */
const quadOf = (source: string, quads: string) => (i: number, q: number) => {
  const read = `${source}[at${i} + c + ${q}u]`
  return q === 0 ? read : `select(vec4<f32>(), ${read}, c + ${q}u < ${quads})`
}

/**
 * WGSL: `step` for each tap from first to last and each quad `c` of `quads`, `together` at a time; `tap` before the quads
 * of a tap.
 */
const overTaps = (
  count: number,
  stride: string,
  quads: string,
  together: number,
  tap: string,
  step: string,
) => `
  ${reduced('min', 'first_x', count)}
  ${reduced('max', 'last_x', count)}
  ${reduced('min', 'first_y', count)}
  ${reduced('max', 'last_y', count)}
  var ky = first_y;
  ${TOGETHER} loop {
    var kx = first_x;
    loop {
      ${tap}
      var c = 0u;
      loop {
        ${step}
        continuing { c += ${together}u; break if c >= ${quads}; }
      }
      continuing { kx += ${stride}; break if kx > last_x; }
    }
    continuing { ky += ${stride}; break if ky > last_y; }
  }`

/** `depths`: channels that hold values in the quads of x that are added at a time. */
const forwardKernel = (
  tile: Tile,
  epilogue: Epilogue,
  depths: readonly number[],
  workgroup: number,
): Kernel =>
  kernelVariant(`${nameOf(tile)}-forward${depths.join('+')}-${workgroup}${epilogueId(epilogue)}`, () => {
    const own = tile.rows / 4
    const quads = tile.columns / 4
    return {
      bindings: forwardBindings(epilogue),
      constants: SHAPE_CONSTANTS,
      features: ['subgroups'],
      workgroup,
      body: `
  ${place(tile, 'u.co4')}
  let rows = u.count * u.out_side * u.out_side;
  ${unroll(
    own,
    (i) => `
  let row${i} = min(m + ${4 * i}u + lane, rows - 1u);
  let pixel${i} = row${i} / u.count;
  let image${i} = (row${i} % u.count) * u.side;
  let x${i} = (pixel${i} % u.out_side) * u.stride;
  let y${i} = (pixel${i} / u.out_side) * u.stride;
  ${unroll(
    2,
    (a) => `
  let first_${LANES[a]}${i} = max(u.padding, ${LANES[a]}${i}) - ${LANES[a]}${i};
  let last_${LANES[a]}${i} = min(u.kernel, u.side + u.padding - ${LANES[a]}${i}) - 1u;`,
  )}`,
  )}
  ${declareSums(tile)}
  ${overTaps(
    own,
    '1u',
    'u.ci4',
    depths.length,
    `
      ${unroll(
        own,
        (i) => `
      let py${i} = y${i} + ky - u.padding;
      let px${i} = x${i} + kx - u.padding;
      let at${i} = select(0u, ${ZERO_PAGE_QUADS}u + ((image${i} + py${i}) * u.side + px${i}) * u.ci4, py${i} < u.side && px${i} < u.side);`,
      )}
      let tap = (ky * u.kernel + kx) * u.ci4 * 4u * u.co4 + n;`,
    `
        let wi = tap + c * 4u * u.co4;
        ${unroll(depths.length, (q) =>
          unroll(depths[q], (k) =>
            unroll(quads, (j) => `let w${q}_${k}_${j} = w[wi + ${4 * q + k}u * u.co4 + ${4 * j}u];`, ' '),
          ),
        )}
        ${addProducts(
          tile,
          depths,
          quadOf('x', 'u.ci4'),
          (q, k, column) => `w${q}_${k}_${column >> 2}.${LANES[column & 3]}`,
        )}`,
  )}
  ${eachRow(
    tile,
    (s, t) => 4 * t + s,
    (s) => `
    let row = m + 4u * t + (lane ^ ${s}u);
    if (row < rows) {
      let to = (row % u.count * u.out_side * u.out_side + row / u.count) * u.co4 + n;
      ${unroll(quads, (j) => `if (n + ${4 * j}u < u.co4) { ${finish(epilogue, `value${j}`, `n + ${4 * j}u`, `to + ${4 * j}u`)} }`)}
    }`,
  )}`,
    }
  })

/**
 * dx[pixel, ci] = sum over taps and co of dy[(pixel + padding - tap) / stride, co] * w[tap, ci, co]. The phase
 * (z) fixes the pixel's remainder by the stride, and so which taps reach it. Phases that no tap reaches are left out.
 */
const inputGradientKernel = (tile: Tile, accumulate: boolean, workgroup: number): Kernel =>
  kernelVariant(`${nameOf(tile)}-input-gradient-${workgroup}${accumulate ? '+accumulate' : ''}`, () => {
    const own = tile.rows / 4
    const quads = tile.columns / 4
    const column = (c: number) => `(n + ${4 * (c >> 2)}u) * 4u + ${c & 3}u`
    return {
      bindings: { dy: 'read vec4<f32>', w: 'read vec4<f32>', dx: 'read_write vec4<f32>' },
      constants: SHAPE_CONSTANTS,
      features: ['subgroups'],
      workgroup,
      body: `
  ${place(tile, 'u.ci4')}
  let phases = min(u.kernel, u.stride);
  let tap_x = group.z % phases;
  let tap_y = group.z / phases;
  let phase_x = (tap_x + u.stride - u.padding % u.stride) % u.stride;
  let phase_y = (tap_y + u.stride - u.padding % u.stride) % u.stride;
  let width = (u.side - phase_x + u.stride - 1u) / u.stride;
  let height = (u.side - phase_y + u.stride - 1u) / u.stride;
  let rows = u.count * height * width;
  ${unroll(
    own,
    (i) => `
  let row${i} = min(m + ${4 * i}u + lane, rows - 1u);
  let pixel${i} = row${i} / u.count;
  let image${i} = (row${i} % u.count) * u.out_side;
  ${unroll(2, (a) => {
    const axis = LANES[a]
    const position = a === 0 ? `pixel${i} % width` : `pixel${i} / width`
    return `
  let ${axis}${i} = ((${position}) * u.stride + phase_${axis} + u.padding - tap_${axis}) / u.stride;
  let first_${axis}${i} = tap_${axis} + (max(${axis}${i}, u.out_side - 1u) - (u.out_side - 1u)) * u.stride;
  let last_${axis}${i} = min(u.kernel - 1u, tap_${axis} + ${axis}${i} * u.stride);`
  })}`,
  )}
  ${declareSums(tile)}
  ${overTaps(
    own,
    'u.stride',
    'u.co4',
    DEPTHS.length,
    `
      ${unroll(
        own,
        (i) => `
      let oy${i} = y${i} - (ky - tap_y) / u.stride;
      let ox${i} = x${i} - (kx - tap_x) / u.stride;
      let at${i} = select(0u, ${ZERO_PAGE_QUADS}u + ((image${i} + oy${i}) * u.out_side + ox${i}) * u.co4, oy${i} < u.out_side && ox${i} < u.out_side && ky < u.kernel && kx < u.kernel);`,
      )}
      let tap = (ky * u.kernel + kx) * u.ci4 * 4u;
      ${unroll(tile.columns, (c) => `let wi${c} = (tap + ${column(c)}) * u.co4;`)}`,
    `
        ${unroll(DEPTHS.length, (q) => unroll(tile.columns, (c) => `let w${q}_${c} = w[wi${c} + c + ${q}u];`))}
        ${addProducts(tile, DEPTHS, quadOf('dy', 'u.co4'), (q, k, c) => `w${q}_${c}.${LANES[k]}`)}`,
  )}
  ${eachRow(
    tile,
    (s, t) => 4 * t + s,
    (s) => `
    let row = m + 4u * t + (lane ^ ${s}u);
    if (row < rows) {
      let pixel = row / u.count;
      let iy = (pixel / width) * u.stride + phase_y;
      let ix = (pixel % width) * u.stride + phase_x;
      let to = ((row % u.count * u.side + iy) * u.side + ix) * u.ci4 + n;
      ${unroll(quads, (j) => `if (n + ${4 * j}u < u.ci4) { dx[to + ${4 * j}u] ${accumulate ? '+=' : '='} value${j}; }`)}
    }`,
  )}`,
    }
  })

const nameOf = ({ rows, columns }: Tile): string => `quads-${rows}x${4 * columns}`

function quads(tile: Tile): ConvolutionFamily {
  const id = nameOf(tile)
  const columnTiles = (channels: number) => Math.ceil(channels / (4 * tile.columns))
  return {
    id,

    forward: {
      suits: hasQuads,
      lower(builder, shape, epilogue, { x, w, scale, shift, added, y }) {
        const depths = shape.usedChannels < 4 ? [shape.usedChannels] : DEPTHS
        const kernel = forwardKernel(tile, epilogue, depths, workgroupOf(builder.traits))
        const rows = Math.ceil((shape.count * shape.outSide ** 2) / tile.rows)
        const parts = [x, w, scale, shift, added, y].filter((part) => part !== undefined)
        const groups = linearGroups(kernel, 4 * rows * columnTiles(shape.outChannels))
        builder.add(kernel, parts, shapeConstants(shape), groups, convolutionFlops(shape))
      },
    },

    inputGradient: {
      suits: hasQuads,
      lower(builder, shape, accumulate, { dy, w, dx }) {
        const kernel = inputGradientKernel(tile, accumulate, workgroupOf(builder.traits))
        const rows = Math.ceil((shape.count * Math.ceil(shape.side / shape.stride) ** 2) / tile.rows)
        const phases = Math.min(shape.kernel, shape.stride) ** 2
        const groups = linearGroups(kernel, 4 * rows * columnTiles(shape.inChannels), phases)
        if (phases < shape.stride ** 2 && !accumulate) addZeros(builder, dx)
        builder.add(kernel, [dy, w, dx], shapeConstants(shape), groups, convolutionFlops(shape))
      },
    },

    filterGradient: {
      suits: hasQuads,
      lower(builder, shape, { x, dy, dw, wholeBatch = false }) {
        const { kernel: side, inChannels, usedChannels } = shape
        const narrow = inChannels < tile.rows
        const rowTiles = narrow
          ? Math.ceil((side ** 2 * inChannels) / tile.rows)
          : side ** 2 * Math.ceil(inChannels / tile.rows)
        const tiles = rowTiles * columnTiles(shape.outChannels)
        const splits = Math.min(
          Math.ceil(FILTER_TILES / tiles),
          Math.ceil((shape.count * shape.outSide ** 2) / SPLIT_PIXELS),
        )
        const workgroup = workgroupOf(builder.traits)
        const adds = splits === 1 && !wholeBatch
        const kernel = narrow
          ? narrowFilterGradientKernel(id, tile, Math.min(4, usedChannels), adds, workgroup)
          : filterGradientKernel(id, tile, adds, workgroup)
        const constants = [...shapeConstants(shape), splits]
        const groups = linearGroups(kernel, 4 * tiles, splits)
        addSplit(builder, splits, dw, (target) =>
          builder.add(kernel, [x, dy, target], constants, groups, convolutionFlops(shape)),
        )
      },
    },
  }
}

export const quads16x32 = quads({ rows: 16, columns: 8 })
