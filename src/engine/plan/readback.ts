/** Copies from the GPU to the host. */

export interface Source {
  buffer: GPUBuffer
  /** In floats. */
  offset: number
  size: number
}

/** Copies the sources, in order, into one array of 32-bit words. Rejects where the device is lost. */
export async function readBack(device: GPUDevice, sources: readonly Source[]): Promise<ArrayBuffer> {
  const words = sources.reduce((sum, { size }) => sum + size, 0)
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
  const staging = device.createBuffer({ label: 'read back', size: 4 * Math.max(1, words), usage })
  try {
    const encoder = device.createCommandEncoder()
    let at = 0
    for (const { buffer, offset, size } of sources) {
      encoder.copyBufferToBuffer(buffer, 4 * offset, staging, 4 * at, 4 * size)
      at += size
    }
    device.queue.submit([encoder.finish()])
    await staging.mapAsync(GPUMapMode.READ)
    return staging.getMappedRange().slice(0)
  } finally {
    staging.destroy()
  }
}
