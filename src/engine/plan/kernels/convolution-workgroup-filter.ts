/**
 * Filter gradient in tiles: dw[(tap, ci), co] = sum over pixels of y of x[pixel at the tap, ci] * dy[pixel, co]. The
 * pixels are split among workgroups (z), and the splits summed afterwards in order.
 *
 * Each invocation brings the same quad of rows (so its tap is fixed) at every `depth`-th pixel: image, line and column
 * of the next pixel come by adding, with a carry, where computing them would take two divisions a load.
 */
import type { ProgramBuilder } from '../program.ts'
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
const LEAST_PIXELS = 64

const CONSTANTS = ['count', 'side', 'ci4', 'out_side', 'co4', 'pixels_per_split'] as const

function pixelFilling(t: Tiling, stride: number): Omit<Filling, 'aScale' | 'bScale'> {
  const aSlots = loads(t, t.rows)
  const bSlots = loads(t, t.columns)
  return {
    steps: `(stop - begin + ${t.depth - 1}u) / ${t.depth}u`,
    load: `
      ${unroll(
        aSlots,
        (i) => `let iy${i} = oy${i} * ${stride}u + ky;
      let ix${i} = ox${i} * ${stride}u + kx;
      a${i} = vec4<f32>();
      if (first + ${aPixel(t, i)} < stop && iy${i} < u.side && ix${i} < u.side) {
        a${i} = x[((image${i} * u.side + iy${i}) * u.side + ix${i}) * u.ci4 + c];
      }`,
      )}
      ${unroll(
        bSlots,
        (i) => `b${i} = vec4<f32>();
      if (first + ${bDepth(t, i)} < stop) {
        b${i} = dy[(first + ${bDepth(t, i)}) * u.co4 + column];
      }`,
      )}`,
    advance: `
      first += ${t.depth}u;
      ${unroll(
        aSlots,
        (i) => `ox${i} += next_x;
      let wraps_x${i} = ox${i} >= u.out_side;
      ox${i} -= select(0u, u.out_side, wraps_x${i});
      oy${i} += next_y + select(0u, 1u, wraps_x${i});
      let wraps_y${i} = oy${i} >= u.out_side;
      oy${i} -= select(0u, u.out_side, wraps_y${i});
      image${i} += next_image + select(0u, 1u, wraps_y${i});`,
      )}`,
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
  { kernel, stride, padding }: ConvolutionShape,
  lanes: number,
  direct: boolean,
): Kernel {
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
  let begin = group.z * u.pixels_per_split;
  let stop = min(begin + u.pixels_per_split, u.count * u.out_side * u.out_side);
  var first = begin;
  ${unroll(
    loads(t, t.rows),
    (i) => `
  var ox${i} = (begin + ${aPixel(t, i)}) % u.out_side;
  var oy${i} = (begin + ${aPixel(t, i)}) / u.out_side % u.out_side;
  var image${i} = (begin + ${aPixel(t, i)}) / u.out_side / u.out_side;`,
  )}
  let next_x = ${t.depth}u % u.out_side;
  let next_y = ${t.depth}u / u.out_side % u.out_side;
  let next_image = ${t.depth}u / u.out_side / u.out_side;
  ${sumTiles(t, numbers, { ...pixelFilling(t, stride), aScale: 1, bScale: numbers.gradientScale }, lanes)}
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
  const wanted = Math.min(Math.ceil(WORKGROUPS / workgroups), Math.ceil(pixels / LEAST_PIXELS))
  // Whole tiles, but for the last.
  const pixelsPerSplit = t.depth * Math.ceil(pixels / wanted / t.depth)
  const splits = Math.ceil(pixels / pixelsPerSplit)
  const kernel = filterGradientKernel(t, numbers, shape, Math.min(4, usedChannels), splits === 1)
  addSplit(builder, splits, dw, (target) =>
    builder.add(
      kernel,
      [x, dy, target],
      [count, side, inChannels / 4, outSide, outChannels / 4, pixelsPerSplit],
      foldGroups(workgroups, splits),
      convolutionFlops(shape),
    ),
  )
}
