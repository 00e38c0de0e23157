/**
 * The loop that all kernels with tiles in workgroup memory share, as a generator of WGSL.
 *
 * A workgroup has a tile of `rows` x `columns` sums and brings `depth` steps of the reduction at a time into
 * workgroup memory; an invocation keeps `ownRows` x `ownColumns` of the sums in registers. What a tiling asks of the
 * memory, in float32 (FLOP per byte; each value that is brought in serves a whole row or column of sums):
 *
 * | tiling | invocations | FLOP / byte of global memory or L2 | of workgroup memory | KB of it |
 * | --- | --- | --- | --- | --- |
 * | 32 x 32 x 16, 4 x 4 | 64 | 8 | 1 | 4 |
 * | 32 x 64 x 16, 4 x 8 | 64 | 10.7 | 1.3 | 6 |
 * | 64 x 64 x 16, 8 x 8 | 64 | 16 | 2 | 8 |
 * | 128 x 64 x 8, 8 x 8, prefetching | 128 | 21.3 | 2 | 12 |
 * | 128 x 128 x 8, 8 x 8, prefetching | 256 | 32 | 2 | 16 |
 *
 * (global: 2 * rows * columns / (4 * (rows + columns)); workgroup: the same of `ownRows` and `ownColumns`, not counting
 * that invocations that read the same word are served at once). Tiles of f16 halve the bytes of workgroup memory only:
 * what is read from and written to global memory stays float32.
 */
import { ZERO_PAGE } from '../program.ts'
import { type DeviceTraits, type KernelFeature, unroll } from './kernel.ts'

export interface Tiling {
  /** Sums of a workgroup. */
  rows: number
  columns: number
  /** Steps of the reduction in workgroup memory at a time, a multiple of 4. */
  depth: number
  /** Sums of an invocation: rows, and columns in fours. */
  ownRows: number
  ownColumns: number
  /** The next tile is fetched into registers while this one is summed: twice the memory, one barrier a tile, not two. */
  prefetch: boolean
}

export const TILE_64: Tiling = {
  rows: 64,
  columns: 64,
  depth: 16,
  ownRows: 8,
  ownColumns: 8,
  prefetch: false,
}
export const TILE_128: Tiling = {
  rows: 128,
  columns: 128,
  depth: 8,
  ownRows: 8,
  ownColumns: 8,
  prefetch: true,
}
export const TILE_128_64: Tiling = { ...TILE_128, columns: 64 }
export const TILE_32_64: Tiling = { ...TILE_64, rows: 32, ownRows: 4 }
export const TILE_32: Tiling = { ...TILE_32_64, columns: 32, ownColumns: 4 }

/** In which numbers tiles are kept and multiplied. */
export interface Numbers {
  /** Ends kernels' ids. */
  id: string
  features: readonly KernelFeature[]
  /** WGSL: functions that the others call. */
  head: string
  /** Four values of a tile, and their bytes. */
  quad: string
  quadBytes: number
  /** WGSL: a vec4<f32> as a quad of a tile, and back. */
  narrow(value: string): string
  widen(quad: string): string
  /** WGSL: sum + factor * quad in the tile's numbers; null where quads are widened first and summed in float32. */
  multiplyAdd: ((sum: string, factor: string, quad: string) => string) | null
  /** Gradients are multiplied by this on the way into a tile, and their sums divided by it. */
  gradientScale: number
}

export const FLOAT32: Numbers = {
  id: '',
  features: [],
  head: '',
  quad: 'vec4<f32>',
  quadBytes: 16,
  narrow: (value) => value,
  widen: (quad) => quad,
  multiplyAdd: null,
  gradientScale: 1,
}

export const ZERO_PAGE_QUADS = ZERO_PAGE / 4
export const LANES = 'xyzw'

/** Columns up to which a tile may be wider than what there is to compute. */
export const NARROW = 64

export const tilingId = ({ rows, columns }: Tiling): string => `${rows}x${columns}`
export const columnQuads = ({ columns }: Tiling): number => columns / 4
export const depthQuads = ({ depth }: Tiling): number => depth / 4
const ownQuads = ({ ownColumns }: Tiling): number => ownColumns / 4

/** Invocations along columns and along rows. */
export const workgroupSide = (t: Tiling): readonly [number, number] => [
  t.columns / t.ownColumns,
  t.rows / t.ownRows,
]
export const invocations = (t: Tiling): number => workgroupSide(t)[0] * workgroupSide(t)[1]

/** Quads that an invocation brings of a tile with `length` rows or columns. */
export const loads = (t: Tiling, length: number): number => (length * t.depth) / 4 / invocations(t)

/**
 * WGSL: where tile a has a quad that lies along the reduction. Eight quads fill all banks of the memory, and eight
 * neighbouring invocations store a few depths of a few rows: rows are exchanged within eights, differently at each
 * depth, which spreads those eight over all banks.
 */
export const exchanged = (t: Tiling, depth: string, row: string): string =>
  `${depth} * ${t.rows}u + (${row} ^ ${exchange(t, depth)})`

const exchange = (t: Tiling, depth: string): string => `(${depth} * ${8 / depthQuads(t)}u)`

/** Quads of the tiles. */
const tileQuads = (t: Tiling) => ({ a: depthQuads(t) * t.rows, b: t.depth * columnQuads(t) })

/** Whether a device has the memory, the invocations and the numbers. */
export function fits(t: Tiling, numbers: Numbers, traits: DeviceTraits): boolean {
  const { a, b } = tileQuads(t)
  const bytes = (a + b) * numbers.quadBytes * (t.prefetch ? 2 : 1)
  const known = !numbers.features.includes('f16') || traits.f16
  return known && bytes <= traits.workgroupStorage && invocations(t) <= traits.invocations
}

export const tiles = (t: Tiling, rows: number, columns: number): number =>
  Math.ceil(rows / t.rows) * Math.ceil(columns / t.columns)

/** WGSL: the numbers' functions and the tiles, one of each, or two to fill one while the other is summed. */
export const tileMemory = (t: Tiling, { quad, head }: Numbers): string => {
  const { a, b } = tileQuads(t)
  const copies = t.prefetch ? 2 : 1
  return `${head}
var<workgroup> a_tile: array<${quad}, ${copies * a}>;
var<workgroup> b_tile: array<${quad}, ${copies * b}>;`
}

/** WGSL: this workgroup's tile (`m`: first row, `n`: first column quad), or nothing to do; this invocation as `lane`. */
export const findTile = (t: Tiling, rows: string, columns4: string): string => `
  let lane = local.y * ${workgroupSide(t)[0]}u + local.x;
  let column_tiles = (${columns4} + ${columnQuads(t) - 1}u) / ${columnQuads(t)}u;
  let tile = group.y * groups.x + group.x;
  let n = (tile % column_tiles) * ${columnQuads(t)}u;
  let m = (tile / column_tiles) * ${t.rows}u;
  if (m >= ${rows}) { return; }`

/** WGSL, for the `slot`-th quad that an invocation brings of tile b: its depth, and its column quad. */
export const bDepth = (t: Tiling, slot: number): string =>
  `(lane / ${columnQuads(t)}u + ${(slot * invocations(t)) / columnQuads(t)}u)`
export const bColumn = (t: Tiling): string => `(lane % ${columnQuads(t)}u)`

/** How a kernel fills its tiles. All WGSL, the same text in every round. */
export interface Filling {
  /** Tiles of the reduction: an expression that is the same in the whole workgroup. */
  steps: string
  /** Statements that set `a0`, `a1`, ... and `b0`, `b1`, ... (vec4<f32>) to this invocation's part of the tiles. */
  load: string
  /** Statements that move on to the next tiles. */
  advance: string
  /** Where `a0`, `a1`, ... go in tile a. */
  aPlace(slot: number): string
  /** A quad of tile a lies along the reduction, or along the rows. */
  aAlong: 'depth' | 'rows'
  /** Factors of what goes into the tiles. */
  aScale: number
  bScale: number
}

/** Rows of the tile that are an invocation's, as WGSL. `i` counts its rows. */
export function ownRow(t: Tiling, along: Filling['aAlong'], i: number): string {
  const [, side] = workgroupSide(t)
  return along === 'depth' ? `(local.y + ${i * side}u)` : `((local.y + ${(i >> 2) * side}u) * 4u + ${i & 3}u)`
}
/** The column quad, of the tile, of an invocation's `j`-th. */
export const ownColumn = (t: Tiling, j: number): string => `(local.x + ${j * workgroupSide(t)[0]}u)`

/** Calls `piece` for each quad of sums that an invocation keeps: `s<i>_<j>`. */
export const eachSum = (t: Tiling, piece: (i: number, j: number) => string): string =>
  unroll(t.ownRows, (i) => unroll(ownQuads(t), (j) => piece(i, j), ' '))

const scaled = (value: string, factor: number): string => (factor === 1 ? value : `${value} * ${factor}`)

/**
 * WGSL: the sums `s<i>_<j>` (row i, column quad j) over the whole reduction. `lanes`: rows of a quad of tile a that hold
 * values (3 for the photos), be they depths or rows.
 */
export function sumTiles(t: Tiling, numbers: Numbers, filling: Filling, lanes: number): string {
  const aSlots = loads(t, t.rows)
  const bSlots = loads(t, t.columns)
  const { a, b } = tileQuads(t)
  const store = `
    ${unroll(aSlots, (i) => `a_tile[a_base + ${filling.aPlace(i)}] = ${numbers.narrow(scaled(`a${i}`, filling.aScale))};`)}
    ${unroll(bSlots, (i) => `b_tile[b_base + ${bDepth(t, i)} * ${columnQuads(t)}u + ${bColumn(t)}] = ${numbers.narrow(scaled(`b${i}`, filling.bScale))};`)}`
  const sum = sumTile(t, numbers, filling.aAlong, lanes)
  const declarations = `
  ${eachSum(t, (i, j) => `var s${i}_${j} = vec4<f32>();`)}
  ${unroll(aSlots, (i) => `var a${i} = vec4<f32>();`, ' ')}
  ${unroll(bSlots, (i) => `var b${i} = vec4<f32>();`, ' ')}
  let steps = ${filling.steps};`
  const scale = filling.aScale * filling.bScale
  const unscale = scale === 1 ? '' : eachSum(t, (i, j) => `s${i}_${j} *= ${1 / scale};`)
  if (!t.prefetch)
    return `
  ${declarations}
  const a_base = 0u;
  const b_base = 0u;
  for (var round = 0u; round < steps; round++) {
    ${filling.load}
    ${store}
    workgroupBarrier();
    ${filling.advance}
    ${sum}
    workgroupBarrier();
  }
  ${unscale}`
  // One barrier is enough: what is overwritten next was summed before this tile's barrier.
  return `
  ${declarations}
  if (steps > 0u) {
    ${filling.load}
  }
  for (var round = 0u; round < steps; round++) {
    let a_base = (round % 2u) * ${a}u;
    let b_base = (round % 2u) * ${b}u;
    ${store}
    workgroupBarrier();
    if (round + 1u < steps) {
      ${filling.advance}
      ${filling.load}
    }
    ${sum}
  }
  ${unscale}`
}

/** WGSL: adds the tiles' products to the sums. */
function sumTile(t: Tiling, numbers: Numbers, along: Filling['aAlong'], lanes: number): string {
  const { multiplyAdd, quad } = numbers
  // Sums of one tile in its own numbers are added to those of all tiles afterwards.
  const name = multiplyAdd ? 'h' : 's'
  const operand = (value: string) => (multiplyAdd ? value : numbers.widen(value))
  const product = (i: number, j: number, factor: string, w: string) =>
    multiplyAdd
      ? `h${i}_${j} = ${multiplyAdd(`h${i}_${j}`, factor, w)};`
      : `${name}${i}_${j} += ${factor} * ${w};`
  const quads = ownQuads(t)
  const bAt = (depth: string, j: number) =>
    `b_tile[b_base + ${depth} * ${columnQuads(t)}u + ${ownColumn(t, j)}]`
  const [, side] = workgroupSide(t)
  const loop =
    along === 'depth'
      ? `
    for (var d = 0u; d < ${depthQuads(t)}u; d++) {
      // The remainder changes nothing, but tells the compiler that no index has to be clamped.
      let a_d = a_base + d * ${t.rows}u + (local.y ^ ${exchange(t, 'd')}) % ${side}u;
      ${unroll(t.ownRows, (i) => `let v${i} = ${operand(`a_tile[a_d + ${i * side}u]`)};`)}
      ${unroll(
        lanes,
        (q) => `
      ${unroll(quads, (j) => `let w${q}_${j} = ${operand(bAt(`(d * 4u + ${q}u)`, j))};`)}
      ${eachSum(t, (i, j) => product(i, j, `v${i}.${LANES[q]}`, `w${q}_${j}`))}`,
      )}
    }`
      : `
    for (var k = 0u; k < ${t.depth}u; k++) {
      ${unroll(t.ownRows / 4, (r) => `let v${r} = ${operand(`a_tile[a_base + k * ${t.rows / 4}u + local.y + ${r * side}u]`)};`)}
      ${unroll(quads, (j) => `let w${j} = ${operand(bAt('k', j))};`)}
      ${eachSum(t, (i, j) => ((i & 3) < lanes ? product(i, j, `v${i >> 2}.${LANES[i & 3]}`, `w${j}`) : ''))}
    }`
  if (!multiplyAdd) return loop
  return `
    ${eachSum(t, (i, j) => `var h${i}_${j} = ${quad}();`)}
    ${loop}
    ${eachSum(t, (i, j) => `s${i}_${j} += ${numbers.widen(`h${i}_${j}`)};`)}`
}
