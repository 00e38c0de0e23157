import type { ConvolutionShape } from '../src/engine/plan/kernels/convolution.ts'
import { BLOCKS, type ConvolutionSpec, featureSides, outputSide, STEM } from '../src/model/index.ts'
import { SIZE } from './inputs.ts'

export interface Layer {
  spec: ConvolutionSpec
  /** Side in px of the feature map that it reads. */
  side: number
}

export const outSideOf = ({ spec, side }: Layer): number =>
  outputSide(side, spec.kernel, spec.stride, spec.padding)

/** e.g. `layer2.0.conv1: 3x3 64->128 stride 2 at 16 px`. */
export function describeLayer({ spec, side }: Layer): string {
  const { name, kernel, inChannels, outChannels, stride } = spec
  return `${name}: ${kernel}x${kernel} ${inChannels}->${outChannels} stride ${stride} at ${side} px`
}

/** As the plan computes it for `count` photos: it keeps the three channels of photos in quads. */
export function shapeOf(layer: Layer, count: number): ConvolutionShape {
  const { inChannels, outChannels, kernel, stride, padding } = layer.spec
  return {
    count,
    side: layer.side,
    inChannels: 4 * Math.ceil(inChannels / 4),
    usedChannels: inChannels,
    outSide: outSideOf(layer),
    outChannels,
    kernel,
    stride,
    padding,
  }
}

/** ResNet-18's convolutions of different shape, each the first of its kind, for photos of `size` px. */
export function distinctLayers(size = SIZE): Layer[] {
  const layers: Layer[] = [{ spec: STEM, side: size }]
  let side = featureSides(size).pool
  for (const { conv1, conv2, downsample } of BLOCKS) {
    layers.push({ spec: conv1, side })
    if (downsample) layers.push({ spec: downsample, side })
    side = outSideOf({ spec: conv1, side })
    layers.push({ spec: conv2, side })
  }
  const shapes = new Map<string, Layer>()
  for (const layer of layers) {
    const { inChannels, outChannels, kernel, stride } = layer.spec
    const shape = [inChannels, outChannels, kernel, stride, layer.side].join()
    if (!shapes.has(shape)) shapes.set(shape, layer)
  }
  return [...shapes.values()]
}
