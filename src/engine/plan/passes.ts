/**
 * Forward and backward passes over batches that the caller gives: cut into micro-batches, uploaded, laid out, submitted.
 * Belongs to one network and one configuration; a new configuration makes new passes.
 */
import { FEATURES, frozenPrefix, LOCKABLE_STAGES } from '../../model/index.ts'
import { checkInputs, evenParts } from '../batches.ts'
import type { Inputs, StepConfig } from '../train-step.ts'
import type { Buffers } from './buffers.ts'
import type { KernelChoice } from './choice.ts'
import type { Executor, LaidOut } from './executor.ts'
import type { PackedLayout } from './layout.ts'
import { LABELS, LOGITS, lowerPrediction, lowerTraining, POOLED, UPLOAD } from './lower.ts'
import { programBytes } from './memory.ts'
import type { BufferPart, Program } from './program.ts'
import { readBack } from './readback.ts'

/** Photos that a prediction takes at a time at most. */
const PREDICTION_BATCH = 64

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

  microBatchFor(count: number, size: number): number {
    const { microBatch } = this.options.config
    if (microBatch) return Math.min(microBatch, count)
    const make = (photos: number) => this.trainingProgram('photos', photos, size)
    const most = this.largestFitting(`train ${count} ${size}`, count, make)
    return Math.ceil(count / Math.ceil(count / most))
  }

  estimateBytes(count: number, size: number): number {
    return this.persistentBytes() + programBytes(this.trainingProgram('photos', count, size))
  }

  /**
   * Encodes and submits forward and backward passes over a batch. Loss and hits lie in `result` then, the gradients of
   * the mean loss in `gradients`. `momentum`: how far running statistics move.
   * @returns the work submitted, and how many passes it took.
   */
  async forwardBackward(
    inputs: Inputs,
    labels: Int32Array,
    momentum: number,
  ): Promise<{ work: number; passes: number }> {
    this.checkBatch(inputs, labels)
    const { device, buffers, executor, config } = this.options
    const parts = await this.layOut(inputs)
    const encoder = device.createCommandEncoder()
    encoder.clearBuffer(buffers.get('result'))
    device.queue.submit([encoder.finish()])
    for (const { from, to, program } of parts) {
      this.upload(inputs, from, to, program)
      const { buffer, offset } = placeOf(program, LABELS)
      device.queue.writeBuffer(buffers.get(buffer), 4 * offset, labels, from, to - from)
      executor.setStep({
        inverseBatch: 1 / inputs.count,
        labelSmoothing: config.labelSmoothing,
        momentum,
        accumulate: from > 0,
        weightDecay: config.optimizer.weightDecay,
        sgdMomentum: config.optimizer.momentum,
      })
      executor.run(program)
    }
    return { work: parts.reduce((sum, { program }) => sum + program.work, 0), passes: parts.length }
  }

  /** Rows of logits (padded columns) or features, `width` wide, of all photos, every batch norm in eval mode. */
  async evaluate(inputs: Inputs, output: 'logits' | 'features', width: number): Promise<Float32Array> {
    checkInputs(inputs)
    const { device, buffers, executor, layout, choice } = this.options
    const size = inputs.kind === 'features' ? 1 : inputs.size
    const make = (count: number) => lowerPrediction(layout, choice, inputs.kind, output, count, size)
    const atOnce = Math.min(inputs.count, PREDICTION_BATCH)
    const most = this.largestFitting(`predict ${inputs.kind} ${output} ${atOnce} ${size}`, atOnce, make)
    const rows = new Float32Array(inputs.count * width)
    for (const { from, to } of evenParts(inputs.count, most)) {
      const count = to - from
      const key = `predict ${layout.classes} ${inputs.kind} ${output} ${count} ${size}`
      const program = await executor.layOut(key, () => make(count))
      this.upload(inputs, from, to, program)
      executor.run(program)
      const { buffer, offset } = placeOf(program, output === 'logits' ? LOGITS : POOLED)
      const words = await readBack(device, [{ buffer: buffers.get(buffer), offset, size: count * width }])
      rows.set(new Float32Array(words), from * width)
    }
    return rows
  }

  private async layOut(inputs: Inputs): Promise<{ from: number; to: number; program: LaidOut }[]> {
    const { buffers, executor } = this.options
    const size = inputs.kind === 'features' ? 1 : inputs.size
    const micro = inputs.kind === 'features' ? inputs.count : this.microBatchFor(inputs.count, size)
    const parts = evenParts(inputs.count, micro)
    for (;;) {
      const laidOut: { from: number; to: number; program: LaidOut }[] = []
      for (const { from, to } of parts) {
        const key = `train ${this.id} ${inputs.kind} ${to - from} ${size}`
        const make = () => this.trainingProgram(inputs.kind, to - from, size)
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
    const { buffer, offset } = placeOf(program, inputs.kind === 'features' ? POOLED : UPLOAD)
    const target = buffers.get(buffer)
    if (inputs.kind === 'features') {
      queue.writeBuffer(target, 4 * offset, inputs.values, from * FEATURES, (to - from) * FEATURES)
      return
    }
    const photo = inputs.size ** 2 * 3
    if (inputs.kind === 'normalized') {
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

  private trainingProgram(kind: Inputs['kind'], count: number, size: number): Program {
    const { layout, choice, config, base } = this.options
    return lowerTraining(layout, choice, config, base, kind, count, size)
  }

  /**
   * The largest count up to `most` whose program fits the device's limits and the memory budget; at least 1. Kept under
   * `key`.
   */
  private largestFitting(key: string, most: number, make: (count: number) => Program): number {
    const known = this.fitting.get(key)
    if (known !== undefined) return known
    const { maxStorageBufferBindingSize, maxBufferSize } = this.options.device.limits
    const largestBuffer = Math.min(maxStorageBufferBindingSize, maxBufferSize)
    const budget = this.options.memoryBudget - this.persistentBytes()
    const fits = (count: number) => {
      const program = make(count)
      return programBytes(program) <= budget && Math.max(...program.buffers.values()) * 4 <= largestBuffer
    }
    let low = 1
    let high = most
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (fits(middle)) low = middle
      else high = middle - 1
    }
    this.fitting.set(key, low)
    return low
  }

  /** Parameters, gradients and moments. */
  private persistentBytes(): number {
    const { layout, config, base } = this.options
    return 4 * (layout.total + (layout.total - base) * (config.optimizer.kind === 'sgd' ? 2 : 3))
  }

  private checkBatch(inputs: Inputs, labels: Int32Array): void {
    const { layout, config } = this.options
    checkInputs(inputs, labels, layout.classes)
    const headOnly = frozenPrefix(config.locked) === LOCKABLE_STAGES.length && config.batchNorm === 'frozen'
    if (inputs.kind === 'features' && !headOnly)
      throw new Error(
        'Features can stand for photos only where the whole backbone is locked and not in train mode',
      )
  }
}

function placeOf({ places }: LaidOut, name: string): BufferPart {
  const place = places.get(name)
  if (!place) throw new Error(`The program has no buffer ${name}`)
  return place
}
