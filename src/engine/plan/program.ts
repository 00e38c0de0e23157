/**
 * A program as data: which kernels run in which order over which parts of which buffers. Nothing here touches a
 * device, so that memory is counted and limits are checked before anything is allocated.
 *
 * While a program is built its buffers are virtual: each has a name and a size of its own. `finish` lays them into
 * physical memory by when they live. Buffers that outlive programs (parameters, gradients, statistics) are named too,
 * but not asked of the builder.
 */
import type { KernelChoice } from './choice.ts'
import { ZERO_PAGE } from './kernels/convolution.ts'
import type { Kernel } from './kernels/kernel.ts'
import { planMemory, type VirtualBuffer } from './memory.ts'

/** A part of a named buffer, in floats. */
export interface BufferPart {
  buffer: string
  /** Of a virtual buffer, from where its values begin: what lies before them is its page of zeros. */
  offset: number
  size: number
}

export interface Operation {
  kernel: Kernel
  /** In the order of the kernel's bindings. */
  parts: readonly BufferPart[]
  constants: readonly number[]
  groups: readonly [number, number, number]
  /** Floating-point operations, or the bytes it moves where it hardly computes: what a submit is measured by. */
  work: number
}

export interface Program {
  /** Their parts are of physical buffers, and of those that outlive programs. */
  operations: readonly Operation[]
  /** Floats of every physical buffer that the program uses, the largest first. */
  buffers: ReadonlyMap<string, number>
  /** Where the values of its virtual buffers lie: inputs until they are read, outputs when it has run. */
  places: ReadonlyMap<string, BufferPart>
}

/** An activation: [count, side, side, channels] after a page of zeros. */
export interface Activation {
  buffer: string
  count: number
  side: number
  channels: number
}

export const rowsOf = (a: Activation): number => a.count * a.side ** 2
const floatsOf = (a: Activation): number => rowsOf(a) * a.channels

/** The values of an activation. */
export const values = (a: Activation): BufferPart => ({ buffer: a.buffer, offset: 0, size: floatsOf(a) })

/** An activation with its page of zeros, as convolutions read it. */
export const withZeroPage = (a: Activation): BufferPart => ({
  buffer: a.buffer,
  offset: -ZERO_PAGE,
  size: ZERO_PAGE + floatsOf(a),
})

/** Collects a program's operations and buffers. */
export class ProgramBuilder {
  readonly choice: KernelChoice
  private readonly operations: Operation[] = []
  private readonly virtual = new Map<string, VirtualBuffer>()
  private temporaries = 0

  constructor(choice: KernelChoice) {
    this.choice = choice
  }

  /** An activation under a name of its own. */
  activation(buffer: string, count: number, side: number, channels: number): Activation {
    const activation = { buffer, count, side, channels }
    this.part(buffer, floatsOf(activation))
    return activation
  }

  /** An activation that nobody looks for by name. */
  scratch(count: number, side: number, channels: number): Activation {
    return this.activation(this.newName(), count, side, channels)
  }

  /** A buffer of `size` floats: it takes memory from the operation that writes it to the last that reads it. */
  temporary(size: number): BufferPart {
    return this.part(this.newName(), size)
  }

  /** A buffer of `size` floats under a name of its own. */
  part(buffer: string, size: number): BufferPart {
    if (this.virtual.has(buffer)) throw new Error(`The program has a buffer ${buffer} already`)
    this.virtual.set(buffer, { name: buffer, size, paged: false })
    return { buffer, offset: 0, size }
  }

  add(
    kernel: Kernel,
    parts: readonly BufferPart[],
    constants: readonly number[],
    groups: readonly [number, number, number],
    work?: number,
  ): void {
    if (parts.length !== kernel.bindings.length || constants.length !== kernel.constants.length)
      throw new Error(
        `${kernel.id} takes ${kernel.bindings.length} buffers and ${kernel.constants.length} constants`,
      )
    for (const { buffer, offset } of parts) {
      const virtual = this.virtual.get(buffer)
      if (virtual && offset < 0) this.virtual.set(buffer, { ...virtual, paged: true })
    }
    this.operations.push({
      kernel,
      parts,
      constants,
      groups,
      work: work ?? parts.reduce((sum, { size }) => sum + 4 * size, 0),
    })
  }

  finish(): Program {
    const { buffers, places } = planMemory(this.operations, [...this.virtual.values()])
    const operations = this.operations.map((operation) => ({
      ...operation,
      parts: operation.parts.map((part) => {
        const place = places.get(part.buffer)
        return place ? { ...part, buffer: place.buffer, offset: place.offset + part.offset } : part
      }),
    }))
    return { operations, buffers, places }
  }

  private newName(): string {
    return `temporary${this.temporaries++}`
  }
}
