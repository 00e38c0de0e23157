/**
 * Convolution as implicit GEMM with the batch folded into its rows, and its two gradients.
 *
 * Shapes: x [count, side, side, ci], w [k, k, ci, co] (HWIO), y [count, outSide, outSide, co], all NHWC and in quads
 * of four channels. A family lowers each kind into a program as it likes; as one dispatch they are:
 *
 * | kernel | rows | columns | reduced over |
 * | --- | --- | --- | --- |
 * | forward | pixels of y | co | taps and ci |
 * | input gradient | pixels of x of one phase (stride ** 2 phases, in z) | ci | the phase's taps and co |
 * | filter gradient | taps and ci | co | pixels of y, split into z; the splits are summed afterwards in order |
 *
 * A row that falls into the padding reads from a page of zeros before the data (`ZERO_PAGE` floats) instead of
 * testing in the inner loop.
 */

import type { BufferPart } from '../program.ts'
import type { ProgramBuilder } from '../program-builder.ts'
import { type DeviceTraits, linearGroups } from './kernel.ts'
import { sumPartsKernel } from './sums.ts'

export interface ConvolutionShape {
  count: number
  side: number
  inChannels: number
  outSide: number
  outChannels: number
  kernel: number
  stride: number
  padding: number
  /** Channels that hold values: 3 for the photos, whose fourth is padding; otherwise `inChannels`. */
  usedChannels: number
}

/** What follows a convolution's sum, in this order, in the same kernel. */
export interface Epilogue {
  /** times a factor for each channel */
  scale: boolean
  /** plus a number for each channel */
  shift: boolean
  /** plus another tensor of the same shape */
  add: boolean
  relu: boolean
}

export const NO_EPILOGUE: Epilogue = { scale: false, shift: false, add: false, relu: false }

export const epilogueId = (epilogue: Epilogue): string =>
  (['scale', 'shift', 'add', 'relu'] as const)
    .filter((key) => epilogue[key])
    .map((key) => `+${key}`)
    .join('')

export const KINDS = ['forward', 'inputGradient', 'filterGradient'] as const
export type Kind = (typeof KINDS)[number]

export interface ForwardOperands {
  /** With its page of zeros. */
  x: BufferPart
  w: BufferPart
  /** [co] each, where the epilogue names them. */
  scale?: BufferPart
  shift?: BufferPart
  /** As y. */
  added?: BufferPart
  y: BufferPart
}

export interface InputGradientOperands {
  /** With its page of zeros. */
  dy: BufferPart
  w: BufferPart
  dx: BufferPart
}

export interface FilterGradientOperands {
  x: BufferPart
  dy: BufferPart
  dw: BufferPart
  /** No step adds to what dw holds (`step.accumulate` is never set), so that a kernel need not look. */
  wholeBatch?: boolean
}

/**
 * Whether a kernel takes a layer on a device. Looks at the layer's kernel, stride, padding and channels only, so that
 * a choice for a layer holds for photos and batches of any size.
 */
export type Suits = (shape: ConvolutionShape, traits: DeviceTraits) => boolean

/** One way to compute a convolution, its input gradient or its filter gradient, in as many dispatches as it takes. */
export interface ConvolutionFamily {
  /** Becomes part of the engine's description: the same id sums in the same order. A changed sum gets a new id. */
  id: string
  /** Rounds to half precision on the way: a candidate only where a recipe asks for it. */
  float16?: true
  forward?: {
    suits: Suits
    lower(
      builder: ProgramBuilder,
      shape: ConvolutionShape,
      epilogue: Epilogue,
      operands: ForwardOperands,
    ): void
  }
  inputGradient?: {
    suits: Suits
    /** `accumulate` adds to what dx holds. */
    lower(
      builder: ProgramBuilder,
      shape: ConvolutionShape,
      accumulate: boolean,
      operands: InputGradientOperands,
    ): void
  }
  filterGradient?: {
    suits: Suits
    /** Adds to what dw holds where the step says so (`step.accumulate`: a later micro-batch). */
    lower(builder: ProgramBuilder, shape: ConvolutionShape, operands: FilterGradientOperands): void
  }
}

/** Multiply-adds count two. */
export const convolutionFlops = (s: ConvolutionShape): number =>
  2 * s.count * s.outSide ** 2 * s.kernel ** 2 * s.usedChannels * s.outChannels

/** Names and values of the constants that all convolution kernels share. */
export const SHAPE_CONSTANTS = [
  'count',
  'side',
  'ci4',
  'out_side',
  'co4',
  'kernel',
  'stride',
  'padding',
] as const

export const shapeConstants = (s: ConvolutionShape): number[] => [
  s.count,
  s.side,
  s.inChannels / 4,
  s.outSide,
  s.outChannels / 4,
  s.kernel,
  s.stride,
  s.padding,
]

/** Bindings of what an epilogue names, of elements of this type. */
export const epilogueBindings = (epilogue: Epilogue, element: string): Record<string, `read ${string}`> => ({
  ...(epilogue.scale && { scale: `read ${element}` as const }),
  ...(epilogue.shift && { shift: `read ${element}` as const }),
  ...(epilogue.add && { added: `read ${element}` as const }),
})

/** Bindings of a forward kernel with this epilogue. */
export const forwardBindings = (
  epilogue: Epilogue,
): Record<string, `read ${string}` | `read_write ${string}`> => ({
  x: 'read vec4<f32>',
  w: 'read vec4<f32>',
  ...epilogueBindings(epilogue, 'vec4<f32>'),
  y: 'read_write vec4<f32>',
})

/**
 * WGSL that finishes `value` (a variable of column quad `column`, element `index` of y) and stores it. Where y and the
 * rest are single floats, `zero` is `0f`.
 */
export const finish = (
  epilogue: Epilogue,
  value: string,
  column: string,
  index: string,
  zero = 'vec4<f32>()',
): string => {
  let expression = value
  if (epilogue.scale) expression = `${expression} * scale[${column}]`
  if (epilogue.shift) expression = `${expression} + shift[${column}]`
  if (epilogue.add) expression = `${expression} + added[${index}]`
  if (epilogue.relu) expression = `max(${expression}, ${zero})`
  return `y[${index}] = ${expression};`
}

/**
 * Adds a filter gradient whose sum over pixels is cut into `splits`: `add` writes it to dw at once where there is one,
 * otherwise to [splits, dw], which are then summed in order.
 */
export function addSplit(
  builder: ProgramBuilder,
  splits: number,
  dw: BufferPart,
  add: (target: BufferPart) => void,
): void {
  if (splits === 1) {
    add(dw)
    return
  }
  const parts = builder.temporary(splits * dw.size)
  add(parts)
  const quads = dw.size / 4
  builder.add(sumPartsKernel, [parts, dw], [splits, quads], linearGroups(sumPartsKernel, quads))
}
