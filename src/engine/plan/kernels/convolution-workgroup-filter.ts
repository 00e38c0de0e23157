/**
 * Filter gradient in tiles: dw[(tap, ci), co] = sum over pixels of y of x[pixel at the tap, ci] * dy[pixel, co]. The
 * pixels are split among workgroups (z), and the splits summed afterwards in order.
 *
 * A tile whose rows are all of one tap counts through the pixels only for which the tap lies inside the image (four of
 * nine on a map of 2 x 2). Each invocation brings the same quad of rows (so its tap is fixed) at every `depth`-th pixel:
 * image, line and column of the next pixel come by adding, with a carry, where computing them would take two divisions
 * a load.
 */
import type { ProgramBuilder } from '../program-builder.ts'
import {
  addSplit,
  type ConvolutionShape,
  convolutionFlops,
  type FilterGradientOperands,
} from './convolution.ts'
import {
  bColumn,
  bDepth,
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
} from './convolution-workgroup-tiling.ts'
import { foldGroups, type Kernel, kernelVariant, unroll } from './kernel.ts'

/** Workgroups that are aimed at by splitting the sum, and the least pixels of a split. */
const WORKGROUPS = 512
const LEAST_PIXELS = 128

const CONSTANTS = ['count', 'side', 'ci4', 'out_side', 'co4', 'splits'] as const

/** WGSL: an invocation's pixels, one for each quad that it brings of a tile: `x<name><i>`, `y<name><i>`, `image<name><i>`. */
const walkPixels = (t: Tiling, name: string, slots: number, pixel: (t: Tiling, slot: number) => string) => ({
  begin: unroll(
    slots,
    (i) => `
  var x${name}${i} = (begin + ${pixel(t, i)}) % reach_x;
  var y${name}${i} = (begin + ${pixel(t, i)}) / reach_x % reach_y;
  var image${name}${i} = (begin + ${pixel(t, i)}) / reach_x / reach_y;`,
  ),
  advance: unroll(
    slots,
    (i) => `
      x${name}${i} += next_x;
      let wraps_x${name}${i} = x${name}${i} >= reach_x;
      x${name}${i} -= select(0u, reach_x, wraps_x${name}${i});
      y${name}${i} += next_y + select(0u, 1u, wraps_x${name}${i});
      let wraps_y${name}${i} = y${name}${i} >= reach_y;
      y${name}${i} -= select(0u, reach_y, wraps_y${name}${i});
      image${name}${i} += next_image + select(0u, 1u, wraps_y${name}${i});`,
  ),
})

/** WGSL: the pixels of y on an axis for which the tile's only tap lies inside the image; all where it has several. */
const reach = (axis: 'x' | 'y', tap: string, { stride, padding }: ConvolutionShape) => `
  let tap_${axis} = ${tap};
  let first_${axis} = select(0u, (max(${padding}u, tap_${axis}) - tap_${axis} + ${stride - 1}u) / ${stride}u, one_tap);
  let end_${axis} = select(u.out_side,
    min(u.out_side, (max(u.side + ${padding}u, tap_${axis}) - tap_${axis} + ${stride - 1}u) / ${stride}u), one_tap);
  let reach_${axis} = max(first_${axis}, end_${axis}) - first_${axis};`

function pixelFilling(t: Tiling, stride: number): Omit<Filling, 'aScale' | 'bScale'> & { begin: string } {
  const aSlots = loads(t, t.rows)
  const bSlots = loads(t, t.columns)
  // In a square tile both of an invocation's quads are of the same pixel.
  const square = t.rows === t.columns
  const a = walkPixels(t, 'a', aSlots, aPixel)
  const b = walkPixels(t, 'b', bSlots, bDepth)
  const name = square ? 'a' : 'b'
  return {
    begin: `${a.begin}${square ? '' : b.begin}`,
    steps: `(stop - begin + ${t.depth - 1}u) / ${t.depth}u`,
    load: `
      ${unroll(
        aSlots,
        (i) => `let iy${i} = (first_y + ya${i}) * ${stride}u + ky;
      let ix${i} = (first_x + xa${i}) * ${stride}u + kx;
      a${i} = vec4<f32>();
      if (first + ${aPixel(t, i)} < stop && iy${i} < u.side && ix${i} < u.side) {
        a${i} = x[((imagea${i} * u.side + iy${i}) * u.side + ix${i}) * u.ci4 + c];
      }`,
      )}
      ${unroll(
        bSlots,
        (i) => `b${i} = vec4<f32>();
      if (first + ${bDepth(t, i)} < stop) {
        b${i} = dy[((image${name}${i} * u.out_side + first_y + y${name}${i}) * u.out_side + first_x + x${name}${i}) * u.co4 + column];
      }`,
      )}`,
    advance: `
      first += ${t.depth}u;
      ${a.advance}${square ? '' : b.advance}`,
    aPlace: (slot) => `${aPixel(t, slot)} * ${t.rows / 4}u + lane % ${t.rows / 4}u`,
    aAlong: 'rows',
  }
}

/** The pixel of the tile whose quad of rows is an invocation's `slot`-th. */
const aPixel = (t: Tiling, slot: number) =>
  `(lane / ${t.rows / 4}u + ${(slot * invocations(t)) / (t.rows / 4)}u)`

/** `lanes`: channels in a quad of x. `direct`: writes dw itself, adding to it in a later micro-batch. */
function filterGradientKernel(
  t: Tiling,
  numbers: Numbers,
  shape: ConvolutionShape,
  lanes: number,
  direct: boolean,
): Kernel {
  const { kernel, stride, padding } = shape
  const { begin, ...filling } = pixelFilling(t, stride)
  const lanesId = lanes === 4 ? '' : `-${lanes}`
  const id = `workgroup-${tilingId(t)}-filter-gradient${kernel}.${stride}.${padding}${lanesId}${numbers.id}`
  return kernelVariant(`${id}${direct ? '+direct' : ''}`, () => ({
    bindings: { x: 'read vec4<f32>', dy: 'read vec4<f32>', dw: 'read_write vec4<f32>' },
    constants: CONSTANTS,
    usesStep: direct,
    features: numbers.features,
    workgroup: workgroupSide(t),
    head: tileMemory(t, numbers),
    body: `
  let rows = ${kernel * kernel * 4}u * u.ci4;
  ${findTile(t, 'rows', 'u.co4')}
  let mine = min(m / 4u + lane % ${t.rows / 4}u, rows / 4u - 1u);
  let tap = mine / u.ci4;
  let c = mine % u.ci4;
  let ky = tap / ${kernel}u - ${padding}u;
  let kx = tap % ${kernel}u - ${padding}u;
  let column = min(n + ${bColumn(t)}, u.co4 - 1u);
  let first_tap = m / 4u / u.ci4;
  let one_tap = first_tap == (min(m + ${t.rows}u, rows) / 4u - 1u) / u.ci4;
  ${reach('y', `first_tap / ${kernel}u`, shape)}
  ${reach('x', `first_tap % ${kernel}u`, shape)}
  let pixels = u.count * reach_y * reach_x;
  // Whole tiles, but for the last.
  let share = (pixels + u.splits * ${t.depth}u - 1u) / (u.splits * ${t.depth}u) * ${t.depth}u;
  let begin = min(group.z * share, pixels);
  let stop = min(begin + share, pixels);
  var first = begin;
  let next_x = ${t.depth}u % reach_x;
  let next_y = ${t.depth}u / reach_x % reach_y;
  let next_image = ${t.depth}u / reach_x / reach_y;
  ${begin}
  ${sumTiles(t, numbers, { ...filling, aScale: 1, bScale: numbers.gradientScale }, lanes)}
  ${unroll(t.ownRows, (i) => {
    const row = `m + ${ownRow(t, 'rows', i)}`
    return `
  if (${row} < rows) {
    let to = (group.z * rows + ${row}) * u.co4 + n;
    ${unroll(t.ownColumns / 4, (j) => {
      const at = `to + ${ownColumn(t, j)}`
      const add = direct ? `if (step.accumulate != 0u) { s${i}_${j} += dw[${at}]; }` : ''
      return `if (n + ${ownColumn(t, j)} < u.co4) { ${add} dw[${at}] = s${i}_${j}; }`
    })}
  }`
  })}`,
  }))
}

export function lowerFilterGradient(
  builder: ProgramBuilder,
  t: Tiling,
  numbers: Numbers,
  shape: ConvolutionShape,
  { x, dy, dw }: FilterGradientOperands,
): void {
  const { count, side, inChannels, outSide, outChannels, usedChannels } = shape
  const workgroups = tiles(t, shape.kernel ** 2 * inChannels, outChannels)
  const pixels = count * outSide ** 2
  const splits = Math.min(Math.ceil(WORKGROUPS / workgroups), Math.ceil(pixels / LEAST_PIXELS))
  const kernel = filterGradientKernel(t, numbers, shape, Math.min(4, usedChannels), splits === 1)
  addSplit(builder, splits, dw, (target) =>
    builder.add(
      kernel,
      [x, dy, target],
      [count, side, inChannels / 4, outSide, outChannels / 4, splits],
      foldGroups(workgroups, splits),
      convolutionFlops(shape),
    ),
  )
}
