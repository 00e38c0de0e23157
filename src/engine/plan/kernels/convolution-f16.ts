/**
 * The tiles in workgroup memory in half precision (WGSL's `f16`, 11 bits), for GPUs with `shader-f16`. Activations,
 * filters and gradients stay float32 in global memory, and sums are float32; what is rounded on the way is said by the
 * family's id, and a recipe has to ask for it:
 *
 * - `f16-tiles`: operands are rounded as they enter workgroup memory, multiplied and summed in float32. Half the bytes
 *   of workgroup memory, the same arithmetic.
 * - `f16`: products and the sums of one tile's depth (8 or 16 of them) are f16 too, added to float32 sums tile by
 *   tile: twice the rate where a GPU multiplies pairs of f16.
 *
 * Gradients are small numbers, below f16's least for many: they are multiplied by 2 ** 10 on the way into a tile, and
 * the finished float32 sums divided by it (AMP's loss scale, but for each product on its own, so that nothing has to
 * watch for overflow across layers). A gradient beyond 64 overflows, and the step is then not finite.
 */
import type { ConvolutionFamily } from './convolution.ts'
import { tiledFamily } from './convolution-workgroup.ts'
import { type Numbers, TILE_32, TILE_64, TILE_128 } from './convolution-workgroup-tiling.ts'

const GRADIENT_SCALE = 2 ** 10

const F16_TILES: Numbers = {
  id: '-f16-tiles',
  features: ['f16'],
  head: '',
  quad: 'vec4<f16>',
  quadBytes: 8,
  narrow: (value) => `vec4<f16>(${value})`,
  widen: (quad) => `vec4<f32>(${quad})`,
  multiplyAdd: null,
  gradientScale: GRADIENT_SCALE,
}

const F16: Numbers = {
  ...F16_TILES,
  id: '-f16',
  multiplyAdd: (sum, factor, quad) => `${sum} + ${factor} * ${quad}`,
}

const family = (...parameters: Parameters<typeof tiledFamily>): ConvolutionFamily => ({
  ...tiledFamily(...parameters),
  float16: true,
})

/** The one that is expected to be the fastest where nothing was measured comes first. */
export const F16_FAMILIES: readonly ConvolutionFamily[] = [
  family(TILE_64, F16),
  family(TILE_128, F16),
  family(TILE_64, F16_TILES),
]

/**
 * The same kernels where there is no f16: values are float32, rounded to f16 wherever f16 would round them (a sum after
 * its product, which is exact in float32). For tests of f16's numerics on adapters without it.
 */
const emulated = (numbers: Numbers): Numbers => ({
  ...numbers,
  id: `${numbers.id}-emulated`,
  features: [],
  // Not quantizeToF16: SwiftShader's cuts the digits off, and takes what is below the least normal number for zero.
  head: `
fn half(value: vec4<f32>) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(pack2x16float(value.xy)), unpack2x16float(pack2x16float(value.zw)));
}`,
  quad: 'vec4<f32>',
  quadBytes: 16,
  narrow: (value) => `half(${value})`,
  widen: (quad) => quad,
  multiplyAdd: numbers.multiplyAdd && ((...operands) => `half(${numbers.multiplyAdd?.(...operands)})`),
})

export const EMULATED_F16_FAMILIES: readonly ConvolutionFamily[] = [F16, F16_TILES].map((numbers) =>
  family(TILE_32, emulated(numbers)),
)
