/**
 * Winograd's F(2x2, 3x3) on a GPU: 16 products of matrices in tiles of workgroup memory, with 2.25 times fewer
 * multiplications than the convolution, between transforms that go through global memory (4 values for each of x and y,
 * written and read). It pays where channels are many and the GPU's memory is fast.
 */

import { type BufferPart, ZERO_PAGE } from '../program.ts'
import type { ProgramBuilder } from '../program-builder.ts'
import { type ConvolutionFamily, type ConvolutionShape, convolutionFlops } from './convolution.ts'
import { addTurned, epilogueOutput, gradientOutput, type Output } from './convolution-workgroup-splits.ts'
import {
  bColumn,
  bDepth,
  depthQuads,
  exchanged,
  type Filling,
  FLOAT32,
  findTile,
  fits,
  invocations,
  loads,
  NARROW,
  ownColumn,
  ownRow,
  sumTiles,
  type Tiling,
  tileMemory,
  tiles,
  tilingId,
  workgroupSide,
} from './convolution-workgroup-tiling.ts'
import { type DeviceTraits, foldGroups, type Kernel, kernelVariant, linearGroups, unroll } from './kernel.ts'
import {
  filterGradientOutputKernel,
  filterPointsKernel,
  outputKernel,
  POINTS,
  pointsKernel,
} from './winograd-transforms.ts'

/** Workgroups that are aimed at by splitting a filter gradient's tiles, and the least tiles of a split. */
const WORKGROUPS = 512
const LEAST_TILES = 64
/**
 * Most filters (ci * co) that are transformed: layer4's 16 points would take 17 MB, and its maps of 2 x 2 to 7 x 7 pixels
 * are where leaving out taps gains most without them.
 */
const MOST_FILTERS = 256 * 256

/** a [16, rows, depth] * b [16, depth, columns] -> products [16, rows, columns]; the point in z. */
const productKernel = (t: Tiling): Kernel =>
  kernelVariant(`workgroup-${tilingId(t)}-winograd-product`, () => {
    const row = (slot: number) => `(lane / ${depthQuads(t)}u + ${(slot * invocations(t)) / depthQuads(t)}u)`
    const aSlots = loads(t, t.rows)
    const bSlots = loads(t, t.columns)
    const filling: Filling = {
      steps: `u.depth4 / ${depthQuads(t)}u`,
      load: `
      ${unroll(aSlots, (i) => `a${i} = a[a_at${i} + k];`)}
      ${unroll(bSlots, (i) => `b${i} = b[b_at${i} + k * 4u * u.columns4];`)}`,
      advance: `k += ${depthQuads(t)}u;`,
      aPlace: (slot) => exchanged(t, `(lane % ${depthQuads(t)}u)`, row(slot)),
      aAlong: 'depth',
      aScale: 1,
      bScale: 1,
    }
    return {
      bindings: { a: 'read vec4<f32>', b: 'read vec4<f32>', products: 'read_write vec4<f32>' },
      constants: ['rows', 'depth4', 'columns4'],
      workgroup: workgroupSide(t),
      head: tileMemory(t, FLOAT32),
      body: `
  ${findTile(t, 'u.rows', 'u.columns4')}
  ${unroll(aSlots, (i) => `let a_at${i} = (group.z * u.rows + min(m + ${row(i)}, u.rows - 1u)) * u.depth4 + lane % ${depthQuads(t)}u;`)}
  ${unroll(bSlots, (i) => `let b_at${i} = (group.z * u.depth4 * 4u + ${bDepth(t, i)}) * u.columns4 + min(n + ${bColumn(t)}, u.columns4 - 1u);`)}
  var k = 0u;
  ${sumTiles(t, FLOAT32, filling, 4)}
  ${unroll(
    t.ownRows,
    (i) => `
  if (m + ${ownRow(t, 'depth', i)} < u.rows) {
    let to = (group.z * u.rows + m + ${ownRow(t, 'depth', i)}) * u.columns4 + n;
    ${storeSums(t, i, 'products')}
  }`,
  )}`,
    }
  })

/** a [16, depth, rows] and b [16, depth, columns] -> parts [16, splits, rows, columns], summed over a split's share. */
const transposedProductKernel = (t: Tiling): Kernel =>
  kernelVariant(`workgroup-${tilingId(t)}-winograd-transposed-product`, () => {
    const quads = t.rows / 4
    const depth = (slot: number) => `(lane / ${quads}u + ${(slot * invocations(t)) / quads}u)`
    const aSlots = loads(t, t.rows)
    const bSlots = loads(t, t.columns)
    const filling: Filling = {
      steps: `(stop - begin + ${t.depth - 1}u) / ${t.depth}u`,
      load: `
      ${unroll(
        aSlots,
        (i) => `a${i} = vec4<f32>();
      if (k + ${depth(i)} < stop) { a${i} = a[(point * u.depth + k + ${depth(i)}) * u.rows4 + a_quad]; }`,
      )}
      ${unroll(
        bSlots,
        (i) => `b${i} = vec4<f32>();
      if (k + ${bDepth(t, i)} < stop) { b${i} = b[(point * u.depth + k + ${bDepth(t, i)}) * u.columns4 + b_quad]; }`,
      )}`,
      advance: `k += ${t.depth}u;`,
      aPlace: (slot) => `${depth(slot)} * ${quads}u + lane % ${quads}u`,
      aAlong: 'rows',
      aScale: 1,
      bScale: 1,
    }
    return {
      bindings: { a: 'read vec4<f32>', b: 'read vec4<f32>', parts: 'read_write vec4<f32>' },
      constants: ['depth', 'rows4', 'columns4', 'splits'],
      workgroup: workgroupSide(t),
      head: tileMemory(t, FLOAT32),
      body: `
  let rows = u.rows4 * 4u;
  ${findTile(t, 'rows', 'u.columns4')}
  let point = group.z / u.splits;
  let share = (u.depth + u.splits * ${t.depth}u - 1u) / (u.splits * ${t.depth}u) * ${t.depth}u;
  let begin = min(group.z % u.splits * share, u.depth);
  let stop = min(begin + share, u.depth);
  let a_quad = min(m / 4u + lane % ${quads}u, u.rows4 - 1u);
  let b_quad = min(n + ${bColumn(t)}, u.columns4 - 1u);
  var k = begin;
  ${sumTiles(t, FLOAT32, filling, 4)}
  ${unroll(
    t.ownRows,
    (i) => `
  if (m + ${ownRow(t, 'rows', i)} < rows) {
    let to = (group.z * rows + m + ${ownRow(t, 'rows', i)}) * u.columns4 + n;
    ${storeSums(t, i, 'parts')}
  }`,
  )}`,
    }
  })

const storeSums = (t: Tiling, i: number, target: string): string =>
  unroll(
    t.ownColumns / 4,
    (j) => `if (n + ${ownColumn(t, j)} < u.columns4) { ${target}[to + ${ownColumn(t, j)}] = s${i}_${j}; }`,
  )

const tilesSide = ({ side }: ConvolutionShape): number => Math.ceil(side / 2)
const tileCount = (shape: ConvolutionShape): number => shape.count * tilesSide(shape) ** 2

/** An activation without its page of zeros. */
const withoutPage = ({ buffer, offset, size }: BufferPart): BufferPart => ({
  buffer,
  offset: offset + ZERO_PAGE,
  size: size - ZERO_PAGE,
})

/** Adds the points of `source` ([count, side, side, channels]). */
function addPoints(
  builder: ProgramBuilder,
  of: 'patches' | 'gradients',
  shape: ConvolutionShape,
  source: BufferPart,
  channels: number,
): BufferPart {
  const kernel = pointsKernel(of)
  const count = tileCount(shape)
  const points = builder.temporary(POINTS * count * channels)
  const constants = [count, tilesSide(shape), channels / 4, shape.side]
  builder.add(kernel, [source, points], constants, linearGroups(kernel, (count * channels) / 4))
  return points
}

/** source [count, side, side, channels] convolved with filter [3, 3, channels, columns], then as `output` says. */
function lowerProduct(
  builder: ProgramBuilder,
  t: Tiling,
  shape: ConvolutionShape,
  { source, filter, turned, columns, output, parts }: Product,
): void {
  const channels = filter.size / 9 / columns
  const count = tileCount(shape)
  const filterKernel = filterPointsKernel(turned)
  const filterQuads = (channels * columns) / 4
  const filterPoints = builder.temporary(POINTS * channels * columns)
  builder.add(filterKernel, [filter, filterPoints], [filterQuads], linearGroups(filterKernel, filterQuads))
  const points = addPoints(builder, 'patches', shape, withoutPage(source), channels)
  const products = builder.temporary(POINTS * count * columns)
  builder.add(
    productKernel(t),
    [points, filterPoints, products],
    [count, channels / 4, columns / 4],
    foldGroups(tiles(t, count, columns), POINTS),
    convolutionFlops(shape),
  )
  const last = outputKernel(output)
  const constants = [count, tilesSide(shape), columns / 4, shape.side]
  builder.add(last, [products, ...parts], constants, linearGroups(last, (count * columns) / 4))
}

interface Product {
  /** With its page of zeros. */
  source: BufferPart
  filter: BufferPart
  turned: boolean
  columns: number
  output: Output
  /** What the output reads, then y. */
  parts: readonly BufferPart[]
}

/** Convolutions of 3 x 3 and stride 1 whose channels fill whole tiles, in products with these tiles. */
export function winogradFamily(t: Tiling): ConvolutionFamily {
  const suits =
    (columns: (shape: ConvolutionShape) => number) => (s: ConvolutionShape, traits: DeviceTraits) =>
      s.kernel === 3 &&
      s.stride === 1 &&
      s.padding === 1 &&
      s.inChannels % t.depth === 0 &&
      s.outChannels % t.depth === 0 &&
      s.inChannels * s.outChannels <= MOST_FILTERS &&
      fits(t, FLOAT32, traits) &&
      t.columns <= Math.max(NARROW, columns(s))
  return {
    id: `workgroup-${tilingId(t)}-winograd`,

    forward: {
      suits: suits(({ outChannels }) => outChannels),
      lower(builder, shape, epilogue, { x, w, scale, shift, added, y }) {
        lowerProduct(builder, t, shape, {
          source: x,
          filter: w,
          turned: false,
          columns: shape.outChannels,
          output: epilogueOutput(epilogue),
          parts: [scale, shift, added, y].filter((part) => part !== undefined),
        })
      },
    },

    inputGradient: {
      suits: suits(({ inChannels }) => inChannels),
      lower(builder, shape, accumulate, { dy, w, dx }) {
        const { inChannels, outChannels } = shape
        const filter = addTurned(builder, w, { taps: 9, inChannels, outChannels })
        lowerProduct(builder, t, shape, {
          source: dy,
          filter,
          turned: true,
          columns: inChannels,
          output: gradientOutput(accumulate),
          parts: [dx],
        })
      },
    },

    filterGradient: {
      suits: suits(({ outChannels }) => outChannels),
      lower(builder, shape, { x, dy, dw }) {
        const { inChannels, outChannels } = shape
        const count = tileCount(shape)
        const patches = addPoints(builder, 'patches', shape, x, inChannels)
        const gradients = addPoints(builder, 'gradients', shape, dy, outChannels)
        const workgroups = POINTS * tiles(t, inChannels, outChannels)
        const splits = Math.min(Math.ceil(WORKGROUPS / workgroups), Math.ceil(count / LEAST_TILES))
        const parts = builder.temporary(POINTS * splits * inChannels * outChannels)
        builder.add(
          transposedProductKernel(t),
          [patches, gradients, parts],
          [count, inChannels / 4, outChannels / 4, splits],
          foldGroups(tiles(t, inChannels, outChannels), POINTS * splits),
          convolutionFlops(shape),
        )
        const quads = (inChannels * outChannels) / 4
        const last = filterGradientOutputKernel
        builder.add(last, [parts, dw], [splits, quads], linearGroups(last, quads))
      },
    },
  }
}
