/**
 * Winograd's transforms for 3 x 3 filters of stride 1 in tiles of 4 x 4 outputs, F(4 x 4, 3 x 3): 36 products a tile
 * and pair of channels in place of 144 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
 * arXiv:1509.09308, section 4.3). With d a 6 x 6 tile of x, g a filter and Y a 4 x 4 tile of y:
 *
 *     Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A     and, transposed,     dg = Gᵀ [(Bᵀ d B) ⊙ (A dY Aᵀ)] G
 *
 * where ⊙ sums over channels or tiles: 36 matrix products. In memory a transformed tensor is [36, tiles or ci, channels]
 * in single floats, tiles counted [image, tile row, tile column]; an invocation transforms one tile of one channel.
 */
import { type Epilogue, epilogueBindings, epilogueId, finish } from './convolution.ts'
import { defineKernel, type Kernel, kernelVariant, unroll } from './kernel.ts'

/** Outputs of a tile along a side, and products. */
export const OUTPUTS = 4
const SPAN = OUTPUTS + 2
export const PRODUCTS = SPAN ** 2

type Matrix = readonly (readonly number[])[]

/**
 * The points 0, ±P, ±Q and infinity at which polynomials are multiplied. Those of the paper (1 and 2) double the rounding,
 * and triple the largest, by the spread of their powers; with these two the factors of the inputs and outputs are exact in
 * binary. Source: Barabasz et al. 2018, "Error analysis and improving the accuracy of Winograd convolution for deep neural
 * networks", arXiv:1803.10986.
 */
const P = 3 / 4
const Q = 3 / 2
const [P2, Q2] = [P ** 2, Q ** 2]

const INPUT: Matrix = [
  [P2 * Q2, 0, -(P2 + Q2), 0, 1, 0],
  [0, -P * Q2, -Q2, P, 1, 0],
  [0, P * Q2, -Q2, -P, 1, 0],
  [0, -P2 * Q, -P2, Q, 1, 0],
  [0, P2 * Q, -P2, -Q, 1, 0],
  [0, P2 * Q2, 0, -(P2 + Q2), 0, 1],
]
/** 1, p and p² of a point, by its distances from the others. */
const powers = (p: number, distances: number): number[] => [1, p, p ** 2].map((power) => power / distances)
const [DISTANCES_P, DISTANCES_Q] = [2 * P2 * (P2 - Q2), 2 * Q2 * (Q2 - P2)]
const FILTER: Matrix = [
  powers(0, P2 * Q2),
  powers(P, DISTANCES_P),
  powers(-P, DISTANCES_P),
  powers(Q, DISTANCES_Q),
  powers(-Q, DISTANCES_Q),
  [0, 0, 1],
]
const OUTPUT: Matrix = [
  [1, 1, 1, 1, 1, 0],
  [0, P, -P, Q, -Q, 0],
  [0, P2, P2, Q2, Q2, 0],
  [0, P2 * P, -P2 * P, Q2 * Q, -Q2 * Q, 1],
]
const transposed = (matrix: Matrix): Matrix => matrix[0].map((_, i) => matrix.map((row) => row[i]))

/** WGSL: a sum of the values, each times its factor. */
function combination(factors: readonly number[], value: (i: number) => string): string {
  const terms = factors.flatMap((factor, i) => {
    if (factor === 0) return []
    return Math.abs(factor) === 1 ? [`${factor < 0 ? '-' : ''}${value(i)}`] : [`${factor} * ${value(i)}`]
  })
  return terms.join(' + ')
}

/** WGSL: `let <to><row>_<column>` of matrix * `from` * matrixᵀ, from the values `<from><row>_<column>`. */
const sandwich = (matrix: Matrix, from: string, to: string) => `
  ${unroll(matrix.length, (r) =>
    unroll(
      matrix[0].length,
      (c) => `let ${from}${to}${r}_${c} = ${combination(matrix[r], (i) => `${from}${i}_${c}`)};`,
    ),
  )}
  ${unroll(matrix.length, (r) =>
    unroll(
      matrix.length,
      (c) => `let ${to}${r}_${c} = ${combination(matrix[c], (i) => `${from}${to}${r}_${i}`)};`,
    ),
  )}`

/** WGSL: for each row and column of a square, a piece. */
const square = (side: number, piece: (row: number, column: number) => string) =>
  unroll(side, (r) => unroll(side, (c) => piece(r, c)))

/** WGSL: the channel, tile and its first output of an invocation. */
const ownTile = `
  let channel = id % u.channels;
  let tile = id / u.channels;
  if (tile >= u.tiles) { return; }
  let image = tile / (u.tiles_side * u.tiles_side);
  let top = (tile / u.tiles_side % u.tiles_side) * ${OUTPUTS}u;
  let left = (tile % u.tiles_side) * ${OUTPUTS}u;`

export const TILE_CONSTANTS = ['side', 'channels', 'tiles', 'tiles_side'] as const

/** x [count, side, side, channels] -> Bᵀ d B [36, tiles, channels], `x` without its page of zeros. */
export const inputTransform = defineKernel({
  id: 'winograd-4x4-input',
  bindings: { x: 'read f32', transformed: 'read_write f32' },
  constants: TILE_CONSTANTS,
  workgroup: 32,
  body: `
  ${ownTile}
  ${unroll(SPAN, (i) => `let y${i} = top + ${i}u - 1u; let x${i} = left + ${i}u - 1u;`)}
  ${square(SPAN, (r, c) => `let d${r}_${c} = select(0f, x[((image * u.side + y${r}) * u.side + x${c}) * u.channels + channel], y${r} < u.side && x${c} < u.side);`)}
  ${sandwich(INPUT, 'd', 't')}
  ${square(SPAN, (r, c) => `transformed[(${r * SPAN + c}u * u.tiles + tile) * u.channels + channel] = t${r}_${c};`)}`,
})

/** dy [count, side, side, channels] -> A dY Aᵀ [36, tiles, channels]. */
export const outputGradientTransform = defineKernel({
  id: 'winograd-4x4-output-gradient',
  bindings: { dy: 'read f32', transformed: 'read_write f32' },
  constants: TILE_CONSTANTS,
  workgroup: 32,
  body: `
  ${ownTile}
  ${square(OUTPUTS, (r, c) => `let d${r}_${c} = select(0f, dy[((image * u.side + top + ${r}u) * u.side + left + ${c}u) * u.channels + channel], top + ${r}u < u.side && left + ${c}u < u.side);`)}
  ${sandwich(transposed(OUTPUT), 'd', 't')}
  ${square(SPAN, (r, c) => `transformed[(${r * SPAN + c}u * u.tiles + tile) * u.channels + channel] = t${r}_${c};`)}`,
})

/** WGSL: the 36 values of a transformed tile, and Y. */
const outputs = `
  ${square(SPAN, (r, c) => `let m${r}_${c} = products[(${r * SPAN + c}u * u.tiles + tile) * u.channels + channel];`)}
  ${sandwich(OUTPUT, 'm', 'o')}`

/** Products [36, tiles, channels] -> y [count, side, side, channels], finished. */
export const outputTransform = (epilogue: Epilogue): Kernel =>
  kernelVariant(`winograd-4x4-output${epilogueId(epilogue)}`, () => ({
    bindings: { products: 'read f32', ...epilogueBindings(epilogue, 'f32'), y: 'read_write f32' },
    constants: TILE_CONSTANTS,
    workgroup: 32,
    body: `
  ${ownTile}
  ${outputs}
  ${square(
    OUTPUTS,
    (r, c) => `
  if (top + ${r}u < u.side && left + ${c}u < u.side) {
    let to = ((image * u.side + top + ${r}u) * u.side + left + ${c}u) * u.channels + channel;
    ${finish(epilogue, `o${r}_${c}`, 'channel', 'to', '0f')}
  }`,
  )}`,
  }))

/** The same for an input gradient: dx [count, side, side, channels], written or added to. */
export const inputGradientTransform = (accumulate: boolean): Kernel =>
  kernelVariant(`winograd-4x4-input-gradient${accumulate ? '+accumulate' : ''}`, () => ({
    bindings: { products: 'read f32', dx: 'read_write f32' },
    constants: TILE_CONSTANTS,
    workgroup: 32,
    body: `
  ${ownTile}
  ${outputs}
  ${square(
    OUTPUTS,
    (r, c) => `
  if (top + ${r}u < u.side && left + ${c}u < u.side) {
    dx[((image * u.side + top + ${r}u) * u.side + left + ${c}u) * u.channels + channel] ${accumulate ? '+=' : '='} o${r}_${c};
  }`,
  )}`,
  }))

export const FILTER_CONSTANTS = ['inputs', 'outputs'] as const

/**
 * w [3, 3, inputs, outputs] -> G g Gᵀ [36, inputs, outputs], or, `turned` by 180 degrees, [36, outputs, inputs]: an input
 * gradient is the convolution of dy with the turned filter.
 */
export const filterTransform = (turned: boolean): Kernel =>
  kernelVariant(`winograd-4x4-filter${turned ? '-turned' : ''}`, () => ({
    bindings: { w: 'read f32', transformed: 'read_write f32' },
    constants: FILTER_CONSTANTS,
    workgroup: 32,
    body: `
  let size = u.inputs * u.outputs;
  if (id >= size) { return; }
  let to = ${turned ? '(id % u.outputs) * u.inputs + id / u.outputs' : 'id'};
  ${square(3, (r, c) => `let g${r}_${c} = w[${turned ? 8 - (3 * r + c) : 3 * r + c}u * size + id];`)}
  ${sandwich(FILTER, 'g', 't')}
  ${square(SPAN, (r, c) => `transformed[${r * SPAN + c}u * size + to] = t${r}_${c};`)}`,
  }))

/** Products [36, inputs, outputs] -> dw = Gᵀ [...] G [3, 3, inputs, outputs], added to in a later micro-batch. */
export const filterGradientTransform = defineKernel({
  id: 'winograd-4x4-filter-gradient',
  bindings: { products: 'read f32', dw: 'read_write f32' },
  constants: FILTER_CONSTANTS,
  usesStep: true,
  workgroup: 32,
  body: `
  let size = u.inputs * u.outputs;
  if (id >= size) { return; }
  ${square(SPAN, (r, c) => `let m${r}_${c} = products[${r * SPAN + c}u * size + id];`)}
  ${sandwich(transposed(FILTER), 'm', 'g')}
  ${square(
    3,
    (r, c) => `
  var value${r}_${c} = g${r}_${c};
  if (step.accumulate != 0u) { value${r}_${c} += dw[${3 * r + c}u * size + id]; }
  dw[${3 * r + c}u * size + id] = value${r}_${c};`,
  )}`,
})
