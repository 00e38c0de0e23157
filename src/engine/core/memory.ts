/** How much memory a step takes, counted from the network's shapes. */
import { BLOCKS, type ConvolutionSpec, featureSides, LOCKABLE_STAGES, STEM } from '../../model/index.ts'

const FLOAT = 4

/** Values of a convolution's output for one photo of `size` px. */
function outputValues(spec: ConvolutionSpec, size: number): number {
  const sides = featureSides(size)
  const side = spec.stage === 'fc' ? 0 : sides[spec.stage]
  return side * side * spec.outChannels
}

export interface ActivationBytes {
  /** Kept from the forward to the backward pass. */
  saved: number
  /** Needed for a while by one layer: its gradients. */
  transient: number
}

/**
 * Bytes for one photo where the stages before `from` are a frozen prefix that saves nothing. A unit with ReLU saves its
 * convolution's output and its own, a downsample only the former.
 */
export function activationBytesPerPhoto(size: number, from: number): ActivationBytes {
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
  return { saved: FLOAT * saved, transient: FLOAT * 3 * largest }
}

/** A filter folded, and packed for its method: Winograd's has four numbers for each of the filter's. */
const FOLDED = 2.6
/** Factors and windows of one layer, a few photos at a time. */
const SCRATCH = 16e6
/** Photos that are evaluated at a time. */
export const PREDICT_AT_ONCE = 32

/**
 * Bytes on wasm's heap at most: in a step the parameters, the locked ones folded as well, the trained ones' gradients and
 * two moments, and the activations; or between steps all of them folded.
 * @param total number of parameters, of which `trained` train
 */
export function heapBytes(
  { total, trained }: { total: number; trained: number },
  photos: number,
  { saved, transient }: ActivationBytes,
): number {
  const step = FLOAT * (total + FOLDED * (total - trained) + 3 * trained) + photos * (saved + transient)
  const evaluation =
    FLOAT * (total + FOLDED * total + 2 * trained) + Math.min(photos, PREDICT_AT_ONCE) * transient
  return Math.round(Math.max(step, evaluation) + SCRATCH)
}
