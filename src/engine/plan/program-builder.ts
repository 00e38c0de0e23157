/**
 * Writes programs. While one is built its buffers are virtual: each has a name and a size of its own. `finish` lays them
 * into physical memory by when they live. Buffers that outlive programs (parameters, gradients, statistics) are named
 * too, but not asked of the builder.
 */
import type { DeviceTraits, Kernel } from './kernels/kernel.ts'
import { planMemory, type VirtualBuffer } from './memory.ts'
import { type Activation, type BufferPart, floatsOf, type Operation, type Program } from './program.ts'

/** Collects a program's operations and buffers. */
export class ProgramBuilder {
  /** Of the device that the program is for. */
  readonly traits: DeviceTraits
  private readonly operations: Operation[] = []
  private readonly virtual = new Map<string, VirtualBuffer>()
  private readonly named = new Map<string, string>()
  private temporaries = 0

  constructor(traits: DeviceTraits) {
    this.traits = traits
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

  /** Lets an activation be found by a name of its own when the program has been laid out. */
  name(activation: Activation, name: string): void {
    this.named.set(name, activation.buffer)
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
    const { buffers, places: own } = planMemory(this.operations, [...this.virtual.values()])
    const places = new Map(own)
    for (const [name, buffer] of this.named) {
      const place = own.get(buffer)
      if (place) places.set(name, place)
    }
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
