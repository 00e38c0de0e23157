/**
 * The plan's GPU buffers, by name. A buffer grows to the largest size that was asked for and is shared by all programs;
 * growing one replaces it, which bind groups notice by `generation`.
 */
import { EngineError } from '../errors.ts'

export class Buffers {
  private readonly device: GPUDevice
  private readonly buffers = new Map<string, GPUBuffer>()
  /** Counts replacements: what was bound under an older one must be bound again. */
  generation = 0

  constructor(device: GPUDevice) {
    this.device = device
  }

  get(name: string): GPUBuffer {
    const buffer = this.buffers.get(name)
    if (!buffer) throw new Error(`no buffer ${name}`)
    return buffer
  }

  /**
   * Makes each named buffer at least this many floats long. New buffers are zero; a replaced one loses its values.
   * @throws EngineError `out-of-memory`.
   */
  async ensure(sizes: Iterable<readonly [string, number]>): Promise<void> {
    const growing = [...sizes].filter(([name, floats]) => (this.buffers.get(name)?.size ?? 0) < 4 * floats)
    if (growing.length === 0) return
    this.generation++
    for (const [name] of growing) {
      this.buffers.get(name)?.destroy()
      this.buffers.delete(name)
    }
    this.device.pushErrorScope('out-of-memory')
    this.device.pushErrorScope('validation')
    for (const [name, floats] of growing) this.buffers.set(name, this.create(name, floats))
    const errors = await Promise.all([this.device.popErrorScope(), this.device.popErrorScope()])
    const failed = errors.find((error) => error !== null)
    if (!failed) return
    this.destroy(growing.map(([name]) => name))
    const bytes = growing.reduce((sum, [, floats]) => sum + 4 * floats, 0)
    throw new EngineError(
      'out-of-memory',
      `No GPU memory for ${Math.ceil(bytes / 2 ** 20)} MB: ${failed.message}`,
    )
  }

  /** A new zero buffer under the name; the old one is returned for the caller to copy from and destroy. */
  replace(name: string, floats: number): GPUBuffer | undefined {
    const old = this.buffers.get(name)
    this.buffers.set(name, this.create(name, floats))
    this.generation++
    return old
  }

  destroy(names: Iterable<string> = [...this.buffers.keys()]): void {
    for (const name of names) {
      this.buffers.get(name)?.destroy()
      this.buffers.delete(name)
    }
    this.generation++
  }

  private create(label: string, floats: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
    return this.device.createBuffer({ label, size: 4 * Math.max(4, floats), usage })
  }
}
