/** One convolution on the plan's kernels, laid out as the plan does it for a training step. */
import { Buffers } from '../src/engine/plan/buffers.ts'
import { Executor } from '../src/engine/plan/executor.ts'
import { chooseTiles } from '../src/engine/plan/index.ts'
import {
  type ConvolutionShape,
  convolutionFlops,
  NO_EPILOGUE,
} from '../src/engine/plan/kernels/convolution.ts'
import { linearGroups } from '../src/engine/plan/kernels/kernel.ts'
import { sumPartsKernel } from '../src/engine/plan/kernels/sums.ts'
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
  shape: ConvolutionShape,
  kind: Kind,
  data: ConvolutionData,
): Promise<RunningConvolution> {
  const { count, side, inChannels, outSide, outChannels, kernel } = shape
  const buffers = new Buffers(device)
  const executor = new Executor(device, buffers)
  const tiles = chooseTiles(device)
  const builder = new ProgramBuilder(tiles)
  const x = builder.activation('x', count, side, inChannels)
  const dy = builder.activation('dy', count, outSide, outChannels)
  const w = builder.part('w', kernel ** 2 * inChannels * outChannels)
  const work = convolutionFlops(shape)
  let output = w
  if (kind === 'forward') {
    const y = builder.activation('y', count, outSide, outChannels)
    const forward = tiles.forward(shape, NO_EPILOGUE)
    output = values(y)
    builder.add(forward.kernel, [withZeroPage(x), w, output], forward.constants, forward.groups, work)
  } else if (kind === 'input gradient') {
    const gradient = tiles.inputGradient(shape, false)
    output = values(builder.activation('dx', count, side, inChannels))
    builder.add(gradient.kernel, [withZeroPage(dy), w, output], gradient.constants, gradient.groups, work)
  } else {
    const { splits, ...gradient } = tiles.filterGradient(shape)
    output = builder.part('dw', w.size)
    const parts = splits === 1 ? output : builder.part('partial', splits * w.size)
    builder.add(gradient.kernel, [values(x), values(dy), parts], gradient.constants, gradient.groups, work)
    if (splits > 1) {
      const quads = w.size / 4
      builder.add(sumPartsKernel, [parts, output], [splits, quads], linearGroups(sumPartsKernel, quads))
    }
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
