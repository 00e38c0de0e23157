/** One convolution on the plan's kernels, laid out as the plan does it for a training step. */
import { Buffers } from '../src/engine/plan/buffers.ts'
import { Executor } from '../src/engine/plan/executor.ts'
import { chooseKernels, deviceTraits } from '../src/engine/plan/index.ts'
import { type ConvolutionShape, NO_EPILOGUE } from '../src/engine/plan/kernels/convolution.ts'
import { ProgramBuilder, values, withZeroPage } from '../src/engine/plan/program.ts'
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

export async function planConvolution(
  device: GPUDevice,
  layer: string,
  shape: ConvolutionShape,
  kind: Kind,
  data: ConvolutionData,
): Promise<RunningConvolution> {
  const { count, side, inChannels, outSide, outChannels, kernel } = shape
  const buffers = new Buffers(device)
  const executor = new Executor(device, buffers)
  const choice = chooseKernels(deviceTraits(device))
  const builder = new ProgramBuilder(choice)
  const x = builder.activation('x', count, side, inChannels)
  const dy = builder.activation('dy', count, outSide, outChannels)
  const w = builder.part('w', kernel ** 2 * inChannels * outChannels)
  let output = w
  if (kind === 'forward') {
    output = values(builder.activation('y', count, outSide, outChannels))
    const operands = { x: withZeroPage(x), w, y: output }
    choice.of('forward', layer, shape).lower(builder, shape, NO_EPILOGUE, operands)
  } else if (kind === 'input gradient') {
    output = values(builder.activation('dx', count, side, inChannels))
    const operands = { dy: withZeroPage(dy), w, dx: output }
    choice.of('inputGradient', layer, shape).lower(builder, shape, false, operands)
  } else {
    output = builder.part('dw', w.size)
    const operands = { x: values(x), dy: values(dy), dw: output }
    choice.of('filterGradient', layer, shape).lower(builder, shape, operands)
  }
  const program = await executor.layOut(kind, () => builder.finish())
  for (const [part, content] of [
    [values(x), data.x],
    [values(dy), data.dy],
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
