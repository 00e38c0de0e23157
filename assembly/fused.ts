/**
 * The kernels that gain by a fused multiply-add, compiled with relaxed SIMD: they take the place of those of `index.ts`
 * where the browser has it and the processor fuses.
 */
import { multiplyAdd } from './multiply-add'

export { gemm, gemmPlanes } from './gemm'

/** sum + a b as `gemm` computes it: relaxed SIMD leaves the processor the choice of how often it rounds. */
export function multiplyAddOnce(sum: f32, a: f32, b: f32): f32 {
  return f32x4.extract_lane(multiplyAdd(f32x4.splat(sum), f32x4.splat(a), f32x4.splat(b)), 0)
}
