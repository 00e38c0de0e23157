/**
 * A program as data: which kernels run in which order over which parts of which buffers. Nothing here touches a
 * device, so that memory is counted and limits are checked before anything is allocated.
 */
import type { Kernel } from './kernels/kernel.ts'

/** Floats of zeros before each activation: as many as the widest padded convolution has channels. */
export const ZERO_PAGE = 512

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
export const floatsOf = (a: Activation): number => rowsOf(a) * a.channels

/** The values of an activation. */
export const values = (a: Activation): BufferPart => ({ buffer: a.buffer, offset: 0, size: floatsOf(a) })

/** An activation with its page of zeros, as convolutions read it. */
export const withZeroPage = (a: Activation): BufferPart => ({
  buffer: a.buffer,
  offset: -ZERO_PAGE,
  size: ZERO_PAGE + floatsOf(a),
})
