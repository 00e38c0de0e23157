/** One convolution of one family as a program, as a training step asks for it, for the tuner's clock. */
import type { KernelChoice } from './choice.ts'
import { type ConvolutionShape, type Kind, NO_EPILOGUE } from './kernels/convolution.ts'
import { type Program, values, withZeroPage } from './program.ts'
import { ProgramBuilder } from './program-builder.ts'

/** `layer`: as the choice knows it. The buffers of all programs have the same names. */
export function convolutionProgram(
  choice: KernelChoice,
  kind: Kind,
  layer: string,
  shape: ConvolutionShape,
): Program {
  const { count, side, inChannels, outSide, outChannels, kernel } = shape
  const builder = new ProgramBuilder(choice.traits)
  const x = builder.activation('x', count, side, inChannels)
  const y = builder.activation('y', count, outSide, outChannels)
  const w = builder.part('w', kernel ** 2 * inChannels * outChannels)
  switch (kind) {
    case 'forward': {
      const operands = { x: withZeroPage(x), w, y: values(y) }
      choice.of(kind, layer, shape).lower(builder, shape, NO_EPILOGUE, operands)
      break
    }
    case 'inputGradient': {
      const operands = { dy: withZeroPage(y), w, dx: values(x) }
      choice.of(kind, layer, shape).lower(builder, shape, false, operands)
      break
    }
    case 'filterGradient': {
      const operands = { x: values(x), dy: values(y), dw: w, wholeBatch: true }
      choice.of(kind, layer, shape).lower(builder, shape, operands)
    }
  }
  return builder.finish()
}
