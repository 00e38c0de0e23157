/**
 * sum + a b. Compiled with relaxed SIMD it is one instruction that rounds once where the processor has a fused
 * multiply-add (any since about 2013); without, a multiplication and an addition.
 */
export function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, sum) : f32x4.add(sum, f32x4.mul(a, b))
}
