/**
 * Winograd's F(2x2, 3x3) (Lavin and Gray 2016) around products of matrices: what turns photos, filters and gradients
 * into its 4 x 4 = 16 points and back. For 3 x 3 convolutions of stride 1 and padding 1; a tile is 2 x 2 pixels of y.
 *
 * With d a 4 x 4 patch of x, g a filter, e a 2 x 2 tile of dy:
 *
 *     y = A^T [(B^T d B) * (G g G^T)] A            (the sum over channels is a product of matrices at each point)
 *     dw = C^T [sum over tiles of (B^T d B) * (H e H^T)] C        (F(3x3, 2x2) at the same points)
 *
 * Matrices of points are [16, tiles, channels] and [16, ci, co].
 */

import type { Output } from './convolution-workgroup-splits.ts'
import { type Kernel, kernelVariant, unroll } from './kernel.ts'

export const POINTS = 16

type Matrix = readonly (readonly number[])[]

const B_T: Matrix = [
  [1, 0, -1, 0],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, 1, 0, -1],
]
const G: Matrix = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
]
const A_T: Matrix = [
  [1, 1, 1, 0],
  [0, 1, -1, -1],
]
const H: Matrix = [
  [1, 0],
  [0.5, 0.5],
  [0.5, -0.5],
  [0, 1],
]
const C_T: Matrix = [
  [1, 1, 1, 0],
  [0, 1, -1, 0],
  [0, 1, 1, -1],
]

/** WGSL: the sum of factors times values. */
const combine = (factors: readonly number[], value: (k: number) => string): string =>
  factors
    .flatMap((factor, k) =>
      factor === 0 ? [] : [`${factor < 0 ? '-' : '+'} ${Math.abs(factor)}.0 * ${value(k)}`],
    )
    .join(' ')
    .replaceAll('0.5.0', '0.5')
    .replaceAll('1.0 * ', '')
    .replace(/^\+ /, '')

/** WGSL: `<name><i>_<j>`, the elements of matrix * values * matrix^T. */
const transform = (matrix: Matrix, value: (i: number, j: number) => string, name: string): string => {
  const [rows, size] = [matrix.length, matrix[0].length]
  return `
  ${unroll(rows, (i) => unroll(size, (j) => `let ${name}h${i}_${j} = ${combine(matrix[i], (k) => value(k, j))};`))}
  ${unroll(rows, (i) => unroll(rows, (j) => `let ${name}${i}_${j} = ${combine(matrix[j], (k) => `${name}h${i}_${k}`)};`))}`
}

/** WGSL: this invocation's tile (`tile`, of photo `image`, at pixel `top`, `left` of y) and quad of channels `c`. */
const FIND_TILE = `
  let c = id % u.c4;
  let tile = id / u.c4;
  if (tile >= u.tiles) { return; }
  let left = tile % u.tiles_side * 2u;
  let top = tile / u.tiles_side % u.tiles_side * 2u;
  let image = tile / u.tiles_side / u.tiles_side;`
const TILE_CONSTANTS = ['tiles', 'tiles_side', 'c4', 'side'] as const

/** WGSL: the values at row i, column j from (`top` - before, `left` - before) on; zero outside the map. */
const loadTile = (size: number, before: number): string =>
  unroll(size, (i) =>
    unroll(
      size,
      (j) => `
  let inside${i}_${j} = top + ${i}u - ${before}u < u.side && left + ${j}u - ${before}u < u.side;
  let at${i}_${j} = ((image * u.side + top + ${i}u - ${before}u) * u.side + left + ${j}u - ${before}u) * u.c4 + c;
  let v${i}_${j} = select(vec4<f32>(), x[select(0u, at${i}_${j}, inside${i}_${j})], inside${i}_${j});`,
    ),
  )

/** x [count, side, side, c] -> points [16, tiles, c]: of patches (`patch`: 4 x 4 around each tile) or of tiles of dy. */
export const pointsKernel = (of: 'patches' | 'gradients'): Kernel =>
  kernelVariant(`winograd-points-of-${of}`, () => ({
    bindings: { x: 'read vec4<f32>', points: 'read_write vec4<f32>' },
    constants: TILE_CONSTANTS,
    workgroup: 64,
    body: `
  ${FIND_TILE}
  ${of === 'patches' ? loadTile(4, 1) : loadTile(2, 0)}
  ${transform(of === 'patches' ? B_T : H, (i, j) => `v${i}_${j}`, 'p')}
  ${unroll(4, (i) => unroll(4, (j) => `points[${4 * i + j}u * u.tiles * u.c4 + id] = p${i}_${j};`))}`,
  }))

/** w [3, 3, ci, co] -> points [16, ci, co]; `turned` by 180 degrees on the way. One invocation a quad. */
export const filterPointsKernel = (turned: boolean): Kernel =>
  kernelVariant(`winograd-points-of-${turned ? 'turned-' : ''}filter`, () => ({
    bindings: { w: 'read vec4<f32>', points: 'read_write vec4<f32>' },
    constants: ['quads'],
    workgroup: 64,
    body: `
  if (id >= u.quads) { return; }
  ${unroll(9, (tap) => `let w${tap} = w[${turned ? 8 - tap : tap}u * u.quads + id];`)}
  ${transform(G, (i, j) => `w${3 * i + j}`, 'p')}
  ${unroll(4, (i) => unroll(4, (j) => `points[${4 * i + j}u * u.quads + id] = p${i}_${j};`))}`,
  }))

/** products [16, tiles, c] -> y [count, side, side, c], then as `output` says. */
export const outputKernel = (output: Output): Kernel =>
  kernelVariant(`winograd-output${output.id}`, () => ({
    bindings: { products: 'read vec4<f32>', ...output.bindings },
    constants: TILE_CONSTANTS,
    workgroup: 64,
    body: `
  ${FIND_TILE}
  ${unroll(4, (i) => unroll(4, (j) => `let m${i}_${j} = products[${4 * i + j}u * u.tiles * u.c4 + id];`))}
  ${transform(A_T, (i, j) => `m${i}_${j}`, 'r')}
  ${unroll(2, (i) =>
    unroll(
      2,
      (j) => `
  if (top + ${i}u < u.side && left + ${j}u < u.side) {
    let to = ((image * u.side + top + ${i}u) * u.side + left + ${j}u) * u.c4 + c;
    ${output.store(`r${i}_${j}`, 'c', 'to')}
  }`,
    ),
  )}`,
  }))

/** parts [16, splits, ci, co] -> dw [3, 3, ci, co], added to what is there in a later micro-batch. */
export const filterGradientOutputKernel: Kernel = kernelVariant('winograd-filter-gradient', () => ({
  bindings: { parts: 'read vec4<f32>', dw: 'read_write vec4<f32>' },
  constants: ['splits', 'quads'],
  usesStep: true,
  workgroup: 64,
  head: `
fn sum(point: u32, id: u32) -> vec4<f32> {
  var total = vec4<f32>();
  for (var split = 0u; split < u.splits; split++) { total += parts[(point * u.splits + split) * u.quads + id]; }
  return total;
}`,
  body: `
  if (id >= u.quads) { return; }
  ${unroll(4, (i) => unroll(4, (j) => `let m${i}_${j} = sum(${4 * i + j}u, id);`))}
  ${transform(C_T, (i, j) => `m${i}_${j}`, 'r')}
  ${unroll(3, (i) =>
    unroll(
      3,
      (j) => `
  let at${i}_${j} = ${3 * i + j}u * u.quads + id;
  if (step.accumulate != 0u) { dw[at${i}_${j}] += r${i}_${j}; } else { dw[at${i}_${j}] = r${i}_${j}; }`,
    ),
  )}`,
}))
