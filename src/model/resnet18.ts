/**
 * torchvision's ResNet-18 as data: layers, parameter names, shapes.
 * Source: torchvision/models/resnet.py (BasicBlock, layers [2, 2, 2, 2]).
 */

/** The parts that are frozen and unfrozen together. `stem` is conv1 and bn1; `fc` is the classifier. */
export const STAGES = ['stem', 'layer1', 'layer2', 'layer3', 'layer4', 'fc'] as const
export type Stage = (typeof STAGES)[number]

/** Stages that can be frozen: all but `fc`, which is new for each dataset. */
export const LOCKABLE_STAGES = [
  'stem',
  'layer1',
  'layer2',
  'layer3',
  'layer4',
] as const satisfies readonly Stage[]
export type LockableStage = (typeof LOCKABLE_STAGES)[number]

/** Width of the features that `fc` reads. */
export const FEATURES = 512
export const BATCH_NORM_EPSILON = 1e-5
/** PyTorch's momentum: running = (1 - m) * running + m * batch (with the unbiased batch variance). */
export const BATCH_NORM_MOMENTUM = 0.1

/** A convolution without bias, followed by a batch norm. Square kernels, symmetric zero padding. */
export interface ConvolutionSpec {
  /** torchvision's module name, e.g. `layer2.0.downsample.0`. */
  name: string
  /** The batch norm after it, e.g. `layer2.0.downsample.1`. */
  batchNorm: string
  stage: Stage
  inChannels: number
  outChannels: number
  kernel: number
  stride: number
  padding: number
}

/** torchvision's BasicBlock: conv1-bn1-relu-conv2-bn2, plus the input (through `downsample` if present), relu. */
export interface BlockSpec {
  /** e.g. `layer2.0`. */
  name: string
  stage: LockableStage
  conv1: ConvolutionSpec
  conv2: ConvolutionSpec
  downsample: ConvolutionSpec | null
}

function convolution(
  name: string,
  batchNorm: string,
  stage: Stage,
  inChannels: number,
  outChannels: number,
  kernel: number,
  stride: number,
): ConvolutionSpec {
  return { name, batchNorm, stage, inChannels, outChannels, kernel, stride, padding: (kernel - 1) / 2 }
}

/** conv1 and bn1; a 3 x 3 max pool of stride 2 and padding 1 follows. */
export const STEM: ConvolutionSpec = convolution('conv1', 'bn1', 'stem', 3, 64, 7, 2)

export const BLOCKS: readonly BlockSpec[] = (['layer1', 'layer2', 'layer3', 'layer4'] as const).flatMap(
  (stage, index) => {
    const width = 64 << index
    return [0, 1].map((block): BlockSpec => {
      const name = `${stage}.${block}`
      const first = index > 0 && block === 0
      const inChannels = first ? width / 2 : width
      const stride = first ? 2 : 1
      return {
        name,
        stage,
        conv1: convolution(`${name}.conv1`, `${name}.bn1`, stage, inChannels, width, 3, stride),
        conv2: convolution(`${name}.conv2`, `${name}.bn2`, stage, width, width, 3, 1),
        downsample: first
          ? convolution(`${name}.downsample.0`, `${name}.downsample.1`, stage, inChannels, width, 1, stride)
          : null,
      }
    })
  },
)

/** All 20 convolutions in the order in which torchvision registers them. */
export const CONVOLUTIONS: readonly ConvolutionSpec[] = [
  STEM,
  ...BLOCKS.flatMap((block) =>
    block.downsample ? [block.conv1, block.conv2, block.downsample] : [block.conv1, block.conv2],
  ),
]

export interface EntrySpec {
  /** torchvision's state-dict name. */
  name: string
  /** PyTorch's shape (convolutions are OIHW); [] is a scalar. */
  shape: readonly number[]
  stage: Stage
  /** `weight` and `bias` are parameters; the others are a batch norm's buffers. */
  kind: 'weight' | 'bias' | 'running_mean' | 'running_var' | 'num_batches_tracked'
}

/** The 122 entries of torchvision's state dict for `resnet18(num_classes=classes)`, in torchvision's order. */
export function stateEntries(classes: number): EntrySpec[] {
  return [
    ...backboneEntries(),
    { name: 'fc.weight', shape: [classes, FEATURES], stage: 'fc', kind: 'weight' },
    { name: 'fc.bias', shape: [classes], stage: 'fc', kind: 'bias' },
  ]
}

/** The 120 entries below the classifier, in torchvision's order. */
export function backboneEntries(): EntrySpec[] {
  const entries: EntrySpec[] = []
  for (const c of CONVOLUTIONS) {
    entries.push({
      name: `${c.name}.weight`,
      shape: [c.outChannels, c.inChannels, c.kernel, c.kernel],
      stage: c.stage,
      kind: 'weight',
    })
    for (const kind of ['weight', 'bias', 'running_mean', 'running_var'] as const)
      entries.push({ name: `${c.batchNorm}.${kind}`, shape: [c.outChannels], stage: c.stage, kind })
    entries.push({
      name: `${c.batchNorm}.num_batches_tracked`,
      shape: [],
      stage: c.stage,
      kind: 'num_batches_tracked',
    })
  }
  return entries
}

/** The 62 trainable parameters (weights and biases), in torchvision's order. */
export function parameterEntries(classes: number): EntrySpec[] {
  return stateEntries(classes).filter((entry) => entry.kind === 'weight' || entry.kind === 'bias')
}

/** Number of parameters of each stage. */
export function parameterCounts(classes: number): Record<Stage, number> {
  const counts: Record<Stage, number> = { stem: 0, layer1: 0, layer2: 0, layer3: 0, layer4: 0, fc: 0 }
  for (const entry of parameterEntries(classes)) counts[entry.stage] += elements(entry.shape)
  return counts
}

export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Side in pixels of a square feature map after a convolution or pool. */
export function outputSide(side: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((side + 2 * padding - kernel) / stride) + 1
}

/** Sides in pixels of each stage's output for a square input of `size` px: `{stem: after conv1, pool, layer1..4}`. */
export function featureSides(size: number): Record<Exclude<Stage, 'fc'> | 'pool', number> {
  const stem = outputSide(size, 7, 2, 3)
  const pool = outputSide(stem, 3, 2, 1)
  const layer2 = outputSide(pool, 3, 2, 1)
  const layer3 = outputSide(layer2, 3, 2, 1)
  return { stem, pool, layer1: pool, layer2, layer3, layer4: outputSide(layer3, 3, 2, 1) }
}
