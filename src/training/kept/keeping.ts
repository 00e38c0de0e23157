/** Where a run may keep activations: the browser gives the real places (`browser-keeping.ts`), tests give others. */

/** A file that goes with the run. */
export interface KeptFile {
  /** Appends; returns where, in bytes, or null where there is no room. What was written before stays. */
  append(bytes: Uint8Array<ArrayBuffer>): number | null
  /** Fills `bytes` from there; false where that is not to be had. */
  read(bytes: Uint8Array<ArrayBuffer>, at: number): boolean
  /** Removes it. */
  close(): Promise<void>
}

export interface Keeping {
  /** Bytes in memory. */
  memory: number
  /** A new, empty file; null where there can be none. */
  openFile(): Promise<KeptFile | null>
}

/** Half a gigabyte in memory, and nowhere else. */
export const IN_MEMORY: Keeping = { memory: 2 ** 29, openFile: async () => null }
