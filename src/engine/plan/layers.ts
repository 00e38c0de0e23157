/**
 * Convolution, batch norm, shortcut and ReLU as one layer of a program, forward and backward, in the ways that the freeze
 * plan asks for: folded (eval mode) or with the statistics of the batch.
 */
import {
  type BatchNormMode,
  type ConvolutionSpec,
  type FreezePlan,
  frozenPrefix,
  isLocked,
  outputSide,
  STAGES,
  type Stage,
  updatesBatchNorm,
} from '../../model/index.ts'
import type { KernelChoice } from './choice.ts'
import {
  applyKernel,
  directGradientKernel,
  directStatisticsKernel,
  gradientApplyKernel,
  gradientScaleKernel,
  gradientSumsKernel,
  type Mask,
  mergeGradientKernel,
  mergeStatisticsKernel,
  rowChunks,
  rowInvocations,
  statisticsKernel,
} from './kernels/batch-norm.ts'
import { type ConvolutionShape, NO_EPILOGUE } from './kernels/convolution.ts'
import { type Kernel, linearGroups } from './kernels/kernel.ts'
import { reductionGroups } from './kernels/slices.ts'
import type { PackedLayout } from './layout.ts'
import { type Activation, type BufferPart, rowsOf, values, withZeroPage } from './program.ts'
import { ProgramBuilder } from './program-builder.ts'

export interface TrainingMode {
  locked: FreezePlan
  batchNorm: BatchNormMode
  /** The program is a step's only pass: no micro-batch adds its gradients to those of another. */
  wholeBatch?: boolean
  /** Classes count differently in the loss. */
  weighted?: boolean
}

interface StageMode {
  /** Its weights get gradients. */
  trained: boolean
  /** Its batch norms use (and update with) the statistics of the batch. */
  batchStatistics: boolean
  /** Gradients pass through it. */
  saved: boolean
}

const PREDICT: StageMode = { trained: false, batchStatistics: false, saved: false }

function modeOf(mode: TrainingMode | null, stage: Stage): StageMode {
  if (!mode) return PREDICT
  const trained = !isLocked(mode.locked, stage)
  return {
    trained,
    batchStatistics: updatesBatchNorm(mode.batchNorm, mode.locked, stage),
    saved: STAGES.indexOf(stage) >= frozenPrefix(mode.locked),
  }
}

/** A convolution and its batch norm. */
export interface Layer {
  spec: ConvolutionSpec
  shape: ConvolutionShape
  mode: StageMode
  x: Activation
  /** With the batch's statistics, the convolution's own output; otherwise that of batch norm, folded, and ReLU. */
  y: Activation
}

/** How a layer's gradient gets behind its ReLU: see `Mask`. */
export type Masked = { by: 'none' | 'own' } | { by: 'output'; y: Activation }

/** What a network of such layers is lowered with. */
export class LayerLowering {
  readonly builder: ProgramBuilder
  protected readonly layout: PackedLayout
  protected readonly choice: KernelChoice
  protected readonly mode: TrainingMode | null
  /** First packed float that has a gradient. */
  private readonly base: number

  /** `mode`: null for a prediction. */
  constructor(layout: PackedLayout, choice: KernelChoice, mode: TrainingMode | null, base: number) {
    this.builder = new ProgramBuilder(choice.traits)
    this.layout = layout
    this.choice = choice
    this.mode = mode
    this.base = base
  }

  protected modeOf(stage: Stage): StageMode {
    return modeOf(this.mode, stage)
  }

  /** Index of the first stage that gradients reach; behind `fc` in a prediction. */
  protected firstSaved(): number {
    return this.mode ? frozenPrefix(this.mode.locked) : STAGES.length
  }

  /** Convolution and batch norm in eval mode, plus `added`, and ReLU, in one kernel. */
  protected foldedLayer(
    spec: ConvolutionSpec,
    x: Activation,
    { relu, added }: { relu: boolean; added?: Activation },
  ): Layer {
    const { builder } = this
    const shape = shapeOf(spec, x)
    const y = builder.scratch(x.count, shape.outSide, spec.outChannels)
    const epilogue = { scale: true, shift: true, add: added !== undefined, relu }
    this.choice.of('forward', spec.name, shape).lower(builder, shape, epilogue, {
      x: withZeroPage(x),
      w: this.parameter(`${spec.name}.weight`),
      scale: this.statistic('foldScale', spec),
      shift: this.statistic('foldShift', spec),
      ...(added && { added: values(added) }),
      y: values(y),
    })
    return { spec, shape, mode: this.modeOf(spec.stage), x, y }
  }

  /** Convolution, and the statistics of its output over the batch: `normalized` applies them. */
  protected measuredLayer(spec: ConvolutionSpec, x: Activation): Layer {
    const { builder } = this
    const shape = shapeOf(spec, x)
    const y = builder.scratch(x.count, shape.outSide, spec.outChannels)
    this.choice.of('forward', spec.name, shape).lower(builder, shape, NO_EPILOGUE, {
      x: withZeroPage(x),
      w: this.parameter(`${spec.name}.weight`),
      y: values(y),
    })
    const rows = rowsOf(y)
    const { software } = this.choice.traits
    const targets = [
      this.parameter(`${spec.batchNorm}.weight`),
      this.parameter(`${spec.batchNorm}.bias`),
      this.moments(spec),
      this.statistic('runningMean', spec),
      this.statistic('runningVar', spec),
    ]
    this.reduce(rows, y.channels, {
      direct: directStatisticsKernel(software),
      chunked: statisticsKernel,
      merge: mergeStatisticsKernel(software),
      sources: [values(y)],
      targets,
    })
    return { spec, shape, mode: this.modeOf(spec.stage), x, y }
  }

  /** Batch norm of a measured layer's output, plus `added` (another layer's is normalized too), and ReLU. */
  protected normalized({ spec, y }: Layer, added?: Activation | Layer): Activation {
    const out = this.scratchLike(y)
    const kind = added === undefined ? 'nothing' : 'spec' in added ? 'normalized' : 'tensor'
    const addends =
      added === undefined
        ? []
        : 'spec' in added
          ? [values(added.y), this.moments(added.spec)]
          : [values(added)]
    const parts = [values(y), this.moments(spec), ...addends, values(out)]
    this.byRows(applyKernel(kind, true), parts, y)
    return out
  }

  /**
   * Gradients of a layer from the gradient `dy` behind its batch norm and ReLU, which becomes that before the ReLU where
   * the mask is the output. `dx`: null where nothing before the layer trains; `accumulate` adds to what it holds.
   * `inner`: the measured layer whose normalized output is this one's input; it is computed anew.
   */
  protected undoLayer(
    { spec, shape, mode, x, y }: Layer,
    dy: Activation,
    mask: Masked,
    dx: Activation | null,
    { accumulate = false, inner }: { accumulate?: boolean; inner?: Layer } = {},
  ): void {
    const dConvolution = this.scratchLike(y)
    let input = x
    if (mode.batchStatistics) {
      const totals = this.gradientTotals(spec, mode.trained, dy, mask, y)
      // Without a filter gradient nobody asks for the input.
      const again = inner && mode.trained ? inner : null
      if (again) input = this.scratchLike(again.y)
      const kernel = gradientApplyKernel(mask.by === 'own' ? 'own' : 'none', again !== null)
      const parts = [values(dy), values(y), this.moments(spec), totals, values(dConvolution)]
      if (again) parts.push(values(again.y), this.moments(again.spec), values(input))
      this.byRows(kernel, parts, y)
    } else {
      const masked = mask.by === 'output' ? [values(mask.y)] : []
      const parts = [values(dy), ...masked, this.statistic('foldScale', spec), values(dConvolution)]
      this.byRows(gradientScaleKernel(mask.by === 'output'), parts, y)
    }
    if (mode.trained) this.filterGradient(spec.name, shape, input, dConvolution)
    if (dx) this.inputGradient(spec.name, shape, dConvolution, dx, accumulate)
  }

  /** Sums of a batch norm's gradient over its rows [2, channels]. */
  private gradientTotals(
    spec: ConvolutionSpec,
    trained: boolean,
    dy: Activation,
    mask: Masked,
    x: Activation,
  ): BufferPart {
    const totals = this.builder.temporary(2 * x.channels)
    const by: Mask = mask.by
    const { software } = this.choice.traits
    this.reduce(rowsOf(x), x.channels, {
      direct: directGradientKernel(by, trained, software),
      chunked: gradientSumsKernel(by),
      merge: mergeGradientKernel(trained, software),
      sources: [values(dy), ...(mask.by === 'output' ? [values(mask.y)] : []), values(x), this.moments(spec)],
      targets: [
        totals,
        ...(trained
          ? [this.gradient(`${spec.batchNorm}.weight`), this.gradient(`${spec.batchNorm}.bias`)]
          : []),
      ],
    })
    return totals
  }

  /** Sources -> targets, reduced over rows: at once where there are few, otherwise by way of chunks. */
  private reduce(
    rows: number,
    channels: number,
    {
      direct,
      chunked,
      merge,
      sources,
      targets,
    }: {
      direct: Kernel
      chunked: Kernel
      merge: Kernel
      sources: readonly BufferPart[]
      targets: readonly BufferPart[]
    },
  ): void {
    const { chunks, rowsPerChunk } = rowChunks(rows)
    const constants = [rows, channels / 4, rowsPerChunk, chunks]
    const { builder } = this
    const { software } = this.choice.traits
    if (chunks === 1) {
      builder.add(direct, [...sources, ...targets], constants, reductionGroups(direct, channels, software))
      return
    }
    const partial = builder.temporary(chunks * 2 * channels)
    this.linear(chunked, [...sources, partial], constants, (chunks * channels) / 4)
    builder.add(merge, [partial, ...targets], constants, reductionGroups(merge, channels, software))
  }

  /** `layer`: the convolution's name, or `fc`; its weight is `<layer>.weight`. */
  protected filterGradient(layer: string, shape: ConvolutionShape, x: Activation, dy: Activation): void {
    const { builder } = this
    this.choice.of('filterGradient', layer, shape).lower(builder, shape, {
      x: values(x),
      dy: values(dy),
      dw: this.gradient(`${layer}.weight`),
      wholeBatch: this.mode?.wholeBatch,
    })
  }

  protected inputGradient(
    layer: string,
    shape: ConvolutionShape,
    dy: Activation,
    dx: Activation,
    accumulate: boolean,
  ): void {
    const { builder } = this
    this.choice.of('inputGradient', layer, shape).lower(builder, shape, accumulate, {
      dy: withZeroPage(dy),
      w: this.parameter(`${layer}.weight`),
      dx: values(dx),
    })
  }

  protected linear(
    kernel: Kernel,
    parts: readonly BufferPart[],
    constants: readonly number[],
    invocations: number,
  ): void {
    this.builder.add(kernel, parts, constants, linearGroups(kernel, invocations))
  }

  /** An elementwise kernel over the rows of `x`, a few of them an invocation. */
  private byRows(kernel: Kernel, parts: readonly BufferPart[], x: Activation): void {
    const rows = rowsOf(x)
    this.linear(kernel, parts, [rows, x.channels / 4], rowInvocations(rows, x.channels))
  }

  protected scratchLike({ count, side, channels }: Activation): Activation {
    return this.builder.scratch(count, side, channels)
  }

  protected parameter(name: string): BufferPart {
    const { offset, size } = this.layout.at.get(name)!
    return { buffer: 'parameters', offset, size }
  }

  protected gradient(name: string): BufferPart {
    const { offset, size } = this.layout.at.get(name)!
    return { buffer: 'gradients', offset: offset - this.base, size }
  }

  /** What a batch norm applies: see kernels/batch-norm.ts. */
  protected moments({ batchNorm, outChannels }: ConvolutionSpec): BufferPart {
    const channel = this.layout.channel.get(batchNorm)!
    return { buffer: 'moments', offset: 4 * channel, size: 4 * outChannels }
  }

  private statistic(buffer: string, { batchNorm, outChannels }: ConvolutionSpec): BufferPart {
    return { buffer, offset: this.layout.channel.get(batchNorm)!, size: outChannels }
  }
}

const shapeOf = (spec: ConvolutionSpec, x: Activation): ConvolutionShape => ({
  count: x.count,
  side: x.side,
  inChannels: x.channels,
  outSide: outputSide(x.side, spec.kernel, spec.stride, spec.padding),
  outChannels: spec.outChannels,
  kernel: spec.kernel,
  stride: spec.stride,
  padding: spec.padding,
  usedChannels: spec.inChannels,
})
