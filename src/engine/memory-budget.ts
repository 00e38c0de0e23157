/** Bytes that an engine allows itself: wasm's heap ends at 4 GB, and grows by more than it needs. */
export const MEMORY_BUDGET = { wasm: 3e9, webgpu: 4 * 2 ** 30 } as const
