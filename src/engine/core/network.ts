/** torchvision's ResNet-18, written once; what a layer does is up to the `Layers` that it is given. */
import { BLOCKS, type BlockSpec, type ConvolutionSpec, LOCKABLE_STAGES, STEM } from '../../model/index.ts'

export interface UnitOptions<T> {
  relu: boolean
  /** Added after the batch norm and before the ReLU. */
  shortcut?: T
}

/** Activations are NHWC: [count, height, width, channels]. */
export interface Layers<T> {
  /** Convolution without bias, batch norm, plus `shortcut`, ReLU. */
  unit(x: T, spec: ConvolutionSpec, options: UnitOptions<T>): T
  /** 3 x 3, stride 2, padding 1. */
  maxPool(x: T): T
  /** The mean of each channel: [count, 1, 1, channels]. */
  averagePool(x: T): T
  /** Runs one part of the network; `x` is not used after it. */
  part(x: T, run: (x: T) => T): T
}

/** How many stages the backbone has: stem and layer1 to layer4. */
export const BACKBONE_STAGES: number = LOCKABLE_STAGES.length

/**
 * Stages `from` (included) to `to` (excluded) of stem, layer1, ..., layer4, counted from 0; average pooling follows
 * layer4. So (0, 5) is the whole backbone, and (0, k) then (k, 5) is the same.
 */
export function backbone<T>(layers: Layers<T>, x: T, from = 0, to = BACKBONE_STAGES): T {
  let y = x
  if (from === 0 && to > 0)
    y = layers.part(y, (input) => layers.maxPool(layers.unit(input, STEM, { relu: true })))
  for (const block of BLOCKS) {
    const stage = LOCKABLE_STAGES.indexOf(block.stage)
    if (stage >= from && stage < to) y = layers.part(y, (input) => basicBlock(layers, input, block))
  }
  return to === BACKBONE_STAGES ? layers.part(y, (input) => layers.averagePool(input)) : y
}

function basicBlock<T>(layers: Layers<T>, x: T, block: BlockSpec): T {
  const y = layers.unit(x, block.conv1, { relu: true })
  const shortcut = block.downsample ? layers.unit(x, block.downsample, { relu: false }) : x
  return layers.unit(y, block.conv2, { relu: true, shortcut })
}
