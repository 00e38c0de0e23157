/** Where checkpoints and kept runs lie: flat files in a folder a run. In the browser's own file system, or in memory for tests. */

export interface CheckpointFolder {
  /** Whole or not at all, as far as the storage can. @throws where it is full or refuses. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>
  /** The first `bytes` of a file, or all of it; null where there is no such file. */
  read(name: string, bytes?: number): Promise<Uint8Array<ArrayBuffer> | null>
  list(): Promise<string[]>
  remove(name: string): Promise<void>
}

export interface CheckpointStore {
  /** Made at the first write. */
  folder(key: string): CheckpointFolder
  keys(): Promise<string[]>
  /** With everything in it. */
  removeFolder(key: string): Promise<void>
}

/** Names the two newest generations. Written last, so a copy of a folder should copy it last. */
export const POINTER_FILE = 'pointer.json'

/** The two folders of the browser's own file system: runs that may go on, and runs that ended. */
export type StoreRoot = 'checkpoints' | 'runs'

/** The folder of a run in the browser's own file system, made where it is not there. */
export async function checkpointFolder(key: string): Promise<FileSystemDirectoryHandle> {
  return folderIn('checkpoints', key, true)
}

async function folderIn(root: StoreRoot, key: string, create: boolean): Promise<FileSystemDirectoryHandle> {
  const parent = await rootFolder(root)
  return parent.getDirectoryHandle(encodeURIComponent(key), { create })
}

async function rootFolder(root: StoreRoot): Promise<FileSystemDirectoryHandle> {
  const storage = await navigator.storage.getDirectory()
  return storage.getDirectoryHandle(root, { create: true })
}

const isMissing = (error: unknown): boolean => error instanceof DOMException && error.name === 'NotFoundError'

/** null for what is not there. @throws anything else */
function orMissing(error: unknown): null {
  if (isMissing(error)) return null
  throw error
}

/** The browser's own file system (OPFS). A writable stream writes aside and replaces the file when it closes. */
export class BrowserStore implements CheckpointStore {
  readonly #root: StoreRoot

  constructor(root: StoreRoot = 'checkpoints') {
    this.#root = root
  }

  folder(key: string): CheckpointFolder {
    // Only what is written makes a folder: one that is deleted while it is read does not come back.
    const root = this.#root
    const existing = () => folderIn(root, key, false)
    return {
      async write(name, bytes) {
        const folder = await folderIn(root, key, true)
        const file = await folder.getFileHandle(name, { create: true })
        const stream = await file.createWritable()
        await stream.write(bytes)
        await stream.close()
      },
      async read(name, bytes) {
        try {
          const folder = await existing()
          const file = await (await folder.getFileHandle(name)).getFile()
          return new Uint8Array(await file.slice(0, bytes).arrayBuffer())
        } catch (error) {
          return orMissing(error)
        }
      },
      async list() {
        const folder = await existing().catch(orMissing)
        return folder ? namesIn(folder) : []
      },
      async remove(name) {
        const folder = await existing().catch(orMissing)
        await folder?.removeEntry(name).catch(orMissing)
      },
    }
  }

  async keys(): Promise<string[]> {
    return (await namesIn(await rootFolder(this.#root))).map(decodeURIComponent)
  }

  async removeFolder(key: string): Promise<void> {
    const root = await rootFolder(this.#root).catch(() => null)
    // A browser that gives no files (a private window, an address that is not secure) has kept none.
    await root?.removeEntry(encodeURIComponent(key), { recursive: true }).catch(orMissing)
  }
}

async function namesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = []
  for await (const name of folder.keys()) names.push(name)
  return names
}

/** For tests: folders of bytes, which a test may damage. */
export class MemoryStore implements CheckpointStore {
  readonly folders = new Map<string, Map<string, Uint8Array<ArrayBuffer>>>()

  folder(key: string): CheckpointFolder {
    const files = () => this.folders.get(key) ?? new Map<string, Uint8Array<ArrayBuffer>>()
    return {
      write: async (name, bytes) => {
        this.folders.set(key, files().set(name, bytes.slice()))
      },
      read: async (name, bytes) => files().get(name)?.slice(0, bytes) ?? null,
      list: async () => [...files().keys()],
      remove: async (name) => void files().delete(name),
    }
  }

  async keys(): Promise<string[]> {
    return [...this.folders.keys()]
  }

  async removeFolder(key: string): Promise<void> {
    this.folders.delete(key)
  }
}
