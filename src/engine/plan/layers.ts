/**
 * Convolution, batch norm, shortcut and ReLU as one layer of a program, forward and backward, in the ways that the freeze
 * plan asks for: folded (eval mode) or with the statistics of the batch, keeping what the backward pass needs or nothing.
 */
import {
  type ConvolutionSpec,
  type FreezePlan,
  frozenPrefix,
  isLocked,
  outputSide,
  STAGES,
  type Stage,
} from '../../model/index.ts'
import type { KernelChoice } from './choice.ts'
import {
  applyKernel,
  gradientApplyKernel,
  gradientScaleKernel,
  gradientSumsKernel,
  mergeGradientKernel,
  mergeGroups,
  mergeStatisticsKernel,
  rowChunks,
  statisticsKernel,
} from './kernels/batch-norm.ts'
import { type ConvolutionShape, type Epilogue, NO_EPILOGUE } from './kernels/convolution.ts'
import { type Kernel, linearGroups } from './kernels/kernel.ts'
import type { PackedLayout } from './layout.ts'
import { type Activation, type BufferPart, ProgramBuilder, rowsOf, values, withZeroPage } from './program.ts'

export interface TrainingMode {
  locked: FreezePlan
  batchNorm: 'frozen' | 'tutorial'
}

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
export interface Layer {
  spec: ConvolutionSpec
  shape: ConvolutionShape
  mode: StageMode
  x: Activation
  /** The convolution's own output; only where batch statistics are used. */
  raw: Activation | null
  y: Activation
  relu: boolean
}

/** What a network of such layers is lowered with. */
export class LayerLowering {
  readonly builder: ProgramBuilder
  protected readonly layout: PackedLayout
  private readonly mode: TrainingMode | null
  /** First packed float that has a gradient. */
  private readonly base: number

  /** `mode`: null for a prediction. */
  constructor(layout: PackedLayout, choice: KernelChoice, mode: TrainingMode | null, base: number) {
    this.builder = new ProgramBuilder(choice)
    this.layout = layout
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

  /** Convolution and batch norm, plus `added`, and ReLU. `keep`: y is kept for the backward pass. */
  protected layer(
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
      builder.choice.of('forward', spec.name, shape).lower(builder, shape, epilogue, {
        x: withZeroPage(x),
        w: weight,
        scale: this.statistic('foldScale', spec),
        shift: this.statistic('foldShift', spec),
        ...(added && { added: values(added) }),
        y: values(y),
      })
      return { spec, shape, mode, x, raw: null, y, relu }
    }
    const raw = make(mode.saved, `${spec.name}.out`)
    builder.choice
      .of('forward', spec.name, shape)
      .lower(builder, shape, NO_EPILOGUE, { x: withZeroPage(x), w: weight, y: values(raw) })
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
  protected undoLayer(layer: Layer, dy: Activation, dx: Activation | null, accumulate: boolean): void {
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
    if (mode.trained) this.filterGradient(spec.name, shape, x, dRaw)
    if (dx) this.inputGradient(spec.name, shape, dRaw, dx, accumulate)
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

  /** `layer`: the convolution's name, or `fc`; its weight is `<layer>.weight`. */
  protected filterGradient(layer: string, shape: ConvolutionShape, x: Activation, dy: Activation): void {
    const { builder } = this
    builder.choice.of('filterGradient', layer, shape).lower(builder, shape, {
      x: values(x),
      dy: values(dy),
      dw: this.gradient(`${layer}.weight`),
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
    builder.choice.of('inputGradient', layer, shape).lower(builder, shape, accumulate, {
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

  private statistic(buffer: string, { batchNorm, outChannels }: ConvolutionSpec): BufferPart {
    return { buffer, offset: this.layout.channel.get(batchNorm)!, size: outChannels }
  }
}
