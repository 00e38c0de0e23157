/**
 * Forward pass and input gradient in tiles: sums over taps and channels of values that are gathered from the source
 * (x, or dy) times rows of a filter ([taps, source channels, columns]; for the input gradient it is turned first).
 *
 * Rows are dealt out pixel by pixel, the photos of the batch innermost, so that a tile covers few pixels of the map, and
 * taps that lie outside the image for all of them are left out: on a map of 2 x 2 that is five of nine.
 *
 * What changes from one step of the reduction to the next is added up, not computed: where a tap finds an invocation's
 * rows is worked out once a tap, and between taps only the channel moves. Kernel size, stride and padding are part of
 * the text. Where a map is so small that its tiles are too few for a GPU, the channels are split among workgroups.
 */

import type { BufferPart } from '../program.ts'
import type { ProgramBuilder } from '../program-builder.ts'
import { type ConvolutionShape, convolutionFlops } from './convolution.ts'
import { gradientOutput, type Output, sumSplitsKernel } from './convolution-workgroup-splits.ts'
import {
  bColumn,
  bDepth,
  depthQuads,
  exchanged,
  type Filling,
  findTile,
  invocations,
  loads,
  type Numbers,
  ownColumn,
  ownRow,
  sumTiles,
  type Tiling,
  tileMemory,
  tiles,
  tilingId,
  workgroupSide,
  ZERO_PAGE_QUADS,
} from './convolution-workgroup-tiling.ts'
import { type Direction, type Geometry, reachedTaps, type Walk, walks } from './convolution-workgroup-walk.ts'
import { foldGroups, type Kernel, kernelVariant, linearGroups, unroll } from './kernel.ts'

/** Workgroups that are aimed at by splitting the channels: a few for each processor of a large GPU. */
const WORKGROUPS = 256
/** Steps of the reduction that a split has at the least: shorter sums cost more in the second pass than they gain. */
const LEAST_DEPTH = 128

const CONSTANTS = [
  'count',
  'side',
  'columns4',
  'target4',
  'first4',
  'source_side',
  'source4',
  'splits',
  'split_quads',
] as const

/** WGSL: the element of the source at channel 0 of a tap, or the page of zeros. `also`: a condition. */
const findSource = (walk: Walk, slot: number, y: string, x: string, also = ''): string => {
  const sy = walk.source(`base_y${slot}`, y)
  const sx = walk.source(`base_x${slot}`, x)
  return `select(0u, ${ZERO_PAGE_QUADS}u + ((image${slot} + ${sy}) * u.source_side + ${sx}) * u.source4,
      ${also}${sy} < u.source_side && ${sx} < u.source_side)`
}

/** How tiles are filled, and what comes before. */
interface Walked extends Omit<Filling, 'aScale' | 'bScale'> {
  begin: string
}

/** Whole tiles of the reduction lie in one tap: its offsets are found once, and the channels counted through. */
function wholeTaps(t: Tiling, walk: Walk): Walked {
  const aSlots = loads(t, t.rows)
  const bSlots = loads(t, t.columns)
  const tap = `
      ${unroll(aSlots, (i) => `at${i} = ${findSource(walk, i, 'ty', 'tx')} + first + lane % ${depthQuads(t)}u;`)}
      wi = (${walk.tap('ty', 'tx')} * u.source4 + first) * 4u * u.columns4;`
  return {
    begin: `
  let pixel = m / u.count;
  let last_pixel = (min(m + ${t.rows}u, rows) - 1u) / u.count;
  let lowest_y = pixel / width;
  let highest_y = last_pixel / width;
  let lowest_x = select(0u, pixel % width, lowest_y == highest_y);
  let highest_x = select(width - 1u, last_pixel % width, lowest_y == highest_y);
  ${reachedTaps(walk, 'x')}
  ${reachedTaps(walk, 'y')}
  let first = split * u.split_quads;
  let rounds = (min(u.split_quads, u.source4 - first)) / ${depthQuads(t)}u;
  var ty = first_y;
  var tx = first_x;
  var channel = 0u;
  var wi = 0u;
  ${unroll(aSlots, (i) => `var at${i} = 0u;`, ' ')}
  ${unroll(bSlots, (i) => `let w_at${i} = ${bDepth(t, i)} * u.columns4 + min(n + ${bColumn(t)}, u.columns4 - 1u);`)}
  ${tap}`,
    steps: '(end_x - first_x) * (end_y - first_y) * rounds',
    load: `
      ${unroll(aSlots, (i) => `a${i} = x[at${i}];`)}
      ${unroll(bSlots, (i) => `b${i} = w[wi + w_at${i}];`)}`,
    advance: `
    channel++;
    wi += ${t.depth}u * u.columns4;
    ${unroll(aSlots, (i) => `at${i} += ${depthQuads(t)}u;`, ' ')}
    if (channel == rounds) {
      channel = 0u;
      tx++;
      if (tx == end_x) { tx = first_x; ty++; }
      ${tap}
    }`,
    aPlace: (slot) => aPlace(t, slot),
    aAlong: 'depth',
  }
}

/** Tiles of the reduction go across taps of `source4` quads each: for the photos (one quad) and for odd widths. */
function acrossTaps(t: Tiling, walk: Walk, source4: number): Walked {
  const aSlots = loads(t, t.rows)
  const bSlots = loads(t, t.columns)
  return {
    begin: `
  let depth = taps_x * taps_y * ${source4}u;
  var first = 0u;`,
    steps: `(depth + ${depthQuads(t) - 1}u) / ${depthQuads(t)}u`,
    load: `
      let k = first + lane % ${depthQuads(t)}u;
      let tap = k / ${source4}u;
      let ty = tap / taps_x;
      let tx = tap % taps_x;
      ${unroll(
        aSlots,
        (i) => `let source${i} = ${findSource(walk, i, 'ty', 'tx', 'k < depth && ')};
      a${i} = x[source${i} + select(0u, k % ${source4}u, k < depth)];`,
      )}
      ${unroll(
        bSlots,
        (i) => `let w_depth${i} = min(first * 4u + ${bDepth(t, i)}, depth * 4u - 1u);
      let w_tap${i} = w_depth${i} / ${4 * source4}u;
      b${i} = w[(${walk.tap(`(w_tap${i} / taps_x)`, `(w_tap${i} % taps_x)`)} * ${4 * source4}u
        + w_depth${i} % ${4 * source4}u) * u.columns4 + min(n + ${bColumn(t)}, u.columns4 - 1u)];`,
      )}`,
    advance: `first += ${depthQuads(t)}u;`,
    aPlace: (slot) => aPlace(t, slot),
    aAlong: 'depth',
  }
}

/** A quad of the source: its row in the tile, and its place there. */
const aRow = (t: Tiling, slot: number) =>
  `(lane / ${depthQuads(t)}u + ${(slot * invocations(t)) / depthQuads(t)}u)`
const aPlace = (t: Tiling, slot: number) => exchanged(t, `(lane % ${depthQuads(t)}u)`, aRow(t, slot))

/** `lanes`: values in a quad of the source. */
function gatherKernel(
  t: Tiling,
  numbers: Numbers,
  direction: Direction,
  geometry: Geometry,
  source4: number,
  lanes: number,
  output: Output,
): Kernel {
  const { kernel, stride, padding } = geometry
  const whole = source4 % depthQuads(t) === 0
  const depthId = whole ? '' : `-depth${source4}.${lanes}`
  const id = `workgroup-${tilingId(t)}-${direction}${kernel}.${stride}.${padding}${depthId}${numbers.id}${output.id}`
  return kernelVariant(id, () => {
    const forward = direction === 'forward'
    const walk = walks[direction](geometry)
    const { begin, ...filling } = whole ? wholeTaps(t, walk) : acrossTaps(t, walk, source4)
    const aScale = forward ? 1 : numbers.gradientScale
    return {
      bindings: { x: 'read vec4<f32>', w: 'read vec4<f32>', ...output.bindings },
      constants: CONSTANTS,
      features: numbers.features,
      workgroup: workgroupSide(t),
      head: tileMemory(t, numbers),
      body: `
  ${walk.phase}
  let rows = u.count * width * height;
  ${findTile(t, 'rows', 'u.columns4')}
  ${unroll(
    loads(t, t.rows),
    (i) => `
  let row${i} = min(m + ${aRow(t, i)}, rows - 1u);
  let base_x${i} = ${walk.base('x', `(row${i} / u.count % width)`)};
  let base_y${i} = ${walk.base('y', `(row${i} / u.count / width)`)};
  let image${i} = row${i} % u.count * u.source_side;`,
  )}
  ${begin}
  ${sumTiles(t, numbers, { ...filling, aScale, bScale: 1 }, lanes)}
  let part = split * u.count * u.side * u.side * u.target4 + u.first4;
  ${unroll(
    t.ownRows,
    (i) => `
  let m${i} = m + ${ownRow(t, 'depth', i)};
  if (m${i} < rows) {
    let pixel = m${i} / u.count;
    let to = part + ${walk.target(`m${i} % u.count`, 'pixel / width', 'pixel % width')} * u.target4;
    ${unroll(t.ownColumns / 4, (j) => {
      const column = `n + ${ownColumn(t, j)}`
      return `if (${column} < u.columns4) { ${output.store(`s${i}_${j}`, column, `to + ${column}`)} }`
    })}
  }`,
  )}`,
    }
  })
}

const geometryOf = ({ kernel, stride, padding }: ConvolutionShape): Geometry => ({ kernel, stride, padding })

/** [rows, columns] of the target, the source's quads of channels, and what is read. */
interface Product {
  direction: Direction
  shape: ConvolutionShape
  source: BufferPart
  filter: BufferPart
  /** Those of the target that the filter has. */
  columns: { first: number; count: number }
  output: Output
  /** What the output reads, then y. */
  parts: readonly BufferPart[]
}

/** Adds the product, and where its channels are split the second pass. */
export function lowerGather(builder: ProgramBuilder, t: Tiling, numbers: Numbers, product: Product): void {
  const { direction, shape, source, filter, columns, output, parts } = product
  const forward = direction === 'forward'
  const { count, stride } = shape
  const [side, sourceSide] = forward ? [shape.outSide, shape.side] : [shape.side, shape.outSide]
  const [targetChannels, channels] = forward
    ? [shape.outChannels, shape.inChannels]
    : [shape.inChannels, shape.outChannels]
  const phases = forward ? 1 : stride ** 2
  const workgroups = tiles(t, count * Math.ceil(side / (forward ? 1 : stride)) ** 2, columns.count)
  const { splits, splitQuads } = splitChannels(t, workgroups * phases, shape.kernel ** 2 / phases, channels)
  const quads = (count * side ** 2 * columns.count) / 4
  const lanes = forward ? Math.min(4, shape.usedChannels) : 4
  const columns4 = columns.count / 4
  const [target4, first4] = [targetChannels / 4, columns.first / 4]
  const kernel = (kernelOutput: Output) =>
    gatherKernel(t, numbers, direction, geometryOf(shape), channels / 4, lanes, kernelOutput)
  const constants = (rowQuads: number, firstQuad: number) => [
    count,
    side,
    columns4,
    rowQuads,
    firstQuad,
    sourceSide,
    channels / 4,
    splits,
    splitQuads,
  ]
  const groups = foldGroups(workgroups, phases * splits)
  const work = (convolutionFlops(shape) * columns.count) / targetChannels
  if (splits === 1) {
    builder.add(kernel(output), [source, filter, ...parts], constants(target4, first4), groups, work)
    return
  }
  const sums = builder.temporary(splits * quads * 4)
  builder.add(kernel(gradientOutput(false)), [source, filter, sums], constants(columns4, 0), groups, work)
  const second = sumSplitsKernel(output)
  const secondConstants = [splits, quads, columns4, target4, first4]
  builder.add(second, [sums, ...parts], secondConstants, linearGroups(second, quads))
}

/** Into how many parts the channels are cut, and their quads in each but the last. */
function splitChannels(t: Tiling, workgroups: number, taps: number, channels: number) {
  const rounds = Math.floor(channels / t.depth)
  const depth = taps * channels
  const wanted = Math.min(Math.floor(WORKGROUPS / workgroups), Math.floor(depth / LEAST_DEPTH))
  // What is not cut into whole tiles is not split.
  if (channels % t.depth !== 0 || wanted < 2) return { splits: 1, splitQuads: channels / 4 }
  const roundsEach = Math.ceil(rounds / wanted)
  return { splits: Math.ceil(rounds / roundsEach), splitQuads: roundsEach * depthQuads(t) }
}
