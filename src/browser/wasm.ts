/** A module of one function that uses a 128-bit vector: `i8x16.splat`, `i8x16.popcnt`. */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
])

/** Whether WebAssembly has vector instructions; without them training is several times slower. */
export const hasSimd = (): boolean => WebAssembly.validate(SIMD_MODULE)
