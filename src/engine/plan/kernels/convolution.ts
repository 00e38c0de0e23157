/**
 * Convolution as implicit GEMM with the batch folded into its rows, and its two gradients.
 *
 * Shapes: x [count, side, side, ci], w [k, k, ci, co] (HWIO), y [count, outSide, outSide, co], all NHWC and in quads
 * of four channels. Whatever the tiles, every kernel has the same bindings and constants, so a program does not care:
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
import type { Kernel } from './kernel.ts'

/** Floats of zeros before each activation: as many as the widest padded convolution has channels. */
export const ZERO_PAGE = 512

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

export interface Dispatch {
  kernel: Kernel
  groups: [number, number, number]
  /** In the order of the kernel's names. */
  constants: number[]
}

/** One way to tile the three kernels. */
export interface ConvolutionTiles {
  /** Becomes part of the engine's description: the same id sums in the same order. */
  id: string
  /** Bindings: x (with its zero page), w, [scale], [shift], [added], y. */
  forward(shape: ConvolutionShape, epilogue: Epilogue): Dispatch
  /** Bindings: dy (with its zero page), w, dx. `accumulate` adds to what dx holds. */
  inputGradient(shape: ConvolutionShape, accumulate: boolean): Dispatch
  /**
   * Bindings: x, dy, dw. With one split dw is written (or added to, in a later micro-batch) at once; with more,
   * dw is [splits, k, k, ci, co] and `sumSplits` follows.
   */
  filterGradient(shape: ConvolutionShape): Dispatch & { splits: number }
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

/** Bindings of a forward kernel with this epilogue. */
export const forwardBindings = (
  epilogue: Epilogue,
): Record<string, `read ${string}` | `read_write ${string}`> => ({
  x: 'read vec4<f32>',
  w: 'read vec4<f32>',
  ...(epilogue.scale && { scale: 'read vec4<f32>' as const }),
  ...(epilogue.shift && { shift: 'read vec4<f32>' as const }),
  ...(epilogue.add && { added: 'read vec4<f32>' as const }),
  y: 'read_write vec4<f32>',
})

/** WGSL that finishes `value` (a variable of column quad `column`, element `index` of y) and stores it. */
export const finish = (epilogue: Epilogue, value: string, column: string, index: string): string => {
  let expression = value
  if (epilogue.scale) expression = `${expression} * scale[${column}]`
  if (epilogue.shift) expression = `${expression} + shift[${column}]`
  if (epilogue.add) expression = `${expression} + added[${index}]`
  if (epilogue.relu) expression = `max(${expression}, vec4<f32>())`
  return `y[${index}] = ${expression};`
}
