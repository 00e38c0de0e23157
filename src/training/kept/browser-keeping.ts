/**
 * Where a run in a browser keeps activations: in memory, and beyond that in one file of the browser's own file system,
 * which goes with the run. It is written and read at once (a sync access handle), so it belongs to a worker.
 */
import type { Keeping, KeptFile } from './keeping.ts'

const GIGABYTE = 2 ** 30
const FOLDER = 'kept-activations'

/** An eighth of the machine's memory (browsers say at most 8 GB), half a gigabyte at most; 4 GB on disk at most. */
export function browserKeeping(): Keeping {
  const machine = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : 4
  return {
    memory: Math.min(GIGABYTE / 2, (machine * GIGABYTE) / 8),
    openFile: () => openKeptFile(4 * GIGABYTE),
  }
}

/**
 * A new file of at most `most` bytes, and at most half of what the browser still grants; null where it has no such files.
 */
export async function openKeptFile(most: number): Promise<KeptFile | null> {
  try {
    const folder = await keptFolder()
    const { quota = 0, usage = 0 } = await navigator.storage.estimate()
    const name = crypto.randomUUID()
    const handle = await folder.getFileHandle(name, { create: true })
    const file = await handle.createSyncAccessHandle()
    return new BrowserFile(folder, name, file, Math.min(most, (quota - usage) / 2))
  } catch {
    return null
  }
}

/** Removes what runs that were killed have left; a file that another tab has open stays. */
export async function removeLeftActivations(): Promise<void> {
  try {
    const folder = await keptFolder()
    for await (const name of folder.keys()) await folder.removeEntry(name).catch(() => undefined)
  } catch {
    // A browser that gives no files has kept none.
  }
}

async function keptFolder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory()
  return root.getDirectoryHandle(FOLDER, { create: true })
}

class BrowserFile implements KeptFile {
  readonly #folder: FileSystemDirectoryHandle
  readonly #name: string
  readonly #file: FileSystemSyncAccessHandle
  readonly #limit: number
  #end = 0

  constructor(
    folder: FileSystemDirectoryHandle,
    name: string,
    file: FileSystemSyncAccessHandle,
    limit: number,
  ) {
    this.#folder = folder
    this.#name = name
    this.#file = file
    this.#limit = limit
  }

  append(bytes: Uint8Array<ArrayBuffer>): number | null {
    if (this.#end + bytes.length > this.#limit) return null
    try {
      if (this.#file.write(bytes, { at: this.#end }) !== bytes.length) return null
    } catch {
      return null // The disk or the browser's quota is full.
    }
    const at = this.#end
    this.#end += bytes.length
    return at
  }

  read(bytes: Uint8Array<ArrayBuffer>, at: number): boolean {
    try {
      return this.#file.read(bytes, { at }) === bytes.length
    } catch {
      return false
    }
  }

  async close(): Promise<void> {
    this.#file.close()
    // Where it cannot be removed now, the next run does it.
    await this.#folder.removeEntry(this.#name).catch(() => undefined)
  }
}
