/**
 * Kept photos in one file of the browser's own file system: records appended one after the other, found again
 * after a reload. A record is a header of five little-endian words (magic, bytes of the key, width, height,
 * checksum of the pixels), the key in UTF-8, and the RGB pixels. What is cut off or damaged is not used.
 */
import type { Pixels } from './types.ts'

/** "TBP1" */
const MAGIC = 0x31504254
const HEADER_BYTES = 20
const FOLDER = 'kept-photos'

interface Record {
  /** Of the pixels within the file, in bytes. */
  at: number
  width: number
  height: number
  checksum: number
}

/** Word by word FNV-1a. */
function checksum(data: Uint8Array): number {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.length >>> 2)
  let hash = 0x811c9dc5
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i], 0x01000193)
  for (let i = words.length * 4; i < data.length; i++) hash = Math.imul(hash ^ data[i], 0x01000193)
  return hash >>> 0
}

export class PhotoPack {
  private records = new Map<string, Record>()
  private end = 0
  /** Whether the file holds records of an earlier session, which may be given up for new ones. */
  private hasOld = false

  private constructor(
    private readonly file: FileSystemSyncAccessHandle,
    private readonly limit: number,
  ) {
    this.readIndex()
    this.hasOld = this.records.size > 0
  }

  /**
   * Opens the pack of loader `index` of `count`, at most `limit` bytes; removes those of other counts. Null where
   * the browser has no such files or another tab holds this one.
   */
  static async open(index: number, count: number, limit: number): Promise<PhotoPack | null> {
    try {
      const root = await navigator.storage.getDirectory()
      const folder = await root.getDirectoryHandle(FOLDER, { create: true })
      const name = `${index}-of-${count}.pack`
      if (index === 0) await removeOthers(folder, `-of-${count}.pack`)
      const handle = await folder.getFileHandle(name, { create: true })
      return new PhotoPack(await openWhenFree(handle), limit)
    } catch {
      return null
    }
  }

  /** Bytes of the file. */
  get bytes(): number {
    return this.end
  }

  get(key: string): Pixels | null {
    const record = this.records.get(key)
    if (!record) return null
    const data = new Uint8Array(record.width * record.height * 3)
    const whole = this.file.read(data, { at: record.at }) === data.length
    if (whole && checksum(data) === record.checksum)
      return { width: record.width, height: record.height, data }
    this.records.delete(key)
    return null
  }

  has(key: string): boolean {
    return this.records.has(key)
  }

  /** Appends a photo; does nothing where the limit or the disk's end is reached. */
  put(key: string, pixels: Pixels): void {
    const keyBytes = new TextEncoder().encode(key)
    const bytes = HEADER_BYTES + keyBytes.length + pixels.data.length
    if (this.hasOld && this.end + bytes > this.limit) this.clear()
    if (this.end + bytes > this.limit) return
    const at = this.end + HEADER_BYTES + keyBytes.length
    const { data } = pixels
    const record = { at, width: pixels.width, height: pixels.height, checksum: checksum(data) }
    const buffer = new Uint8Array(bytes)
    const view = new DataView(buffer.buffer)
    const words = [MAGIC, keyBytes.length, record.width, record.height, record.checksum]
    words.forEach((word, i) => {
      view.setUint32(i * 4, word, true)
    })
    buffer.set(keyBytes, HEADER_BYTES)
    buffer.set(data, HEADER_BYTES + keyBytes.length)
    if (!this.write(buffer)) return
    this.records.set(key, record)
    this.end += bytes
  }

  private write(buffer: Uint8Array<ArrayBuffer>): boolean {
    try {
      return this.file.write(buffer, { at: this.end }) === buffer.length
    } catch {
      return false // The disk or the browser's quota is full.
    }
  }

  clear(): void {
    this.file.truncate(0)
    this.records.clear()
    this.end = 0
    this.hasOld = false
  }

  close(): void {
    this.file.close()
  }

  private readIndex(): void {
    const size = this.file.getSize()
    const header = new DataView(new ArrayBuffer(HEADER_BYTES))
    while (this.end + HEADER_BYTES <= size) {
      this.file.read(header, { at: this.end })
      const [magic, keyBytes, width, height, sum] = [0, 4, 8, 12, 16].map((i) => header.getUint32(i, true))
      const at = this.end + HEADER_BYTES + keyBytes
      const next = at + width * height * 3
      if (magic !== MAGIC || next > size) break
      const key = new Uint8Array(keyBytes)
      this.file.read(key, { at: this.end + HEADER_BYTES })
      this.records.set(new TextDecoder().decode(key), { at, width, height, checksum: sum })
      this.end = next
    }
  }
}

/**
 * Removes all packs, where no loader of this page has one open. @returns whether there were any.
 * @throws where another tab holds one.
 */
export async function removeKeptPhotos(): Promise<boolean> {
  const root = await navigator.storage.getDirectory()
  try {
    await root.removeEntry(FOLDER, { recursive: true })
    return true
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return false
    throw error
  }
}

/** After a reload the old page's worker may hold the file for a moment more. */
async function openWhenFree(handle: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await handle.createSyncAccessHandle()
    } catch (error) {
      if (attempt === 5) throw error
      await new Promise((resolve) => setTimeout(resolve, 50 * attempt))
    }
  }
}

async function removeOthers(folder: FileSystemDirectoryHandle, keep: string): Promise<void> {
  for await (const name of folder.keys()) {
    // One that another tab holds stays; it goes the next time.
    if (!name.endsWith(keep)) await folder.removeEntry(name).catch(() => {})
  }
}
