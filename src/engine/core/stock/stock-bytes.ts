/** How much memory a step takes on TF.js's own tape, counted from the network's shapes. */
import {
  BLOCKS,
  type ConvolutionSpec,
  featureSides,
  LOCKABLE_STAGES,
  restingPrefix,
  STEM,
  trainedParameters,
} from '../../../model/index.ts'
import type { MemoryUse } from '../memory.ts'

const FLOAT = 4
/** The tape keeps every activation and every gradient: measured at 165 MB a photo of 224 px. */
const TAPE_FACTOR = 3

/** Parameters, gradients, two moments, the locked ones folded, and the activations of `photos` photos of `size` px. */
export function stockBytes({ classes, locked, batchNorm }: MemoryUse, photos: number, size: number): number {
  const { total, trained } = trainedParameters(locked, classes)
  const from = restingPrefix(batchNorm, locked)
  return FLOAT * (2 * total + 2 * trained) + photos * activationBytes(size, from)
}

/**
 * Bytes for one photo where the stages before `from` are a frozen prefix that saves nothing. A unit with ReLU saves its
 * convolution's output and its own, a downsample only the former; three of the largest are needed for a while.
 */
function activationBytes(size: number, from: number): number {
  const sides = featureSides(size)
  let saved = size * size * 3
  let largest = outputValues(STEM, size)
  if (from === 0) saved += 2 * largest + sides.pool ** 2 * STEM.outChannels
  else largest /= 2
  for (const block of BLOCKS) {
    if (LOCKABLE_STAGES.indexOf(block.stage) < from) continue
    saved += 2 * outputValues(block.conv1, size) + 2 * outputValues(block.conv2, size)
    if (block.downsample) saved += outputValues(block.downsample, size)
  }
  return FLOAT * (TAPE_FACTOR * saved + 3 * largest)
}

/** Values of a convolution's output for one photo of `size` px. */
function outputValues(spec: ConvolutionSpec, size: number): number {
  const side = spec.stage === 'fc' ? 0 : featureSides(size)[spec.stage]
  return side * side * spec.outChannels
}
