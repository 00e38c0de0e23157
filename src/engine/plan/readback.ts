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

/** A few staging buffers of one size that are used in turn, for the small result of every step. */
export class ReadbackRing {
  private readonly device: GPUDevice
  private readonly words: number
  private readonly free: GPUBuffer[] = []
  private readonly all: GPUBuffer[] = []

  constructor(device: GPUDevice, words: number) {
    this.device = device
    this.words = words
  }

  /** Copies the buffer's first words behind all that was submitted, and gives them once they are there. */
  async read(source: GPUBuffer): Promise<ArrayBuffer> {
    const staging = this.free.pop() ?? this.create()
    const encoder = this.device.createCommandEncoder()
    encoder.copyBufferToBuffer(source, 0, staging, 0, 4 * this.words)
    this.device.queue.submit([encoder.finish()])
    await staging.mapAsync(GPUMapMode.READ)
    const words = staging.getMappedRange().slice(0)
    staging.unmap()
    this.free.push(staging)
    return words
  }

  destroy(): void {
    for (const buffer of this.all) buffer.destroy()
  }

  private create(): GPUBuffer {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST
    const buffer = this.device.createBuffer({ label: 'result', size: 4 * this.words, usage })
    this.all.push(buffer)
    return buffer
  }
}
