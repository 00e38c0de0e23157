/**
 * ResNet-18 as programs: prediction (every batch norm folded) and training (forward, loss, backward) of one micro-batch.
 *
 * The forward pass pushes what undoes each layer on a stack; the backward pass pops it, and what it reads lives until
 * then: outputs of convolutions and of blocks. What is between them it computes anew. Stages before the first trained one
 * save nothing. A locked stage behind it saves only what the ReLUs need (and what its batch norms need where they are in
 * train mode).
 */
import {
  BLOCKS,
  type BlockSpec,
  type Boundary,
  boundaryShape,
  FEATURES,
  FEATURES_BOUNDARY,
  type InnerBoundary,
  outputSide,
  STAGES,
  STEM,
} from '../../model/index.ts'
import type { KernelChoice } from './choice.ts'
import { foldKernel } from './kernels/batch-norm.ts'
import { type ConvolutionShape, NO_EPILOGUE } from './kernels/convolution.ts'
import { crossEntropyGroups, crossEntropyKernel, RESULT, sumLossesKernel } from './kernels/loss.ts'
import { normalizeKernel, padChannelsKernel } from './kernels/photos.ts'
import {
  averagePoolGradientKernel,
  averagePoolKernel,
  maxPoolGradientKernel,
  maxPoolKernel,
} from './kernels/pool.ts'
import { sumPartsKernel } from './kernels/sums.ts'
import { type Layer, LayerLowering, type Masked, type TrainingMode } from './layers.ts'
import type { PackedLayout } from './layout.ts'
import { type Activation, type BufferPart, type Program, rowsOf, values, withZeroPage } from './program.ts'

/** What a program reads: photos, of which there are two forms, or the activations of a boundary. */
export type Source = 'photos' | 'normalized' | InnerBoundary

/** Names of the buffers that programs fill from outside or leave their results in. */
export const UPLOAD = 'upload'
export const LABELS = 'labels'
export const CLASS_WEIGHTS = 'class-weights'
export const LOGITS = 'logits'
/** What a program begins with where it does not begin with photos, or ends with where it has no logits. */
export const ACTIVATIONS = 'activations'

interface Block {
  first: Layer
  second: Layer
  shortcut: Layer | null
  y: Activation
}

class Lowering extends LayerLowering {
  private readonly undo: ((dy: Activation) => Activation | null)[] = []

  /** From the source to a boundary; 5: features [count, 512] after average pooling. */
  backbone(source: Source, to: Boundary, count: number, size: number): Activation {
    const isCut = typeof source === 'number'
    const from = isCut ? source : 0
    if (STAGES.slice(from, to).some((stage) => !this.modeOf(stage).batchStatistics)) this.fold()
    let x = isCut ? this.given(source, count, size) : this.stem(source, count, size)
    for (const block of BLOCKS) {
      const stage = STAGES.indexOf(block.stage)
      if (stage >= from && stage < to) x = this.block(block, x)
    }
    return to === FEATURES_BOUNDARY && from < to ? this.averagePool(x) : x
  }

  /** Activations that come from outside. */
  private given(boundary: Boundary, count: number, size: number): Activation {
    const { side, channels } = boundaryShape(boundary, size)
    return this.builder.activation(ACTIVATIONS, count, side, channels)
  }

  /** features -> logits [count, columns]. */
  head(features: Activation): Activation {
    const { builder, layout } = this
    const shape = this.headShape(features.count)
    const logits = builder.activation(LOGITS, features.count, 1, layout.columns)
    this.choice.of('forward', 'fc', shape).lower(
      builder,
      shape,
      { ...NO_EPILOGUE, shift: true },
      {
        x: withZeroPage(features),
        w: this.parameter('fc.weight'),
        shift: this.parameter('fc.bias'),
        y: values(logits),
      },
    )
    return logits
  }

  /** logits and labels -> loss and hits in `result`, then every gradient. */
  backward(features: Activation, logits: Activation): void {
    const { builder, layout } = this
    const { count } = logits
    const dlogits = builder.activation('dlogits', count, 1, layout.columns)
    const losses = builder.temporary(2 * count)
    const result = { buffer: 'result', offset: 0, size: RESULT.words }
    const { software } = this.choice.traits
    const weighted = this.mode?.weighted ?? false
    const weights = weighted ? [builder.part(CLASS_WEIGHTS, layout.classes)] : []
    builder.add(
      crossEntropyKernel(software, weighted),
      [values(logits), builder.part(LABELS, count), ...weights, values(dlogits), losses, result],
      [count, layout.classes, layout.columns],
      crossEntropyGroups(software, count),
    )
    builder.add(sumLossesKernel, [losses, result], [count], [1, 1, 1])
    this.linear(
      sumPartsKernel,
      [values(dlogits), this.gradient('fc.bias')],
      [count, layout.columns / 4],
      layout.columns / 4,
    )
    const shape = this.headShape(count)
    this.filterGradient('fc', shape, features, dlogits)
    if (this.undo.length === 0) return
    let gradient: Activation | null = builder.activation('dfeatures', count, 1, FEATURES)
    this.inputGradient('fc', shape, dlogits, gradient, false)
    for (const undo of this.undo.reverse()) {
      if (!gradient) return
      gradient = undo(gradient)
    }
  }

  /** What the stem reads, four channels, from the photos as they were uploaded. */
  private input(
    kind: 'photos' | 'normalized',
    uploaded: BufferPart,
    count: number,
    size: number,
  ): Activation {
    const input = this.builder.scratch(count, size, 4)
    const kernel = kind === 'photos' ? normalizeKernel : padChannelsKernel
    this.linear(kernel, [uploaded, values(input)], [rowsOf(input)], rowsOf(input))
    return input
  }

  private fold(): void {
    const { channels, total } = this.layout
    const whole = (buffer: string): BufferPart => ({ buffer, offset: 0, size: channels })
    this.linear(
      foldKernel,
      [
        { buffer: 'channelTable', offset: 0, size: channels / 2 },
        { buffer: 'parameters', offset: 0, size: total },
        whole('runningMean'),
        whole('runningVar'),
        whole('foldScale'),
        whole('foldShift'),
      ],
      [channels / 4],
      channels / 4,
    )
  }

  /** conv1, bn1, relu and the maximum pool; the stem's output, the largest of all, is not stored if it must be kept. */
  private stem(kind: 'photos' | 'normalized', count: number, size: number): Activation {
    const { builder } = this
    const { batchStatistics, saved } = this.modeOf('stem')
    const colours = 3 * count * size ** 2
    const uploaded = builder.part(UPLOAD, kind === 'photos' ? Math.ceil(colours / 4) : colours)
    const x = this.input(kind, uploaded, count, size)
    const stem = batchStatistics ? this.measuredLayer(STEM, x) : this.foldedLayer(STEM, x, { relu: true })
    const { y: wide } = stem
    const side = outputSide(wide.side, 3, 2, 1)
    const y = builder.scratch(count, side, wide.channels)
    const quads = rowsOf(y) * (y.channels / 4)
    const taps = builder.temporary(quads)
    const constants = [quads, y.channels / 4, wide.side, side]
    const moments = batchStatistics ? [this.moments(STEM)] : []
    this.linear(maxPoolKernel(batchStatistics), [values(wide), ...moments, values(y), taps], constants, quads)
    // What is saved has its statistics from the batch: a locked stem has nothing before it that trains.
    if (saved)
      this.undo.push((dy) => {
        const dWide = this.scratchLike(wide)
        this.linear(maxPoolGradientKernel, [values(dy), taps, values(dWide)], constants, quads)
        this.undoLayer({ ...stem, x: this.input(kind, uploaded, count, size) }, dWide, { by: 'own' }, null)
        return null
      })
    return y
  }

  /** conv1, bn1, relu, conv2, bn2, plus the input (through `downsample` if there is one), relu. */
  private block(spec: BlockSpec, x: Activation): Activation {
    return this.modeOf(spec.stage).batchStatistics ? this.measuredBlock(spec, x) : this.foldedBlock(spec, x)
  }

  private measuredBlock(spec: BlockSpec, x: Activation): Activation {
    const first = this.measuredLayer(spec.conv1, x)
    const second = this.measuredLayer(spec.conv2, this.normalized(first))
    const shortcut = spec.downsample && this.measuredLayer(spec.downsample, x)
    const y = this.normalized(second, shortcut ?? x)
    this.undoBlock(spec, { first, second, shortcut, y })
    return y
  }

  private foldedBlock(spec: BlockSpec, x: Activation): Activation {
    const first = this.foldedLayer(spec.conv1, x, { relu: true })
    const shortcut = spec.downsample && this.foldedLayer(spec.downsample, x, { relu: false })
    const second = this.foldedLayer(spec.conv2, first.y, { relu: true, added: shortcut ? shortcut.y : x })
    this.undoBlock(spec, { first, second, shortcut, y: second.y })
    return second.y
  }

  private undoBlock({ name, stage }: BlockSpec, { first, second, shortcut, y }: Block): void {
    const { saved, batchStatistics } = this.modeOf(stage)
    if (!saved) return
    const reaches = !(name.endsWith('.0') && STAGES.indexOf(stage) === this.firstSaved())
    this.undo.push((dy) => {
      const middle = this.scratchLike(first.y)
      const inner = batchStatistics ? first : undefined
      this.undoLayer(second, dy, { by: 'output', y }, middle, { inner })
      // dy is now the gradient before the last ReLU, which the shortcut gets too.
      let dx = reaches ? dy : null
      if (shortcut) {
        dx = reaches ? this.scratchLike(first.x) : null
        this.undoLayer(shortcut, dy, { by: 'none' }, dx)
      }
      const mask: Masked = batchStatistics ? { by: 'own' } : { by: 'output', y: first.y }
      this.undoLayer(first, middle, mask, dx, { accumulate: true })
      return dx
    })
  }

  private averagePool(x: Activation): Activation {
    const { builder } = this
    const y = builder.scratch(x.count, 1, x.channels)
    const constants = [x.count * (x.channels / 4), x.channels / 4, x.side ** 2]
    this.linear(averagePoolKernel, [values(x), values(y)], constants, constants[0])
    if (this.undo.length > 0)
      this.undo.push((dy) => {
        const dx = this.scratchLike(x)
        const quads = rowsOf(x) * (x.channels / 4)
        this.linear(
          averagePoolGradientKernel,
          [values(dy), values(dx)],
          [quads, x.channels / 4, x.side ** 2],
          quads,
        )
        return dx
      })
    return y
  }

  /** `fc` as a 1 x 1 convolution of a 1 x 1 feature map. */
  private headShape(count: number): ConvolutionShape {
    return {
      count,
      side: 1,
      inChannels: FEATURES,
      outSide: 1,
      outChannels: this.layout.columns,
      kernel: 1,
      stride: 1,
      padding: 0,
      usedChannels: FEATURES,
    }
  }
}

/** Logits of `count` photos, or their activations at a boundary; every batch norm in eval mode, nothing saved. */
export function lowerPrediction(
  layout: PackedLayout,
  choice: KernelChoice,
  source: Source,
  output: 'logits' | InnerBoundary,
  count: number,
  size: number,
): Program {
  const lowering = new Lowering(layout, choice, null, 0)
  if (output === 'logits') lowering.head(lowering.backbone(source, FEATURES_BOUNDARY, count, size))
  else lowering.builder.name(lowering.backbone(source, output, count, size), ACTIVATIONS)
  return lowering.builder.finish()
}

/**
 * Loss, hits and gradients of a micro-batch of `count` photos. `base`: first packed float that has a gradient. `source`:
 * no boundary behind the stages that rest.
 */
export function lowerTraining(
  layout: PackedLayout,
  choice: KernelChoice,
  mode: TrainingMode,
  base: number,
  source: Source,
  count: number,
  size: number,
): Program {
  const lowering = new Lowering(layout, choice, mode, base)
  const features = lowering.backbone(source, FEATURES_BOUNDARY, count, size)
  const logits = lowering.head(features)
  lowering.backward(features, logits)
  return lowering.builder.finish()
}
