/** For tests: one dispatch of a kernel on plain arrays, through the same executor as the plan. */
import { Buffers } from './buffers.ts'
import { deviceTraits, openDevice } from './device.ts'
import { Executor } from './executor.ts'
import type { ConvolutionFamily, ConvolutionShape, Epilogue } from './kernels/convolution.ts'
import type { Kernel, StepConstants } from './kernels/kernel.ts'
import { type BufferPart, ZERO_PAGE } from './program.ts'
import { ProgramBuilder } from './program-builder.ts'
import { readBack } from './readback.ts'

export const STEP: StepConstants = {
  inverseBatch: 1,
  labelSmoothing: 0,
  momentum: 0.1,
  accumulate: false,
  weightDecay: 0,
  sgdMomentum: 0,
}

/** This machine's device; an error that no one asks for fails the test that caused it. */
export async function testDevice(): Promise<GPUDevice> {
  const opened = await openDevice()
  if (!opened) throw new Error('this browser has no WebGPU adapter')
  opened.device.addEventListener('uncapturederror', ({ error }) => {
    throw new Error(error.message)
  })
  return opened.device
}

export interface KernelRun {
  kernel: Kernel
  groups: readonly [number, number, number]
  constants: readonly number[]
}

export type Words = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>

/**
 * Runs a kernel once. `arrays`: what each binding begins with, by name.
 * @returns what the writable bindings hold afterwards, as floats.
 */
export async function runKernel(
  device: GPUDevice,
  { kernel, groups, constants }: KernelRun,
  arrays: Record<string, Words>,
  step: StepConstants = STEP,
): Promise<Record<string, Float32Array<ArrayBuffer>>> {
  const buffers = new Buffers(device)
  const executor = new Executor(device, buffers)
  try {
    const parts = kernel.bindings.map(({ name }) => ({ buffer: name, offset: 0, size: arrays[name].length }))
    const operations = [{ kernel, parts, constants, groups, work: 1 }]
    const sizes = new Map(parts.map(({ buffer, size }) => [buffer, size]))
    const places = new Map(parts.map((part) => [part.buffer, part]))
    const program = await executor.layOut(kernel.id, () => ({ operations, buffers: sizes, places }))
    for (const { name } of kernel.bindings) device.queue.writeBuffer(buffers.get(name), 0, arrays[name])
    executor.setStep(step)
    executor.run(program)
    const results: Record<string, Float32Array<ArrayBuffer>> = {}
    for (const { name, access } of kernel.bindings)
      if (access === 'read_write') {
        const source = { buffer: buffers.get(name), offset: 0, size: arrays[name].length }
        results[name] = new Float32Array(await readBack(device, [source]))
      }
    return results
  } finally {
    executor.destroy()
    buffers.destroy()
  }
}

export interface ConvolutionArrays {
  x: Words
  w: Words
  dy: Words
  /** [co] each, and as y, where the epilogue names them. */
  scale?: Words
  shift?: Words
  added?: Words
  /** What dx or dw begin with. */
  before?: Words
}

/**
 * One kind of convolution by a family, as a program of the plan. Arrays come without a page of zeros.
 * @returns y, dx or dw.
 */
export async function runConvolution(
  device: GPUDevice,
  family: ConvolutionFamily,
  shape: ConvolutionShape,
  kind: { forward: Epilogue } | { inputGradient: { accumulate: boolean } } | 'filterGradient',
  arrays: ConvolutionArrays,
  step: StepConstants = STEP,
): Promise<Float32Array<ArrayBuffer>> {
  const buffers = new Buffers(device)
  const executor = new Executor(device, buffers)
  const builder = new ProgramBuilder(deviceTraits(device))
  const { count, side, inChannels, outSide, outChannels, kernel } = shape
  /** Operands outlive the program: what it computes in between must not lie in their memory. */
  const operand = (buffer: string, size: number): BufferPart => ({ buffer, offset: ZERO_PAGE, size })
  const paged = ({ buffer, size }: BufferPart): BufferPart => ({ buffer, offset: 0, size: ZERO_PAGE + size })
  const x = operand('x', count * side ** 2 * inChannels)
  const y = operand('y', count * outSide ** 2 * outChannels)
  const w = operand('w', kernel ** 2 * inChannels * outChannels)
  const uploads: [BufferPart, Words | undefined][] = [[w, arrays.w]]
  let output: BufferPart
  if (kind === 'filterGradient') {
    output = operand('dw', w.size)
    uploads.push([x, arrays.x], [y, arrays.dy], [output, arrays.before])
    family.filterGradient!.lower(builder, shape, { x, dy: y, dw: output, wholeBatch: !step.accumulate })
  } else if ('forward' in kind) {
    const optional = (name: 'scale' | 'shift' | 'added', size: number) => {
      if (!arrays[name]) return {}
      const part = operand(name, size)
      uploads.push([part, arrays[name]])
      return { [name]: part }
    }
    output = y
    uploads.push([x, arrays.x])
    family.forward!.lower(builder, shape, kind.forward, {
      x: paged(x),
      w,
      ...optional('scale', outChannels),
      ...optional('shift', outChannels),
      ...optional('added', output.size),
      y: output,
    })
  } else {
    output = operand('dx', x.size)
    uploads.push([y, arrays.dy], [output, arrays.before])
    const operands = { dy: paged(y), w, dx: output }
    family.inputGradient!.lower(builder, shape, kind.inputGradient.accumulate, operands)
  }
  try {
    await buffers.ensure(
      [...uploads.map(([part]) => part), output].map((part) => [part.buffer, ZERO_PAGE + part.size]),
    )
    const program = await executor.layOut('convolution', () => builder.finish())
    for (const [{ buffer, offset }, array] of uploads)
      if (array) device.queue.writeBuffer(buffers.get(buffer), 4 * offset, array)
    executor.setStep(step)
    executor.run(program)
    const { buffer, offset, size } = output
    return new Float32Array(await readBack(device, [{ buffer: buffers.get(buffer), offset, size }]))
  } finally {
    executor.destroy()
    buffers.destroy()
  }
}

export function withZeroPage(values: Float32Array): Float32Array<ArrayBuffer> {
  const paged = new Float32Array(ZERO_PAGE + values.length)
  paged.set(values, ZERO_PAGE)
  return paged
}

/** The largest difference, as a share of the largest expected value. */
export function relativeError(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0
  let largest = Number.MIN_VALUE
  for (let i = 0; i < expected.length; i++) {
    // NaN must not pass: it is larger than any difference.
    const d = Math.abs(values[i] - expected[i])
    difference = Number.isNaN(d) ? Number.POSITIVE_INFINITY : Math.max(difference, d)
    largest = Math.max(largest, Math.abs(expected[i]))
  }
  return difference / largest
}
