/** torchvision's modules of each stage, with what they give for a photo of a size. */

import type { BlockSpec, ConvolutionSpec } from './resnet18.ts'
import {
  BLOCKS,
  elements,
  FEATURES,
  featureSides,
  outputSide,
  parameterEntries,
  STEM,
  type Stage,
} from './resnet18.ts'

export interface LayerInfo {
  /** torchvision's module name, e.g. `layer2.0.downsample.0`. */
  name: string
  kind: 'convolution' | 'batch-norm' | 'relu' | 'max-pool' | 'average-pool' | 'linear'
  /** Side of the square kernel and stride in px, where it has them. */
  kernel: { side: number; stride: number } | null
  /** Channels, height, width; a vector has channels alone. */
  output: readonly number[]
  parameters: number
}

/** The layers of a stage in the order in which torchvision prints them; `fc` begins with `avgpool`. */
export function layersOf(stage: Stage, size: number, classes: number): LayerInfo[] {
  const counts = new Map<string, number>()
  for (const { name, shape } of parameterEntries(classes)) {
    const module = name.replace(/\.(weight|bias)$/, '')
    counts.set(module, (counts.get(module) ?? 0) + elements(shape))
  }
  const layer = (
    name: string,
    kind: LayerInfo['kind'],
    output: readonly number[],
    kernel: LayerInfo['kernel'] = null,
  ): LayerInfo => ({ name, kind, kernel, output, parameters: counts.get(name) ?? 0 })

  const convolution = (spec: ConvolutionSpec, side: number): LayerInfo[] => {
    const output = [spec.outChannels, side, side]
    return [
      layer(spec.name, 'convolution', output, { side: spec.kernel, stride: spec.stride }),
      layer(spec.batchNorm, 'batch-norm', output),
    ]
  }
  const block = ({ name, conv1, conv2, downsample }: BlockSpec, side: number): LayerInfo[] => [
    ...convolution(conv1, side),
    layer(`${name}.relu`, 'relu', [conv1.outChannels, side, side]),
    ...convolution(conv2, side),
    ...(downsample ? convolution(downsample, side) : []),
  ]

  const sides = featureSides(size)
  if (stage === 'fc')
    return [layer('avgpool', 'average-pool', [FEATURES, 1, 1]), layer('fc', 'linear', [classes])]
  if (stage === 'stem') {
    const { outChannels } = STEM
    const pooled = outputSide(sides.stem, 3, 2, 1)
    return [
      ...convolution(STEM, sides.stem),
      layer('relu', 'relu', [outChannels, sides.stem, sides.stem]),
      layer('maxpool', 'max-pool', [outChannels, pooled, pooled], { side: 3, stride: 2 }),
    ]
  }
  return BLOCKS.filter((of) => of.stage === stage).flatMap((of) => block(of, sides[stage]))
}
