/** One convolution on the plan's kernels, laid out as the plan does it for a training step. */
import { Buffers } from '../src/engine/plan/buffers.ts'
import { Executor } from '../src/engine/plan/executor.ts'
import { chooseKernels, deviceTraits } from '../src/engine/plan/index.ts'
import { type ConvolutionShape, NO_EPILOGUE } from '../src/engine/plan/kernels/convolution.ts'
import { type BufferPart, ZERO_PAGE } from '../src/engine/plan/program.ts'
import { ProgramBuilder } from '../src/engine/plan/program-builder.ts'
import { readBack } from '../src/engine/plan/readback.ts'
import type { Kind } from './protocol.ts'

/** x [count, side, side, ci], w [k, k, ci, co], dy [count, outSide, outSide, co]. */
export interface ConvolutionData {
  x: Float32Array<ArrayBuffer>
  w: Float32Array<ArrayBuffer>
  dy: Float32Array<ArrayBuffer>
}

export interface RunningConvolution {
  /** Resolves when the device has done it. */
  run(): Promise<void>
  result(): Promise<Float32Array>
  close(): void
}

/** `kernels`: id of a choice. */
export async function planConvolution(
  device: GPUDevice,
  kernels: string,
  layer: string,
  shape: ConvolutionShape,
  kind: Kind,
  data: ConvolutionData,
): Promise<RunningConvolution> {
  const { count, side, inChannels, outSide, outChannels, kernel } = shape
  const buffers = new Buffers(device)
  const executor = new Executor(device, buffers)
  const choice = chooseKernels(deviceTraits(device), kernels)
  const builder = new ProgramBuilder(choice.traits)
  // Operands outlive the program, which runs many times.
  const operand = (buffer: string, size: number): BufferPart => ({ buffer, offset: ZERO_PAGE, size })
  const paged = ({ buffer, size }: BufferPart): BufferPart => ({ buffer, offset: 0, size: ZERO_PAGE + size })
  const x = operand('x', count * side ** 2 * inChannels)
  const dy = operand('dy', count * outSide ** 2 * outChannels)
  const w = operand('w', kernel ** 2 * inChannels * outChannels)
  const output = operand('output', { forward: dy, 'input gradient': x, 'filter gradient': w }[kind].size)
  await buffers.ensure([x, dy, w, output].map(({ buffer, size }) => [buffer, ZERO_PAGE + size] as const))
  if (kind === 'forward')
    choice.of('forward', layer, shape).lower(builder, shape, NO_EPILOGUE, { x: paged(x), w, y: output })
  else if (kind === 'input gradient')
    choice.of('inputGradient', layer, shape).lower(builder, shape, false, { dy: paged(dy), w, dx: output })
  else
    choice.of('filterGradient', layer, shape).lower(builder, shape, { x, dy, dw: output, wholeBatch: true })
  const program = await executor.layOut(kind, () => builder.finish())
  for (const [part, content] of [
    [x, data.x],
    [dy, data.dy],
    [w, data.w],
  ] as const)
    device.queue.writeBuffer(buffers.get(part.buffer), 4 * part.offset, content)
  return {
    async run() {
      executor.run(program)
      await device.queue.onSubmittedWorkDone()
    },
    async result() {
      const { buffer, offset, size } = output
      return new Float32Array(await readBack(device, [{ buffer: buffers.get(buffer), offset, size }]))
    },
    close() {
      executor.destroy()
      buffers.destroy()
    },
  }
}
