/**
 * ResNet-18 as programs: prediction (every batch norm folded) and training (forward, loss, backward) of one micro-batch.
 *
 * The forward pass pushes what undoes each layer on a stack; the backward pass pops it. Stages before the first trained
 * one save nothing. A locked stage behind it saves only what the ReLUs need (and what its batch norms need where they
 * are in train mode).
 */
import {
  BLOCKS,
  type BlockSpec,
  type ConvolutionSpec,
  FEATURES,
  type FreezePlan,
  frozenPrefix,
  isLocked,
  outputSide,
  STAGES,
  STEM,
  type Stage,
} from '../../model/index.ts'
import {
  applyKernel,
  foldKernel,
  gradientApplyKernel,
  gradientScaleKernel,
  gradientSumsKernel,
  mergeGradientKernel,
  mergeGroups,
  mergeStatisticsKernel,
  rowChunks,
  statisticsKernel,
} from './kernels/batch-norm.ts'
import {
  type ConvolutionShape,
  type ConvolutionTiles,
  convolutionFlops,
  type Epilogue,
  NO_EPILOGUE,
} from './kernels/convolution.ts'
import { type Kernel, linearGroups, MAX_GROUPS } from './kernels/kernel.ts'
import { crossEntropyKernel, RESULT, sumLossesKernel } from './kernels/loss.ts'
import { normalizeKernel, padChannelsKernel } from './kernels/photos.ts'
import {
  averagePoolGradientKernel,
  averagePoolKernel,
  maxPoolGradientKernel,
  maxPoolKernel,
} from './kernels/pool.ts'
import { sumPartsKernel } from './kernels/sums.ts'
import type { PackedLayout } from './layout.ts'
import {
  type Activation,
  type BufferPart,
  type Program,
  ProgramBuilder,
  rowsOf,
  values,
  withZeroPage,
} from './program.ts'

/** What a program reads its photos from, and how they are brought to the stem (or past the backbone). */
export type InputKind = 'photos' | 'normalized' | 'features'

export interface TrainingMode {
  locked: FreezePlan
  batchNorm: 'frozen' | 'tutorial'
}

/** Names of the buffers that programs fill from outside or leave their results in. */
export const UPLOAD = 'upload'
export const LABELS = 'labels'
export const LOGITS = 'logits'
export const POOLED = 'features'

interface StageMode {
  /** Its weights get gradients. */
  trained: boolean
  /** Its batch norms use (and update with) the statistics of the batch. */
  batchStatistics: boolean
  /** Gradients pass through it: something of it must be kept. */
  saved: boolean
}

const PREDICT: StageMode = { trained: false, batchStatistics: false, saved: false }

function modeOf(mode: TrainingMode | null, stage: Stage): StageMode {
  if (!mode) return PREDICT
  const trained = !isLocked(mode.locked, stage)
  return {
    trained,
    batchStatistics: trained || mode.batchNorm === 'tutorial',
    saved: STAGES.indexOf(stage) >= frozenPrefix(mode.locked),
  }
}

/** A layer's input, and what its backward pass needs. */
interface Layer {
  spec: ConvolutionSpec
  shape: ConvolutionShape
  mode: StageMode
  x: Activation
  /** The convolution's own output; only where batch statistics are used. */
  raw: Activation | null
  y: Activation
  relu: boolean
}

class Lowering {
  readonly builder: ProgramBuilder
  private readonly layout: PackedLayout
  private readonly mode: TrainingMode | null
  /** First packed float that has a gradient. */
  private readonly base: number
  private readonly undo: ((dy: Activation) => Activation | null)[] = []

  constructor(layout: PackedLayout, tiles: ConvolutionTiles, mode: TrainingMode | null, base: number) {
    this.builder = new ProgramBuilder(tiles)
    this.layout = layout
    this.mode = mode
    this.base = base
  }

  /** Photos -> features [count, 512] after average pooling. */
  backbone(kind: InputKind, count: number, size: number): Activation {
    const { builder } = this
    if (kind === 'features') return builder.activation(POOLED, count, 1, FEATURES)
    let x = this.photos(kind, count, size)
    this.fold()
    const stem = this.layer(STEM, x, { relu: true, added: null, keep: modeOf(this.mode, 'stem').saved })
    x = this.maxPool(stem)
    builder.release(stem.y)
    for (const block of BLOCKS) x = this.block(block, x)
    return this.averagePool(x)
  }

  /** features -> logits [count, columns]. */
  head(features: Activation): Activation {
    const { builder, layout } = this
    const shape = this.headShape(features.count)
    const logits = builder.activation(LOGITS, features.count, 1, layout.columns)
    const { kernel, groups, constants } = builder.tiles.forward(shape, { ...NO_EPILOGUE, shift: true })
    const parts = [
      withZeroPage(features),
      this.parameter('fc.weight'),
      this.parameter('fc.bias'),
      values(logits),
    ]
    builder.add(kernel, parts, constants, groups, convolutionFlops(shape))
    return logits
  }

  /** logits and labels -> loss and hits in `result`, then every gradient. */
  backward(features: Activation, logits: Activation): void {
    const { builder, layout } = this
    const { count } = logits
    const dlogits = builder.activation('dlogits', count, 1, layout.columns)
    const losses = builder.part('losses', 2 * count)
    const result = { buffer: 'result', offset: 0, size: RESULT.words }
    const rows = Math.ceil(count / MAX_GROUPS)
    builder.add(
      crossEntropyKernel,
      [values(logits), builder.part(LABELS, count), values(dlogits), losses, result],
      [count, layout.classes, layout.columns],
      [Math.ceil(count / rows), rows, 1],
    )
    builder.add(sumLossesKernel, [losses, result], [count], [1, 1, 1])
    this.linear(
      sumPartsKernel,
      [values(dlogits), this.gradient('fc.bias')],
      [count, layout.columns / 4],
      layout.columns / 4,
    )
    const shape = this.headShape(count)
    this.filterGradient(shape, features, dlogits, 'fc.weight')
    if (this.undo.length === 0) return
    let gradient: Activation | null = builder.activation('dfeatures', count, 1, FEATURES)
    this.inputGradient(shape, dlogits, 'fc.weight', gradient, false)
    for (const undo of this.undo.reverse()) {
      if (!gradient) return
      gradient = undo(gradient)
    }
  }

  private photos(kind: 'photos' | 'normalized', count: number, size: number): Activation {
    const input = this.builder.activation('input', count, size, 4)
    const pixels = rowsOf(input)
    const [kernel, words] =
      kind === 'photos' ? [normalizeKernel, Math.ceil((pixels * 3) / 4)] : [padChannelsKernel, pixels * 3]
    this.linear(kernel, [this.builder.part(UPLOAD, words), values(input)], [pixels], pixels)
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

  /** conv1, bn1, relu, conv2, bn2, plus the input (through `downsample` if there is one), relu. */
  private block({ name, stage, conv1, conv2, downsample }: BlockSpec, x: Activation): Activation {
    const { builder } = this
    const { saved } = modeOf(this.mode, stage)
    const first = this.layer(conv1, x, { relu: true, added: null, keep: saved })
    const shortcut = downsample && this.layer(downsample, x, { relu: false, added: null, keep: false })
    const added = shortcut ? shortcut.y : x
    const second = this.layer(conv2, first.y, {
      relu: true,
      added,
      keep: saved || this.isBoundary(name, stage),
    })
    builder.release(first.y, added, x)
    if (!saved) return second.y
    const reaches = !(name.endsWith('.0') && STAGES.indexOf(stage) === this.firstSaved())
    this.undo.push((dy) => {
      const middle = this.scratchLike(first.y)
      this.undoLayer(second, dy, middle, false)
      // dy is now the gradient behind the last ReLU, which the shortcut gets too.
      let dx: Activation | null = null
      if (shortcut) {
        dx = reaches ? this.scratchLike(x) : null
        this.undoLayer(shortcut, dy, dx, false)
        builder.release(dy)
      } else dx = reaches ? dy : null
      this.undoLayer(first, middle, dx, true)
      builder.release(middle)
      if (!dx) builder.release(dy)
      return dx
    })
    return second.y
  }

  private firstSaved(): number {
    return this.mode ? frozenPrefix(this.mode.locked) : STAGES.length
  }

  /** Whether a stage's last block is what the first saved stage reads. */
  private isBoundary(block: string, stage: Stage): boolean {
    const next = STAGES.indexOf(stage) + 1
    return block.endsWith('.1') && next === this.firstSaved() && STAGES[next] !== 'fc'
  }

  /** Convolution and batch norm, plus `added`, and ReLU. `keep`: y is kept for the backward pass. */
  private layer(
    spec: ConvolutionSpec,
    x: Activation,
    { relu, added, keep }: { relu: boolean; added: Activation | null; keep: boolean },
  ): Layer {
    const { builder } = this
    const mode = modeOf(this.mode, spec.stage)
    const outSide = outputSide(x.side, spec.kernel, spec.stride, spec.padding)
    const shape: ConvolutionShape = {
      count: x.count,
      side: x.side,
      inChannels: x.channels,
      outSide,
      outChannels: spec.outChannels,
      kernel: spec.kernel,
      stride: spec.stride,
      padding: spec.padding,
      usedChannels: spec.inChannels,
    }
    const make = (kept: boolean, name: string) =>
      kept
        ? builder.activation(name, x.count, outSide, spec.outChannels)
        : builder.scratch(x.count, outSide, spec.outChannels)
    const weight = this.parameter(`${spec.name}.weight`)
    if (!mode.batchStatistics) {
      const y = make(keep, `${spec.batchNorm}.out`)
      const epilogue: Epilogue = { scale: true, shift: true, add: added !== null, relu }
      const { kernel, groups, constants } = builder.tiles.forward(shape, epilogue)
      const folded = [this.statistic('foldScale', spec), this.statistic('foldShift', spec)]
      const parts = [withZeroPage(x), weight, ...folded, ...(added ? [values(added)] : []), values(y)]
      builder.add(kernel, parts, constants, groups, convolutionFlops(shape))
      return { spec, shape, mode, x, raw: null, y, relu }
    }
    const raw = make(mode.saved, `${spec.name}.out`)
    const { kernel, groups, constants } = builder.tiles.forward(shape, NO_EPILOGUE)
    builder.add(kernel, [withZeroPage(x), weight, values(raw)], constants, groups, convolutionFlops(shape))
    this.batchStatistics(spec, raw)
    const y = make(keep, `${spec.batchNorm}.out`)
    this.linear(
      applyKernel(added !== null, relu),
      [
        values(raw),
        this.statistic('batchMean', spec),
        this.statistic('batchScale', spec),
        this.parameter(`${spec.batchNorm}.weight`),
        this.parameter(`${spec.batchNorm}.bias`),
        ...(added ? [values(added)] : []),
        values(y),
      ],
      [rowsOf(y) * (y.channels / 4), y.channels / 4],
      rowsOf(y) * (y.channels / 4),
    )
    builder.release(raw)
    return { spec, shape, mode, x, raw, y, relu }
  }

  private batchStatistics(spec: ConvolutionSpec, raw: Activation): void {
    const { chunks, rowsPerChunk } = rowChunks(rowsOf(raw))
    const quads = raw.channels / 4
    const constants = [rowsOf(raw), quads, rowsPerChunk, chunks]
    const partial = this.builder.part('partial', chunks * 2 * raw.channels)
    this.linear(statisticsKernel, [values(raw), partial], constants, chunks * quads)
    this.builder.add(
      mergeStatisticsKernel,
      [
        partial,
        this.statistic('batchMean', spec),
        this.statistic('batchScale', spec),
        this.statistic('runningMean', spec),
        this.statistic('runningVar', spec),
      ],
      constants,
      mergeGroups(raw.channels),
    )
  }

  /**
   * Gradients of a layer from the gradient `dy` of its output, which it masks by the layer's ReLU where it stands.
   * `dx` is null where nothing before the layer trains; `accumulate` adds to what it holds.
   */
  private undoLayer(layer: Layer, dy: Activation, dx: Activation | null, accumulate: boolean): void {
    const { spec, shape, mode, x, raw, y, relu } = layer
    const dRaw = this.scratchLike(y)
    if (raw) this.undoBatchNorm(layer, raw, dy, dRaw)
    else {
      const quads = rowsOf(y) * (y.channels / 4)
      const parts = [
        values(dy),
        ...(relu ? [values(y)] : []),
        this.statistic('foldScale', spec),
        values(dRaw),
      ]
      this.linear(gradientScaleKernel(relu), parts, [quads, y.channels / 4], quads)
    }
    if (mode.trained) this.filterGradient(shape, x, dRaw, `${spec.name}.weight`)
    if (dx) this.inputGradient(shape, dRaw, `${spec.name}.weight`, dx, accumulate)
    this.builder.release(dRaw)
  }

  private undoBatchNorm(
    { spec, mode, y, relu }: Layer,
    raw: Activation,
    dy: Activation,
    dRaw: Activation,
  ): void {
    const { builder } = this
    const c4 = raw.channels / 4
    const { chunks, rowsPerChunk } = rowChunks(rowsOf(raw))
    const partial = builder.part('partial', chunks * 2 * raw.channels)
    const statistics = [this.statistic('batchMean', spec), this.statistic('batchScale', spec)]
    this.linear(
      gradientSumsKernel(relu),
      [values(dy), ...(relu ? [values(y)] : []), values(raw), ...statistics, partial],
      [rowsOf(raw), c4, rowsPerChunk, chunks],
      chunks * c4,
    )
    const sums = builder.part('sums', 2 * raw.channels)
    builder.add(
      mergeGradientKernel(mode.trained),
      [
        partial,
        { ...sums, size: raw.channels },
        { ...sums, offset: raw.channels, size: raw.channels },
        ...(mode.trained
          ? [this.gradient(`${spec.batchNorm}.weight`), this.gradient(`${spec.batchNorm}.bias`)]
          : []),
      ],
      [c4, chunks],
      mergeGroups(raw.channels),
    )
    const quads = rowsOf(raw) * c4
    this.linear(
      gradientApplyKernel,
      [
        values(dy),
        values(raw),
        ...statistics,
        this.parameter(`${spec.batchNorm}.weight`),
        sums,
        values(dRaw),
      ],
      [quads, c4, rowsOf(raw)],
      quads,
    )
  }

  private filterGradient(shape: ConvolutionShape, x: Activation, dy: Activation, name: string): void {
    const { builder } = this
    const { kernel, groups, constants, splits } = builder.tiles.filterGradient(shape)
    const target = this.gradient(name)
    const parts = splits === 1 ? target : builder.part('partial', splits * target.size)
    builder.add(kernel, [values(x), values(dy), parts], constants, groups, convolutionFlops(shape))
    if (splits > 1) this.linear(sumPartsKernel, [parts, target], [splits, target.size / 4], target.size / 4)
  }

  private inputGradient(
    shape: ConvolutionShape,
    dy: Activation,
    weight: string,
    dx: Activation,
    accumulate: boolean,
  ): void {
    const { kernel, groups, constants } = this.builder.tiles.inputGradient(shape, accumulate)
    const parts = [withZeroPage(dy), this.parameter(weight), values(dx)]
    this.builder.add(kernel, parts, constants, groups, convolutionFlops(shape))
  }

  private maxPool(stem: Layer): Activation {
    const { builder } = this
    const { y: x } = stem
    const side = outputSide(x.side, 3, 2, 1)
    const saved = stem.mode.saved
    const kept = saved || (this.mode !== null && this.firstSaved() === STAGES.indexOf('layer1'))
    const y = kept
      ? builder.activation('maxpool', x.count, side, x.channels)
      : builder.scratch(x.count, side, x.channels)
    const quads = rowsOf(y) * (y.channels / 4)
    const taps = builder.part('maxpool.taps', quads)
    this.linear(maxPoolKernel, [values(x), values(y), taps], [quads, x.channels / 4, x.side, side], quads)
    if (saved)
      this.undo.push((dy) => {
        const dx = this.scratchLike(x)
        const dxQuads = rowsOf(x) * (x.channels / 4)
        const constants = [dxQuads, x.channels / 4, x.side, side]
        this.linear(maxPoolGradientKernel, [values(dy), taps, values(dx)], constants, dxQuads)
        builder.release(dy)
        this.undoLayer(stem, dx, null, false)
        builder.release(dx)
        return null
      })
    return y
  }

  private averagePool(x: Activation): Activation {
    const { builder } = this
    const y = builder.activation(POOLED, x.count, 1, x.channels)
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
    builder.release(x)
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

  private linear(
    kernel: Kernel,
    parts: readonly BufferPart[],
    constants: readonly number[],
    invocations: number,
  ): void {
    this.builder.add(kernel, parts, constants, linearGroups(kernel, invocations))
  }

  private scratchLike({ count, side, channels }: Activation): Activation {
    return this.builder.scratch(count, side, channels)
  }

  private parameter(name: string): BufferPart {
    const { offset, size } = this.layout.at.get(name)!
    return { buffer: 'parameters', offset, size }
  }

  private gradient(name: string): BufferPart {
    const { offset, size } = this.layout.at.get(name)!
    return { buffer: 'gradients', offset: offset - this.base, size }
  }

  private statistic(buffer: string, { batchNorm, outChannels }: ConvolutionSpec): BufferPart {
    return { buffer, offset: this.layout.channel.get(batchNorm)!, size: outChannels }
  }
}

/** Logits (or pooled features only) of `count` photos, every batch norm in eval mode, nothing saved. */
export function lowerPrediction(
  layout: PackedLayout,
  tiles: ConvolutionTiles,
  kind: InputKind,
  output: 'logits' | 'features',
  count: number,
  size: number,
): Program {
  const lowering = new Lowering(layout, tiles, null, 0)
  const features = lowering.backbone(kind, count, size)
  if (output === 'logits') lowering.head(features)
  return lowering.builder.finish()
}

/** Loss, hits and gradients of a micro-batch of `count` photos. `base`: first packed float that has a gradient. */
export function lowerTraining(
  layout: PackedLayout,
  tiles: ConvolutionTiles,
  mode: TrainingMode,
  base: number,
  kind: InputKind,
  count: number,
  size: number,
): Program {
  const lowering = new Lowering(layout, tiles, mode, base)
  const features = lowering.backbone(kind, count, size)
  const logits = lowering.head(features)
  lowering.backward(features, logits)
  return lowering.builder.finish()
}
