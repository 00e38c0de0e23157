/** Where downloaded weights are kept: files by name. */
import { WeightsError } from './errors.ts'

export interface WeightStore {
  /** null where there is no such file. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>
  /** All or nothing: where it fails, what was there before stays. @throws WeightsError `storage` */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>
  remove(name: string): Promise<void>
}

/** Lives as long as the program: for Node. */
export function memoryStore(): WeightStore {
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  return {
    read: async (name) => files.get(name)?.slice() ?? null,
    write: async (name, bytes) => {
      files.set(name, bytes.slice())
    },
    remove: async (name) => {
      files.delete(name)
    },
  }
}

/** The browser's own file system (OPFS), in its folder `weights`. */
export function browserStore(): WeightStore {
  const folder = async () =>
    (await navigator.storage.getDirectory()).getDirectoryHandle('weights', { create: true })
  return {
    async read(name) {
      const kept = await folder().catch(() => null)
      // A browser that gives no files (a private window, an address that is not secure) has kept none.
      if (!kept) return null
      try {
        const file = await (await kept.getFileHandle(name)).getFile()
        return new Uint8Array(await file.arrayBuffer())
      } catch (error) {
        if (isNotFound(error)) return null
        throw storageError(name, error)
      }
    },
    async write(name, bytes) {
      try {
        const handle = await (await folder()).getFileHandle(name, { create: true })
        // The browser writes a stream aside and puts it in place when it is closed.
        const stream = await handle.createWritable()
        try {
          await stream.write(bytes)
          await stream.close()
        } catch (error) {
          await stream.abort().catch(() => undefined)
          throw error
        }
      } catch (error) {
        throw storageError(name, error)
      }
    },
    async remove(name) {
      try {
        await (await folder()).removeEntry(name)
      } catch (error) {
        if (!isNotFound(error)) throw storageError(name, error)
      }
    },
  }
}

const isNotFound = (error: unknown) => error instanceof DOMException && error.name === 'NotFoundError'

const storageError = (name: string, cause: unknown) =>
  new WeightsError(
    'storage',
    `The browser's file system refused ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  )
