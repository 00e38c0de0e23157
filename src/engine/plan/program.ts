/**
 * A program as data: which kernels run in which order over which parts of which buffers. Nothing here touches a
 * device, so that memory is counted and limits are checked before anything is allocated.
 */
import type { KernelChoice } from './choice.ts'
import { ZERO_PAGE } from './kernels/convolution.ts'
import type { Kernel } from './kernels/kernel.ts'

/** A part of a named buffer, in floats. */
export interface BufferPart {
  buffer: string
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
  operations: readonly Operation[]
  /** Floats of every activation and scratch buffer that the program uses. */
  buffers: ReadonlyMap<string, number>
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
export const values = (a: Activation): BufferPart => ({
  buffer: a.buffer,
  offset: ZERO_PAGE,
  size: floatsOf(a),
})

/** An activation with its page of zeros, as convolutions read it. */
export const withZeroPage = (a: Activation): BufferPart => ({
  buffer: a.buffer,
  offset: 0,
  size: ZERO_PAGE + floatsOf(a),
})

/** Collects a program's operations and buffers; scratch buffers are lent and given back. */
export class ProgramBuilder {
  readonly choice: KernelChoice
  private readonly operations: Operation[] = []
  private readonly buffers = new Map<string, number>()
  private readonly free: string[] = []
  private lent = 0

  constructor(choice: KernelChoice) {
    this.choice = choice
  }

  /** An activation that is kept under its own name. */
  activation(buffer: string, count: number, side: number, channels: number): Activation {
    const activation = { buffer, count, side, channels }
    this.reserve(buffer, ZERO_PAGE + floatsOf(activation))
    return activation
  }

  /** An activation in a scratch buffer, until `release`. */
  scratch(count: number, side: number, channels: number): Activation {
    const buffer = this.free.pop() ?? `scratch${this.lent++}`
    return this.activation(buffer, count, side, channels)
  }

  /** A buffer of `size` floats for what only the next operations need, until `release`. */
  temporary(size: number): BufferPart {
    const buffer = this.free.pop() ?? `scratch${this.lent++}`
    this.reserve(buffer, ZERO_PAGE + size)
    // Behind the page of zeros, which an activation in the same buffer counts on.
    return { buffer, offset: ZERO_PAGE, size }
  }

  /** Gives scratch buffers back; kept activations are left alone. */
  release(...activations: readonly { buffer: string }[]): void {
    for (const { buffer } of activations)
      if (buffer.startsWith('scratch') && !this.free.includes(buffer)) this.free.push(buffer)
  }

  /** A plain buffer of at least `size` floats. */
  part(buffer: string, size: number): BufferPart {
    this.reserve(buffer, size)
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
    this.operations.push({
      kernel,
      parts,
      constants,
      groups,
      work: work ?? parts.reduce((sum, { size }) => sum + 4 * size, 0),
    })
  }

  finish(): Program {
    return { operations: this.operations, buffers: this.buffers }
  }

  private reserve(buffer: string, size: number): void {
    this.buffers.set(buffer, Math.max(this.buffers.get(buffer) ?? 0, size))
  }
}
