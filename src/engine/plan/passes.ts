/**
 * Forward and backward passes over batches that the caller gives: cut into micro-batches, uploaded, laid out, submitted.
 * Belongs to one network and one configuration; a new configuration makes new passes.
 */

import {
  type Boundary,
  boundaryValues,
  FEATURES_BOUNDARY,
  type InnerBoundary,
  restingPrefix,
} from '../../model/index.ts'
import { boundaryOf, checkComesBefore, checkInputs, checkRests, evenParts } from '../batches.ts'
import { batchWeight } from '../class-weights.ts'
import type { Inputs, StepConfig } from '../train-step.ts'
import type { Buffers } from './buffers.ts'
import type { KernelChoice } from './choice.ts'
import { standingBytes } from './estimate.ts'
import type { Executor, LaidOut, Recording } from './executor.ts'
import type { PackedLayout } from './layout.ts'
import {
  ACTIVATIONS,
  CLASS_WEIGHTS,
  LABELS,
  LOGITS,
  lowerPrediction,
  lowerTraining,
  type Source,
  UPLOAD,
} from './lower.ts'
import { programBytes } from './memory.ts'
import type { BufferPart, Program } from './program.ts'
import { readBack } from './readback.ts'

/** Photos that a prediction takes at a time at most, and bytes: what a training step of a few photos holds anyway. */
const PREDICTION = { photos: 64, bytes: 96e6 } as const

export interface PassesOptions {
  device: GPUDevice
  buffers: Buffers
  executor: Executor
  choice: KernelChoice
  /** In bytes, all that the plan holds. */
  memoryBudget: number
  layout: PackedLayout
  config: StepConfig
  /** First packed float that has a gradient. */
  base: number
}

let made = 0

export class Passes {
  private readonly options: PassesOptions
  /** Tells the programs of these passes from others'. */
  private readonly id = made++
  /** Largest counts that fit, by what was asked. */
  private readonly fitting = new Map<string, number>()

  constructor(options: PassesOptions) {
    this.options = options
  }

  microBatchFor(count: number, size: number, boundary: Boundary): number {
    const { microBatch } = this.options.config
    if (microBatch) return Math.min(microBatch, count)
    const make = (photos: number) => this.trainingProgram(boundary || 'photos', photos, size)
    const most = this.largestFitting(`train ${boundary} ${count} ${size}`, count, make)
    return Math.ceil(count / Math.ceil(count / most))
  }

  estimateBytes(count: number, size: number, boundary: Boundary): number {
    const { layout, config } = this.options
    return (
      standingBytes(layout, config) + programBytes(this.trainingProgram(boundary || 'photos', count, size))
    )
  }

  /**
   * Records forward and backward passes over a batch, all but the last micro-batch submitted. Once they have run, loss
   * and hits lie in `result`, the gradients of the mean loss in `gradients`. `momentum`: how far running statistics move.
   * @returns the work recorded, and how many passes it took.
   */
  async forwardBackward(
    recording: Recording,
    inputs: Inputs,
    labels: Int32Array,
    momentum: number,
  ): Promise<{ work: number; passes: number }> {
    this.checkBatch(inputs, labels)
    const { device, buffers, executor, config } = this.options
    const parts = await this.layOut(inputs)
    recording.copies().clearBuffer(buffers.get('result'))
    for (const { from, to, program } of parts) {
      // The micro-batch before must have read its photos.
      if (from > 0) recording.submit()
      this.upload(inputs, from, to, program)
      const { buffer, offset } = placeOf(program, LABELS)
      device.queue.writeBuffer(buffers.get(buffer), 4 * offset, labels, from, to - from)
      if (config.classWeights) {
        const place = placeOf(program, CLASS_WEIGHTS)
        const weights = Float32Array.from(config.classWeights)
        device.queue.writeBuffer(buffers.get(place.buffer), 4 * place.offset, weights)
      }
      executor.setStep({
        inverseBatch: 1 / batchWeight(labels, config.classWeights),
        labelSmoothing: config.labelSmoothing,
        momentum,
        accumulate: from > 0,
        weightDecay: config.optimizer.weightDecay,
        sgdMomentum: config.optimizer.momentum,
      })
      recording.run(program)
    }
    return { work: parts.reduce((sum, { program }) => sum + program.work, 0), passes: parts.length }
  }

  /**
   * Rows of logits (padded columns) or of activations at a boundary, `width` wide, of all photos, every batch norm in eval
   * mode.
   */
  async evaluate(inputs: Inputs, output: 'logits' | InnerBoundary, width: number): Promise<Float32Array> {
    checkInputs(inputs)
    if (output !== 'logits') checkComesBefore(inputs, output)
    if (inputs.kind === 'activations' && inputs.boundary === output) return inputs.values.slice()
    const source = sourceOf(inputs)
    const { device, buffers, executor, layout, choice } = this.options
    const { size } = inputs
    const make = (count: number) => lowerPrediction(layout, choice, source, output, count, size)
    const atOnce = Math.min(inputs.count, PREDICTION.photos)
    const key = `predict ${source} ${output} ${atOnce} ${size}`
    const most = this.largestFitting(key, atOnce, make, PREDICTION.bytes)
    const rows = new Float32Array(inputs.count * width)
    for (const { from, to } of evenParts(inputs.count, most)) {
      const count = to - from
      const key = `predict ${layout.classes} ${source} ${output} ${count} ${size}`
      const program = await executor.layOut(key, () => make(count))
      this.upload(inputs, from, to, program)
      executor.run(program)
      const { buffer, offset } = placeOf(program, output === 'logits' ? LOGITS : ACTIVATIONS)
      const words = await readBack(device, [{ buffer: buffers.get(buffer), offset, size: count * width }])
      rows.set(new Float32Array(words), from * width)
    }
    return rows
  }

  private async layOut(inputs: Inputs): Promise<{ from: number; to: number; program: LaidOut }[]> {
    const { buffers, executor } = this.options
    const { size, count } = inputs
    const source = sourceOf(inputs)
    const micro = source === FEATURES_BOUNDARY ? count : this.microBatchFor(count, size, boundaryOf(inputs))
    const parts = evenParts(count, micro)
    for (;;) {
      const laidOut: { from: number; to: number; program: LaidOut }[] = []
      for (const { from, to } of parts) {
        const whole = parts.length === 1
        const key = `train ${this.id} ${source} ${to - from} ${size}${whole ? ' whole' : ''}`
        const make = () => this.trainingProgram(source, to - from, size, whole)
        laidOut.push({ from, to, program: await executor.layOut(key, make) })
      }
      // A smaller micro-batch may want a larger scratch buffer, which the ones before it must then bind anew.
      if (laidOut.every(({ program }) => program.generation === buffers.generation)) return laidOut
    }
  }

  /** Samples `from` to `to`, where the program reads them. */
  private upload(inputs: Inputs, from: number, to: number, program: LaidOut): void {
    const { buffers, device } = this.options
    const { queue } = device
    const { buffer, offset } = placeOf(program, inputs.kind === 'activations' ? ACTIVATIONS : UPLOAD)
    const target = buffers.get(buffer)
    const photo = boundaryValues(boundaryOf(inputs), inputs.size)
    if (inputs.kind !== 'photos') {
      queue.writeBuffer(target, 4 * offset, inputs.values, from * photo, (to - from) * photo)
      return
    }
    // A write takes whole words: the last pixels of an odd number of odd photos go in a word of their own.
    const bytes = (to - from) * photo
    const whole = bytes - (bytes % 4)
    queue.writeBuffer(target, 4 * offset, inputs.pixels, from * photo, whole)
    if (whole === bytes) return
    const rest = new Uint8Array(4)
    rest.set(inputs.pixels.subarray(from * photo + whole, to * photo))
    queue.writeBuffer(target, 4 * offset + whole, rest)
  }

  /** `wholeBatch`: for a step of no other pass. */
  private trainingProgram(source: Source, count: number, size: number, wholeBatch = false): Program {
    const { layout, choice, config, base } = this.options
    const { locked, batchNorm, classWeights } = config
    const mode = { locked, batchNorm, wholeBatch, weighted: classWeights !== undefined }
    return lowerTraining(layout, choice, mode, base, source, count, size)
  }

  /**
   * The largest count up to `most` whose program fits the device's limits and the memory budget (and `bytes`); at least
   * 1. Kept under `key`.
   */
  private largestFitting(
    key: string,
    most: number,
    make: (count: number) => Program,
    bytes = Number.POSITIVE_INFINITY,
  ): number {
    const known = this.fitting.get(key)
    if (known !== undefined) return known
    const { layout, config } = this.options
    const { maxStorageBufferBindingSize, maxBufferSize } = this.options.device.limits
    const budget = Math.min(bytes, this.options.memoryBudget - standingBytes(layout, config))
    const fits = (count: number) => {
      const program = make(count)
      const largestPart = Math.max(
        ...program.operations.flatMap(({ parts }) => parts.map(({ size }) => size)),
      )
      return (
        programBytes(program) <= budget &&
        4 * largestPart <= maxStorageBufferBindingSize &&
        4 * Math.max(...program.buffers.values()) <= maxBufferSize
      )
    }
    // Nearly always all of them fit.
    let low = fits(most) ? most : 1
    let high = low === most ? most : most - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (fits(middle)) low = middle
      else high = middle - 1
    }
    this.fitting.set(key, low)
    return low
  }

  private checkBatch(inputs: Inputs, labels: Int32Array): void {
    const { layout, config } = this.options
    checkInputs(inputs, labels, layout.classes)
    checkRests(inputs, restingPrefix(config.batchNorm, config.locked))
  }
}

const sourceOf = (inputs: Inputs): Source => (inputs.kind === 'activations' ? inputs.boundary : inputs.kind)

function placeOf({ places }: LaidOut, name: string): BufferPart {
  const place = places.get(name)
  if (!place) throw new Error(`The program has no buffer ${name}`)
  return place
}
