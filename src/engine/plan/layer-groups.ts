/** Layers whose convolutions have the same shape: what is chosen for the first is chosen for all of them. */
import { CONVOLUTIONS, FEATURES, featureSides, outputSide, STEM, type Stage } from '../../model/index.ts'
import type { ConvolutionShape } from './kernels/convolution.ts'

export interface LayerGroup {
  /** The first of its layers. */
  name: string
  /** Names of convolutions (`layer1.0.conv1`), or `fc`. */
  layers: readonly string[]
  stage: Stage
  inChannels: number
  /** null: as many as there are classes, padded to a multiple of four. */
  outChannels: number | null
  kernel: number
  stride: number
  padding: number
}

/** In the order in which photos pass them. */
export const LAYER_GROUPS: readonly LayerGroup[] = groups()

const indices = new Map(LAYER_GROUPS.flatMap(({ layers }, i) => layers.map((layer) => [layer, i] as const)))

/** Where in `LAYER_GROUPS` a layer is. @throws where the network has no such layer. */
export function groupIndex(layer: string): number {
  const index = indices.get(layer)
  if (index === undefined) throw new Error(`ResNet-18 has no layer ${layer}`)
  return index
}

/** The shape of a group's convolutions for `count` photos of `size` px and `columns` padded classes. */
export function groupShape(
  group: LayerGroup,
  count: number,
  size: number,
  columns: number,
): ConvolutionShape {
  const { stage, inChannels, outChannels, kernel, stride, padding } = group
  const side = inputSide(group, size)
  return {
    count,
    side,
    // The photos' three channels are padded to four.
    inChannels: Math.max(4, inChannels),
    outSide: stage === 'fc' ? 1 : outputSide(side, kernel, stride, padding),
    outChannels: outChannels ?? columns,
    kernel,
    stride,
    padding,
    usedChannels: inChannels,
  }
}

function inputSide({ stage, inChannels, outChannels }: LayerGroup, size: number): number {
  const sides = featureSides(size)
  switch (stage) {
    case 'stem':
      return size
    case 'layer1':
      return sides.pool
    case 'fc':
      return 1
    default: {
      const before = { layer2: 'layer1', layer3: 'layer2', layer4: 'layer3' } as const
      return sides[inChannels === outChannels ? stage : before[stage]]
    }
  }
}

function groups(): LayerGroup[] {
  const found = new Map<string, LayerGroup & { layers: string[] }>()
  for (const { name, stage, inChannels, outChannels, kernel, stride, padding } of CONVOLUTIONS) {
    const key = [stage, inChannels, outChannels, kernel, stride].join(' ')
    const group = found.get(key)
    if (group) group.layers.push(name)
    else found.set(key, { name, layers: [name], stage, inChannels, outChannels, kernel, stride, padding })
  }
  const fc = { name: 'fc', layers: ['fc'], stage: 'fc', inChannels: FEATURES, outChannels: null } as const
  return [...found.values(), { ...fc, kernel: 1, stride: 1, padding: 0 }]
}

/** Whether the step computes a kind for a group: nothing asks for the gradient of the photos. */
export const isComputed = (group: LayerGroup, kind: string): boolean =>
  !(kind === 'inputGradient' && group.name === STEM.name)
