/** For tests: files of kept activations, which only a worker may open. */
import { expose } from 'comlink'
import { openKeptFile, removeLeftActivations } from '../kept/browser-keeping.ts'
import type { KeptFile } from '../kept/keeping.ts'

const files: (KeptFile | null)[] = []

const api = {
  async open(most: number): Promise<number> {
    return files.push(await openKeptFile(most)) - 1
  },
  async append(file: number, bytes: Uint8Array<ArrayBuffer>) {
    return files[file]?.append(bytes) ?? null
  },
  async read(file: number, at: number, length: number) {
    const bytes = new Uint8Array(length)
    return files[file]?.read(bytes, at) ? bytes : null
  },
  async close(file: number) {
    await files[file]?.close()
  },
  removeLeft: () => removeLeftActivations(),
}
export type KeepingTestApi = typeof api

expose(api)
