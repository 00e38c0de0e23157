/**
 * 3 x 3 convolutions of stride 1 by Winograd's F(4 x 4, 3 x 3): transforms (winograd-4x4.ts) around 36 matrix products
 * in tiles that quads share (quad-tile.ts). Worth it where a map holds many tiles of 4 x 4 and channels are few.
 */

import { type BufferPart, ZERO_PAGE } from '../program.ts'
import type { ProgramBuilder } from '../program-builder.ts'
import { type ConvolutionFamily, type ConvolutionShape, convolutionFlops, type Suits } from './convolution.ts'
import { type Kernel, kernelVariant, linearGroups, unroll } from './kernel.ts'
import {
  addProducts,
  declareSums,
  eachRow,
  hasQuads,
  LANES,
  place,
  swapped,
  type Tile,
  TOGETHER,
  workgroupOf,
} from './quad-tile.ts'
import {
  filterGradientTransform,
  filterTransform,
  inputGradientTransform,
  inputTransform,
  OUTPUTS,
  outputGradientTransform,
  outputTransform,
  PRODUCTS,
} from './winograd-4x4.ts'

const TILE: Tile = { rows: 16, columns: 8 }
const QUADS = TILE.columns / 4
/** Tiles of photos that a filter gradient adds to its sums at a time. */
const TILES = 8

/** c [36, rows, columns] = a [36, rows, depth] b [36, depth, columns]; depth and columns in quads. */
const productsKernel = (workgroup: number): Kernel =>
  kernelVariant(`quads-products-${workgroup}`, () => ({
    bindings: { a: 'read vec4<f32>', b: 'read vec4<f32>', c: 'read_write vec4<f32>' },
    constants: ['rows', 'depth', 'columns'],
    features: ['subgroups'],
    workgroup,
    body: `
  ${place(TILE, 'u.columns')}
  ${unroll(TILE.rows / 4, (i) => `let at${i} = (group.z * u.rows + min(m + ${4 * i}u + lane, u.rows - 1u)) * u.depth;`)}
  ${declareSums(TILE)}
  var bi = group.z * u.depth * 4u * u.columns + n;
  var k = 0u;
  ${TOGETHER} loop {
    ${unroll(8, (k) => unroll(QUADS, (j) => `let b${k}_${j} = b[bi + ${k}u * u.columns + ${4 * j}u];`, ' '))}
    ${addProducts(
      TILE,
      [4, 4],
      (i, q) => (q === 0 ? `a[at${i} + k]` : `select(vec4<f32>(), a[at${i} + k + 1u], k + 1u < u.depth)`),
      (q, k, column) => `b${4 * q + k}_${column >> 2}.${LANES[column & 3]}`,
    )}
    continuing { k += 2u; bi += 8u * u.columns; break if k >= u.depth; }
  }
  ${eachRow(
    TILE,
    (s, t) => 4 * t + s,
    (s) => `
    let row = m + 4u * t + (lane ^ ${s}u);
    if (row < u.rows) {
      let to = (group.z * u.rows + row) * u.columns + n;
      ${unroll(QUADS, (j) => `if (n + ${4 * j}u < u.columns) { c[to + ${4 * j}u] = value${j}; }`)}
    }`,
  )}`,
  }))

/** c [36, rows, columns] = aᵀ b of a [36, depth, rows] and b [36, depth, columns]; rows and columns in quads. */
const transposedProductsKernel = (workgroup: number): Kernel =>
  kernelVariant(`quads-transposed-products-${workgroup}`, () => ({
    bindings: { a: 'read vec4<f32>', b: 'read vec4<f32>', c: 'read_write vec4<f32>' },
    constants: ['rows', 'depth', 'columns'],
    features: ['subgroups'],
    workgroup,
    body: `
  ${place(TILE, 'u.columns')}
  let row = m / 4u + lane;
  ${declareSums(TILE)}
  var k = 0u;
  ${TOGETHER} loop {
    ${unroll(TILES, (p) => {
      const at = p === 0 ? 'k' : `min(k + ${p}u, u.depth - 1u)`
      const row = `a[at${p} * u.rows + row]`
      return `
    let at${p} = group.z * u.depth + ${at};
    let a${p}_0 = ${p === 0 ? row : `select(vec4<f32>(), ${row}, k + ${p}u < u.depth)`};
    ${unroll(QUADS, (j) => `let b${p}_${j} = b[at${p} * u.columns + n + ${4 * j}u];`)}`
    })}
    ${unroll(
      4,
      (s) => `
    ${s > 0 ? unroll(TILES, (p) => `let a${p}_${s} = ${swapped(s, `a${p}_0`)};`) : ''}
    ${unroll(4, (q) =>
      unroll(TILE.columns, (c) => {
        const product = (p: number) => `a${p}_${s}.${LANES[q]} * b${p}_${c >> 2}.${LANES[c & 3]}`
        return `s${4 * s + q}_${c} += ${unroll(TILES, product, ' + ')};`
      }),
    )}`,
    )}
    continuing { k += ${TILES}u; break if k >= u.depth; }
  }
  ${eachRow(
    TILE,
    (s, t) => 4 * s + t,
    (s) => `
    let quad = m / 4u + (lane ^ ${s}u);
    if (quad < u.rows) {
      let to = ((group.z * u.rows + quad) * 4u + t) * u.columns + n;
      ${unroll(QUADS, (j) => `if (n + ${4 * j}u < u.columns) { c[to + ${4 * j}u] = value${j}; }`)}
    }`,
  )}`,
  }))

/** Filters with more pairs of channels would take more memory, transformed, than all else that a step keeps. */
const MOST_PAIRS = 128 ** 2

const suits: Suits = (shape, traits) =>
  hasQuads(shape, traits) &&
  shape.inChannels * shape.outChannels <= MOST_PAIRS &&
  shape.kernel === 3 &&
  shape.stride === 1 &&
  shape.padding === 1 &&
  shape.usedChannels === shape.inChannels

const tilesSideOf = (shape: ConvolutionShape): number => Math.ceil(shape.side / OUTPUTS)
const tilesOf = (shape: ConvolutionShape): number => shape.count * tilesSideOf(shape) ** 2

const withoutZeroPage = (part: BufferPart): BufferPart => ({
  ...part,
  offset: part.offset + ZERO_PAGE,
  size: part.size - ZERO_PAGE,
})

/** A transform of every tile of `channels` channels, from or to `parts` (the transformed tensor among them). */
function addTileTransform(
  builder: ProgramBuilder,
  shape: ConvolutionShape,
  kernel: Kernel,
  channels: number,
  parts: readonly BufferPart[],
): void {
  const tiles = tilesOf(shape)
  const constants = [shape.side, channels, tiles, tilesSideOf(shape)]
  builder.add(kernel, parts, constants, linearGroups(kernel, tiles * channels))
}

function transformed(
  builder: ProgramBuilder,
  shape: ConvolutionShape,
  kernel: Kernel,
  channels: number,
  source: BufferPart,
): BufferPart {
  const target = builder.temporary(PRODUCTS * tilesOf(shape) * channels)
  addTileTransform(builder, shape, kernel, channels, [source, target])
  return target
}

function addFilterTransform(
  builder: ProgramBuilder,
  { inChannels, outChannels }: ConvolutionShape,
  kernel: Kernel,
  parts: readonly BufferPart[],
): void {
  const size = inChannels * outChannels
  builder.add(kernel, parts, [inChannels, outChannels], linearGroups(kernel, size))
}

/** Products of [36, rows, depth] (or its transpose) and [36, depth, columns]. */
function products(
  builder: ProgramBuilder,
  kernel: Kernel,
  sizes: { rows: number; columns: number },
  constants: readonly number[],
  parts: readonly [BufferPart, BufferPart],
  flops: number,
): BufferPart {
  const { rows, columns } = sizes
  const target = builder.temporary(PRODUCTS * rows * columns)
  const tiles = Math.ceil(rows / TILE.rows) * Math.ceil(columns / (4 * TILE.columns))
  builder.add(kernel, [...parts, target], constants, linearGroups(kernel, 4 * tiles, PRODUCTS), flops)
  return target
}

/** The convolution of `source` with the filter, turned or not, before its output transform: [36, tiles, outputs]. */
function convolved(
  builder: ProgramBuilder,
  shape: ConvolutionShape,
  source: BufferPart,
  w: BufferPart,
  turned: boolean,
): BufferPart {
  const { inChannels, outChannels } = shape
  const [from, to] = turned ? [outChannels, inChannels] : [inChannels, outChannels]
  const filter = builder.temporary(PRODUCTS * inChannels * outChannels)
  addFilterTransform(builder, shape, filterTransform(turned), [w, filter])
  const input = transformed(builder, shape, inputTransform, from, withoutZeroPage(source))
  const tiles = tilesOf(shape)
  const kernel = productsKernel(workgroupOf(builder.traits))
  const constants = [tiles, from / 4, to / 4]
  const flops = convolutionFlops(shape) / 4
  return products(builder, kernel, { rows: tiles, columns: to }, constants, [input, filter], flops)
}

export const quadsWinograd: ConvolutionFamily = {
  /** 2: other points than at first, so other digits. */
  id: 'quads-winograd-4x4-2',

  forward: {
    suits,
    lower(builder, shape, epilogue, { x, w, scale, shift, added, y }) {
      const tiles = convolved(builder, shape, x, w, false)
      const parts = [tiles, scale, shift, added, y].filter((part) => part !== undefined)
      addTileTransform(builder, shape, outputTransform(epilogue), shape.outChannels, parts)
    },
  },

  inputGradient: {
    suits,
    lower(builder, shape, accumulate, { dy, w, dx }) {
      const tiles = convolved(builder, shape, dy, w, true)
      addTileTransform(builder, shape, inputGradientTransform(accumulate), shape.inChannels, [tiles, dx])
    },
  },

  filterGradient: {
    suits,
    lower(builder, shape, { x, dy, dw }) {
      const { inChannels, outChannels } = shape
      const input = transformed(builder, shape, inputTransform, inChannels, x)
      const output = transformed(builder, shape, outputGradientTransform, outChannels, dy)
      const kernel = transposedProductsKernel(workgroupOf(builder.traits))
      const constants = [inChannels / 4, tilesOf(shape), outChannels / 4]
      const sizes = { rows: inChannels, columns: outChannels }
      const flops = convolutionFlops(shape) / 4
      const tiles = products(builder, kernel, sizes, constants, [input, output], flops)
      addFilterTransform(builder, shape, filterGradientTransform, [tiles, dw])
    },
  },
}
