/** `software`: an adapter that imitates a graphics card on the processor. `no-adapter`: offered, but none is given. */
export type WebGpuFinding = 'none' | 'no-adapter' | 'software' | 'adapter'

/** Asks for the adapter that training would use. @param gpu absent in browsers without WebGPU and on insecure addresses */
export async function checkWebGpu(gpu: GPU | undefined = navigator.gpu): Promise<WebGpuFinding> {
  if (!gpu) return 'none'
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
    if (!adapter) return 'no-adapter'
    return adapter.info.isFallbackAdapter ? 'software' : 'adapter'
  } catch {
    return 'no-adapter'
  }
}
