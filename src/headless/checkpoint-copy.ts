/** The trainer's checkpoint between the browser's own file system and the command line. */
import { checkpointFolder, POINTER_FILE } from '../training/checkpoint-store.ts'
import { fetchFile } from './transfer.ts'

/** The one run of a throwaway profile. */
export const CHECKPOINT_KEY = 'finetune'

/** Puts the files of an earlier run where the trainer looks for them. */
export async function restoreCheckpoint(transfer: string, names: readonly string[]): Promise<void> {
  const folder = await checkpointFolder(CHECKPOINT_KEY)
  for (const name of names) {
    const file = await folder.getFileHandle(name, { create: true })
    const stream = await file.createWritable()
    await stream.write(await fetchFile(transfer, `checkpoint/${name}`))
    await stream.close()
  }
}

/**
 * Hands each new checkpoint to the command line, one copy at a time: files never change once written, except the
 * pointer, which goes last. `put` sends `checkpoint/NAME`; `copied` gets the names of all files that the checkpoint
 * consists of.
 */
export class CheckpointCopy {
  readonly #known: Set<string>
  #copying: Promise<void> = Promise.resolve()
  #waiting = false

  constructor(
    private readonly put: (name: string, content: Blob) => Promise<void>,
    known: readonly string[],
    private readonly copied: (files: string[]) => void,
  ) {
    this.#known = new Set(known)
  }

  /** A checkpoint is safe in the browser; two that come during a copy become one. */
  changed(): void {
    if (this.#waiting) return
    this.#waiting = true
    this.#copying = this.#copying.then(() => this.#copy())
  }

  /** Resolves when all copies are done. */
  settled(): Promise<void> {
    return this.#copying
  }

  async #copy(): Promise<void> {
    this.#waiting = false
    try {
      const folder = await checkpointFolder(CHECKPOINT_KEY)
      const names: string[] = []
      for await (const name of folder.keys()) if (name !== POINTER_FILE) names.push(name)
      for (const name of [...names, POINTER_FILE]) {
        if (this.#known.has(name) && name !== POINTER_FILE) continue
        const file = await (await folder.getFileHandle(name)).getFile()
        // In memory first: where a file vanishes on its way, `fetch` fails as it does for a broken connection.
        await this.put(`checkpoint/${name}`, new Blob([await file.arrayBuffer()]))
        this.#known.add(name)
      }
      this.copied([...names, POINTER_FILE])
    } catch (error) {
      // A newer checkpoint has replaced this one meanwhile, and its own event follows; or the run is complete, and
      // there is nothing to go on from.
      if (!isGone(error)) throw error
    }
  }
}

/** A file that was removed (`NotFoundError`) or replaced (`NotReadableError`) since it was opened. */
const isGone = (error: unknown): boolean =>
  error instanceof DOMException && ['NotFoundError', 'NotReadableError'].includes(error.name)
