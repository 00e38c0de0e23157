/**
 * Tiles of sums in the registers of a quad: the four invocations of a quad share a tile, each loads a quarter of the
 * tile's rows and its own columns, and gets the rows of the other three by quad swaps. So rows x 4 columns sums take
 * rows / 4 + columns loads an invocation, where a tile of its own would take twice as many for a quarter of the sums. On
 * a software adapter a swap is one instruction, a load some sixty.
 *
 * After swap s (0: none, then X, Y, diagonal) an invocation holds the row of its neighbour `lane ^ s`, and sum number s
 * of four rows belongs to that one. A sum is changed once for several products, because changing a variable costs more
 * than a product there; and loops end with `break if`, because a `for` costs an empty last round.
 */
import type { ConvolutionShape } from './convolution.ts'
import { type DeviceTraits, unroll } from './kernel.ts'

/** Rows of a quad's tile, and columns of each of its invocations (a multiple of 4). */
export interface Tile {
  rows: 16
  columns: number
}

/** Invocations of a workgroup: one quad where workgroups run one after another, a few subgroups on a GPU. */
const SOFTWARE_WORKGROUP = 4
const GPU_WORKGROUP = 64

export const LANES = 'xyzw'
const SWAPS = ['', 'quadSwapX', 'quadSwapY', 'quadSwapDiagonal']
/** WGSL: a quad goes through a loop together, which its analysis cannot see. */
export const TOGETHER = '@diagnostic(off, subgroup_uniformity)'

/** WGSL: what `lane ^ s` holds. */
export const swapped = (s: number, value: string) => (s === 0 ? value : `${SWAPS[s]}(${value})`)

/** WGSL: sums s<row>_<column>. */
export const declareSums = ({ rows, columns }: Tile) =>
  unroll(rows, (r) => unroll(columns, (c) => `var s${r}_${c} = 0f;`, ' '))

/**
 * WGSL: for `t` of 0 to 3 and each swap s, `store(s)` of the quads `value0`, `value1`, ... of sum number `row(s, t)`. A
 * loop over t with selections, because an unrolled one takes long to compile and an array's elements long to load.
 */
export const eachRow = (
  { columns }: Tile,
  row: (s: number, t: number) => number,
  store: (s: number) => string,
) => `
  var t = 0u;
  loop {
    ${unroll(4, (s) => {
      const quad = (j: number, t: number) =>
        `vec4<f32>(${unroll(4, (i) => `s${row(s, t)}_${4 * j + i}`, ', ')})`
      const value = (j: number) =>
        `select(select(${quad(j, 0)}, ${quad(j, 1)}, t == 1u), select(${quad(j, 2)}, ${quad(j, 3)}, t == 3u), t > 1u)`
      return `{
      ${unroll(columns / 4, (j) => `let value${j} = ${value(j)};`)}
      ${store(s)}
    }`
    })}
    continuing { t++; break if t == 4u; }
  }`

/** WGSL: this invocation's column quad `n` (its others follow 4 apart) and the first row `m` of its quad's tile. */
export const place = ({ rows, columns }: Tile, columnQuads: string) => `
  let lane = id & 3u;
  let column_tiles = (${columnQuads} + ${columns - 1}u) / ${columns}u;
  let row_tile = id / 4u / column_tiles;
  let n = (id / 4u - row_tile * column_tiles) * ${columns}u + lane;
  let m = row_tile * ${rows}u;`

/**
 * WGSL: adds to every sum its row's quads (`read` of row number i and of quad number q) times `weight(q, k, column)`, for
 * k of 0 to `depths[q]`.
 */
export const addProducts = (
  { rows, columns }: Tile,
  depths: readonly number[],
  read: (i: number, q: number) => string,
  weight: (q: number, k: number, column: number) => string,
) => {
  const eachQuad = (piece: (q: number) => string, separator?: string) =>
    unroll(depths.length, piece, separator)
  const products = (i: number, s: number, c: number) =>
    eachQuad(
      (q) => unroll(depths[q], (k) => `v${i}_${q}_${s}.${LANES[k]} * ${weight(q, k, c)}`, ' + '),
      ' + ',
    )
  return unroll(
    rows / 4,
    (i) => `
        ${eachQuad((q) => `let v${i}_${q}_0 = ${read(i, q)};`)}
        ${unroll(
          4,
          (s) => `
        ${s > 0 ? eachQuad((q) => `let v${i}_${q}_${s} = ${swapped(s, `v${i}_${q}_0`)};`) : ''}
        ${unroll(columns, (c) => `s${4 * i + s}_${c} += ${products(i, s, c)};`)}`,
        )}`,
  )
}

export const workgroupOf = (traits: DeviceTraits): number =>
  traits.software ? SOFTWARE_WORKGROUP : GPU_WORKGROUP

/** Swaps need subgroups; of one size, so that neighbouring invocations are known to be neighbours in one. */
export const hasQuads = (_: ConvolutionShape, { subgroupSize }: DeviceTraits): boolean =>
  subgroupSize !== null
