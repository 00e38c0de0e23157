/**
 * A heap that holds nothing: it counts what tensors would take. They lie where dlmalloc, which TF.js's wasm is built
 * with, puts them (in the smallest gap that holds them, else behind all others), so that gaps are counted too. Source:
 * Lea, malloc.c 2.8. Scopes are those of `tf.tidy`.
 */
import { elements } from '../../../model/index.ts'
import type { TensorMemory } from './tape.ts'

interface Gap {
  at: number
  bytes: number
}

/** [count, height, width, channels] of an activation; other tensors have one number. */
export interface CountedTensor extends Gap {
  readonly shape: readonly number[]
  isKept: boolean
  isFreed: boolean
}

const FLOAT = 4
/** In front of each block, and what blocks are rounded up to. */
const HEADER = 4
const GRAIN = 16
/** TF.js's static data and stack lie before the heap. */
const BEFORE = 2 ** 16

export class CountedHeap implements TensorMemory<CountedTensor> {
  /** By address; none touches another. */
  readonly #gaps: Gap[] = []
  #end = BEFORE
  #scope: CountedTensor[] = []

  /** The address behind the last byte that was ever used. */
  get peak(): number {
    return this.#end
  }

  empty(...shape: number[]): CountedTensor {
    const bytes = GRAIN * Math.ceil((FLOAT * elements(shape) + HEADER) / GRAIN)
    const tensor = { shape, at: this.#place(bytes), bytes, isKept: false, isFreed: false }
    this.#scope.push(tensor)
    return tensor
  }

  keep(tensor: CountedTensor): CountedTensor {
    tensor.isKept = true
    return tensor
  }

  dispose(tensor: CountedTensor): void {
    if (tensor.isFreed) return
    tensor.isFreed = true
    const { at, bytes } = tensor
    const after = this.#gaps.findIndex((gap) => gap.at > at)
    const place = after < 0 ? this.#gaps.length : after
    const gap = { at, bytes }
    const [before, behind] = [this.#gaps[place - 1], this.#gaps[place]]
    const joinsBefore = before && before.at + before.bytes === at
    const joinsBehind = behind && at + bytes === behind.at
    if (joinsBehind) gap.bytes += behind.bytes
    if (joinsBefore) {
      gap.at = before.at
      gap.bytes += before.bytes
    }
    const first = place - Number(joinsBefore ?? false)
    this.#gaps.splice(first, Number(joinsBefore ?? false) + Number(joinsBehind ?? false), gap)
  }

  /** A sum takes no more memory. */
  addInto(_sum: CountedTensor, _values: CountedTensor): void {}

  /** Buffers of so many floats, for a while. */
  borrow(lengths: readonly number[]): void {
    for (const buffer of lengths.map((length) => this.empty(length))) this.dispose(buffer)
  }

  /** Frees what `run` makes and neither keeps nor gives. */
  tidy(run: () => CountedTensor): CountedTensor {
    const outer = this.#scope
    this.#scope = []
    const result = run()
    for (const tensor of this.#scope) if (!tensor.isKept && tensor !== result) this.dispose(tensor)
    this.#scope = outer
    this.#scope.push(result)
    return result
  }

  #place(bytes: number): number {
    let best = -1
    for (let i = 0; i < this.#gaps.length; i++) {
      const gap = this.#gaps[i]
      if (gap.bytes < bytes || gap.at + gap.bytes === this.#end) continue
      if (best < 0 || gap.bytes < this.#gaps[best].bytes) best = i
    }
    if (best < 0) return this.#append(bytes)
    const gap = this.#gaps[best]
    const { at } = gap
    gap.at += bytes
    gap.bytes -= bytes
    if (gap.bytes === 0) this.#gaps.splice(best, 1)
    return at
  }

  /** Into the gap at the end, and beyond. */
  #append(bytes: number): number {
    const last = this.#gaps.at(-1)
    if (!last || last.at + last.bytes < this.#end) {
      this.#end += bytes
      return this.#end - bytes
    }
    const { at } = last
    last.at += bytes
    last.bytes -= bytes
    if (last.bytes <= 0) this.#gaps.pop()
    this.#end = Math.max(this.#end, at + bytes)
    return at
  }
}
