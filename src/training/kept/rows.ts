/**
 * Rows of values by name: in memory while there is room, then in a file, then not at all. Where a row lies changes none of
 * its values.
 */
import { fromFloat16, toFloat16 } from './float16.ts'
import type { Keeping, KeptFile } from './keeping.ts'

/** How a value is kept. */
export type Precision = 'float32' | 'float16'

export const BYTES: Record<Precision, number> = { float32: 4, float16: 2 }

type Row = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>

export class KeptRows {
  readonly #keeping: Keeping
  /** Values of a row. */
  readonly #width: number
  readonly #precision: Precision
  /** In memory, or where in the file. */
  readonly #rows = new Map<string, Row | number>()
  #memoryUsed = 0
  #file: KeptFile | null = null
  #isFileUsable = true

  constructor(keeping: Keeping, width: number, precision: Precision) {
    this.#keeping = keeping
    this.#width = width
    this.#precision = precision
  }

  /** Whether nothing more is kept. */
  get isFull(): boolean {
    return !this.#fitsMemory && !this.#isFileUsable
  }

  /** Whether all rows lie in memory and take less than half of it: they may stay there beside another run's. */
  get isRoomy(): boolean {
    return this.#file === null && this.#memoryUsed < this.#keeping.memory / 2
  }

  /** Whether some rows lie in the file. */
  get usesFile(): boolean {
    return this.#file !== null
  }

  has(name: string): boolean {
    return this.#rows.has(name)
  }

  /** Keeps a row, where there is room. */
  async put(name: string, values: Float32Array): Promise<void> {
    const row = this.#coded(values)
    if (this.#fitsMemory) {
      this.#rows.set(name, row)
      this.#memoryUsed += row.byteLength
      return
    }
    if (!this.#isFileUsable) return
    this.#file ??= await this.#keeping.openFile()
    const at = this.#file?.append(new Uint8Array(row.buffer)) ?? null
    if (at === null) this.#isFileUsable = false
    else this.#rows.set(name, at)
  }

  /** Writes a row's values into `into`; false where it is not kept, or not any more. */
  get(name: string, into: Float32Array): boolean {
    const row = this.#rows.get(name)
    if (row === undefined) return false
    if (typeof row !== 'number') {
      decode(row, into)
      return true
    }
    const read = this.#precision === 'float32' ? new Float32Array(this.#width) : new Uint16Array(this.#width)
    if (this.#file?.read(new Uint8Array(read.buffer), row)) {
      decode(read, into)
      return true
    }
    this.#rows.delete(name)
    return false
  }

  /** What is not kept becomes, as if it had been. */
  asKept(values: Float32Array, into: Float32Array): void {
    decode(this.#coded(values), into)
  }

  /** Lets go of everything. */
  async close(): Promise<void> {
    this.#rows.clear()
    await this.#file?.close()
    this.#file = null
  }

  get #fitsMemory(): boolean {
    return this.#memoryUsed + BYTES[this.#precision] * this.#width <= this.#keeping.memory
  }

  #coded(values: Float32Array): Row {
    return this.#precision === 'float32' ? Float32Array.from(values) : toFloat16(values)
  }
}

function decode(row: Row, into: Float32Array): void {
  if (row instanceof Uint16Array) fromFloat16(row, into)
  else into.set(row)
}
