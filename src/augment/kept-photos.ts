/**
 * Decoded, resized photos: in memory up to a share, and in a pack on the browser's disk, so that each photo is
 * decoded once. Training goes over all photos again and again in random order, so what was kept first stays.
 */
import type { PhotoPack } from './photo-pack.ts'
import type { Pixels } from './types.ts'

export class KeptPhotos {
  private memory = new Map<string, Pixels>()
  private memoryUsed = 0

  constructor(
    private readonly memoryLimit: number,
    private readonly pack: PhotoPack | null,
  ) {}

  get memoryBytes(): number {
    return this.memoryUsed
  }

  get diskBytes(): number {
    return this.pack?.bytes ?? 0
  }

  get(key: string): Pixels | null {
    const held = this.memory.get(key)
    if (held) return held
    const read = this.pack?.get(key) ?? null
    if (read) this.hold(key, read)
    return read
  }

  put(key: string, pixels: Pixels): void {
    this.hold(key, pixels)
    if (!this.pack?.has(key)) this.pack?.put(key, pixels)
  }

  has(key: string): boolean {
    return this.memory.has(key) || (this.pack?.has(key) ?? false)
  }

  clear(): void {
    this.memory.clear()
    this.memoryUsed = 0
    this.pack?.clear()
  }

  private hold(key: string, pixels: Pixels): void {
    if (this.memory.has(key) || this.memoryUsed + pixels.data.length > this.memoryLimit) return
    this.memory.set(key, pixels)
    this.memoryUsed += pixels.data.length
  }
}
