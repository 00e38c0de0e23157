/** The static plan: `TrainStep` on a WebGPU device with our kernels, laid out once for each batch shape. */
import {
  BATCH_NORM_MOMENTUM,
  CONVOLUTIONS,
  FEATURES,
  frozenPrefix,
  isLocked,
  LOCK_NONE,
  LOCKABLE_STAGES,
  type StateDict,
} from '../../model/index.ts'
import { checkInputs, evenParts } from '../batches.ts'
import type {
  EngineDescription,
  Inputs,
  OptimizerState,
  StepConfig,
  StepResult,
  TrainStep,
} from '../train-step.ts'
import { Buffers } from './buffers.ts'
import { describeAdapter } from './device.ts'
import { Executor, type LaidOut } from './executor.ts'
import { FailureWatch } from './failure.ts'
import { type ConvolutionTiles, ZERO_PAGE } from './kernels/convolution.ts'
import { RESULT } from './kernels/loss.ts'

import { packedLayout } from './layout.ts'
import { LABELS, LOGITS, lowerPrediction, lowerTraining, POOLED, UPLOAD } from './lower.ts'
import { NetworkState } from './network-state.ts'
import { Optimizer } from './optimizer.ts'
import type { Program } from './program.ts'
import { ReadbackRing, readBack } from './readback.ts'
import { chooseTiles } from './tiles.ts'

export interface PlanOptions {
  /** Id of the kernels to use (`description.kernels` of an earlier run); by default those that suit the device. */
  kernels?: string
  /** For people; by default what the device says of its adapter. */
  adapter?: string
  /** Most bytes of GPU memory that a step may take before it is cut into micro-batches. */
  memoryBudget?: number
  /** Destroys the device with the plan. */
  ownsDevice?: boolean
}

const DEFAULT_MEMORY_BUDGET = 4 * 2 ** 30
const STEPS_IN_FLIGHT = 2
/** Photos that a prediction takes at a time at most. */
const PREDICTION_BATCH = 64

const DEFAULT_CONFIG: StepConfig = {
  locked: LOCK_NONE,
  batchNorm: 'frozen',
  optimizer: { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} },
  labelSmoothing: 0,
  microBatch: null,
}

/**
 * A plan on this device. The device stays the caller's unless `ownsDevice`.
 * @throws EngineError `device-lost` where the device is gone already; where `kernels` names none of ours.
 */
export async function createPlan(device: GPUDevice, options: PlanOptions = {}): Promise<TrainStep> {
  try {
    const plan = new Plan(device, options)
    await plan.open()
    return plan
  } catch (error) {
    if (options.ownsDevice) device.destroy()
    throw error
  }
}

class Plan implements TrainStep {
  readonly description: EngineDescription
  private readonly device: GPUDevice
  private readonly options: PlanOptions
  private readonly tiles: ConvolutionTiles
  private readonly buffers: Buffers
  private readonly executor: Executor
  private readonly failure: FailureWatch
  private readonly results: ReadbackRing
  private readonly inFlight: Promise<unknown>[] = []
  private readonly microBatches = new Map<string, number>()
  private network: NetworkState | null = null
  private optimizer: Optimizer | null = null
  private config: StepConfig = DEFAULT_CONFIG
  private configured = 0
  private queue: Promise<unknown> = Promise.resolve()

  constructor(device: GPUDevice, options: PlanOptions) {
    this.device = device
    this.options = options
    this.tiles = chooseTiles(device, options.kernels)
    this.buffers = new Buffers(device)
    this.executor = new Executor(device, this.buffers)
    this.failure = new FailureWatch(device)
    this.results = new ReadbackRing(device, RESULT.words)
    const adapter = options.adapter ?? describeAdapter(device.adapterInfo)
    this.description = { engine: 'webgpu', adapter, kernels: this.tiles.id }
  }

  open(): Promise<void> {
    return this.exclusive(() => this.buffers.ensure([['result', RESULT.words]]))
  }

  load(state: StateDict): Promise<void> {
    return this.exclusive(async () => {
      this.network = await NetworkState.load(this.device, this.buffers, state)
      this.optimizer = null
      this.microBatches.clear()
    })
  }

  configure(config: StepConfig): Promise<void> {
    return this.exclusive(async () => {
      const { layout } = this.loaded()
      this.optimizer = await Optimizer.create(this.device, this.buffers, layout, config, this.optimizer)
      this.config = config
      this.configured++
      this.microBatches.clear()
    })
  }

  resetOptimizer(): void {
    this.optimizer?.reset()
  }

  async step(inputs: Inputs, labels: Int32Array, learningRate: number): Promise<StepResult> {
    while (this.inFlight.length >= STEPS_IN_FLIGHT) await this.inFlight[0]
    const started = this.exclusive(async () => {
      const start = performance.now()
      const optimizer = this.ready()
      let work = await this.forwardBackward(inputs, labels, BATCH_NORM_MOMENTUM)
      const update = await this.executor.layOut(`update ${this.configured}`, () => optimizer.program())
      optimizer.advance(learningRate)
      this.executor.run(update)
      work += update.work
      const words = this.results.read(this.buffers.get('result'))
      // A failure of the device is told instead, and nobody may come to wait for the words then.
      words.catch(() => undefined)
      return { start, work, words }
    })
    const finished = started.then(({ start, work, words }) =>
      this.failure.guard(async () => {
        const result = await words
        this.executor.measure(work, start)
        return stepResult(result, inputs.count)
      }),
    )
    const settled: Promise<unknown> = finished
      .catch(() => undefined)
      .then(() => this.inFlight.splice(this.inFlight.indexOf(settled), 1))
    this.inFlight.push(settled)
    return finished
  }

  predict(inputs: Inputs): Promise<Float32Array> {
    return this.exclusive(async () => {
      const { classes, columns } = this.loaded().layout
      const padded = await this.evaluate(inputs, 'logits', columns)
      if (columns === classes) return padded
      const logits = new Float32Array(inputs.count * classes)
      for (let row = 0; row < inputs.count; row++)
        logits.set(padded.subarray(row * columns, row * columns + classes), row * classes)
      return logits
    })
  }

  features(inputs: Inputs): Promise<Float32Array> {
    return this.exclusive(() => this.evaluate(inputs, 'features', FEATURES))
  }

  readState(names?: readonly string[]): Promise<StateDict> {
    return this.exclusive(() => this.loaded().read(names))
  }

  readOptimizer(): Promise<OptimizerState> {
    return this.exclusive(() => this.ready().state())
  }

  loadOptimizer(state: OptimizerState): Promise<void> {
    return this.exclusive(async () => this.ready().load(state))
  }

  gradients(inputs: Inputs, labels: Int32Array): Promise<Map<string, Float32Array>> {
    return this.exclusive(async () => {
      await this.forwardBackward(inputs, labels, 0)
      return this.ready().gradients()
    })
  }

  microBatchFor(count: number, size: number): number {
    if (this.config.microBatch) return Math.min(this.config.microBatch, count)
    const key = `${count} ${size}`
    let micro = this.microBatches.get(key)
    if (micro === undefined) {
      const most = this.largestFitting(count, (photos) => this.trainingProgram('photos', photos, size))
      micro = Math.ceil(count / Math.ceil(count / most))
      this.microBatches.set(key, micro)
    }
    return micro
  }

  estimateBytes(count: number, size: number): number {
    return this.persistentBytes() + programBytes(this.trainingProgram('photos', count, size))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.queue, ...this.inFlight])
    this.failure.close()
    this.executor.destroy()
    this.results.destroy()
    this.buffers.destroy()
    if (this.options.ownsDevice) this.device.destroy()
  }

  /** Encodes and submits all micro-batches of a batch; gives the work of it. Gradients lie in their buffer then. */
  private async forwardBackward(inputs: Inputs, labels: Int32Array, momentum: number): Promise<number> {
    const network = this.loaded()
    this.checkBatch(inputs, labels)
    const size = inputs.kind === 'features' ? 1 : inputs.size
    const micro = inputs.kind === 'features' ? inputs.count : this.microBatchFor(inputs.count, size)
    const chunks: { from: number; to: number; program: LaidOut }[] = []
    do {
      // A smaller micro-batch may want a larger scratch buffer, which the ones before it must then bind anew.
      chunks.length = 0
      for (const { from, to } of evenParts(inputs.count, micro)) {
        const key = `train ${this.configured} ${inputs.kind} ${to - from} ${size}`
        const make = () => this.trainingProgram(inputs.kind, to - from, size)
        chunks.push({ from, to, program: await this.executor.layOut(key, make) })
      }
    } while (chunks.some(({ program }) => program.generation !== this.buffers.generation))
    const encoder = this.device.createCommandEncoder()
    encoder.clearBuffer(this.buffers.get('result'))
    this.device.queue.submit([encoder.finish()])
    const { labelSmoothing, optimizer } = this.config
    for (const { from, to, program } of chunks) {
      this.upload(inputs, from, to)
      this.device.queue.writeBuffer(this.buffers.get(LABELS), 0, labels.slice(from, to))
      this.executor.setStep({
        inverseBatch: 1 / inputs.count,
        labelSmoothing,
        momentum,
        accumulate: from > 0,
        weightDecay: optimizer.weightDecay,
        sgdMomentum: optimizer.momentum,
      })
      this.executor.run(program)
      if (momentum > 0) network.countBatches(this.trainModeBatchNorms())
    }
    return chunks.reduce((sum, { program }) => sum + program.work, 0)
  }

  /** Rows of logits or features, `width` wide, of all photos. */
  private async evaluate(
    inputs: Inputs,
    output: 'logits' | 'features',
    width: number,
  ): Promise<Float32Array> {
    const { layout } = this.loaded()
    checkInputs(inputs)
    const size = inputs.kind === 'features' ? 1 : inputs.size
    const make = (count: number) => lowerPrediction(layout, this.tiles, inputs.kind, output, count, size)
    const most = this.largestFitting(Math.min(inputs.count, PREDICTION_BATCH), make)
    const rows = new Float32Array(inputs.count * width)
    for (const { from, to } of evenParts(inputs.count, most)) {
      const count = to - from
      const key = `predict ${layout.classes} ${inputs.kind} ${output} ${count} ${size}`
      const program = await this.executor.layOut(key, () => make(count))
      this.upload(inputs, from, to)
      this.executor.run(program)
      const buffer = this.buffers.get(output === 'logits' ? LOGITS : POOLED)
      const words = await readBack(this.device, [{ buffer, offset: ZERO_PAGE, size: count * width }])
      rows.set(new Float32Array(words), from * width)
    }
    return rows
  }

  /** Samples `from` to `to`, where the next program reads them. */
  private upload(inputs: Inputs, from: number, to: number): void {
    const { queue } = this.device
    if (inputs.kind === 'features') {
      const values = inputs.values.slice(from * FEATURES, to * FEATURES)
      queue.writeBuffer(this.buffers.get(POOLED), 4 * ZERO_PAGE, values)
      return
    }
    const photo = inputs.size ** 2 * 3
    if (inputs.kind === 'normalized') {
      queue.writeBuffer(this.buffers.get(UPLOAD), 0, inputs.values.slice(from * photo, to * photo))
      return
    }
    const bytes = new Uint8Array(Math.ceil(((to - from) * photo) / 4) * 4)
    bytes.set(inputs.pixels.subarray(from * photo, to * photo))
    queue.writeBuffer(this.buffers.get(UPLOAD), 0, bytes)
  }

  private trainingProgram(kind: Inputs['kind'], count: number, size: number): Program {
    const layout = this.network?.layout ?? packedLayout(2)
    const base = this.optimizer?.base ?? 0
    return lowerTraining(layout, this.tiles, this.config, base, kind, count, size)
  }

  /** The largest count up to `most` whose program fits the device's limits and the memory budget; at least 1. */
  private largestFitting(most: number, make: (count: number) => Program): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits
    const largestBuffer = Math.min(maxStorageBufferBindingSize, maxBufferSize)
    const budget = (this.options.memoryBudget ?? DEFAULT_MEMORY_BUDGET) - this.persistentBytes()
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
    return low
  }

  /** Parameters, gradients and moments. */
  private persistentBytes(): number {
    const { total } = this.network?.layout ?? packedLayout(2)
    const trained = total - (this.optimizer?.base ?? 0)
    return 4 * (total + trained * (this.config.optimizer.kind === 'sgd' ? 2 : 3))
  }

  private trainModeBatchNorms(): string[] {
    const { locked, batchNorm } = this.config
    return CONVOLUTIONS.filter(({ stage }) => batchNorm === 'tutorial' || !isLocked(locked, stage)).map(
      (convolution) => convolution.batchNorm,
    )
  }

  private checkBatch(inputs: Inputs, labels: Int32Array): void {
    checkInputs(inputs, labels, this.loaded().layout.classes)
    const { locked, batchNorm } = this.config
    const headOnly = frozenPrefix(locked) === LOCKABLE_STAGES.length && batchNorm === 'frozen'
    if (inputs.kind === 'features' && !headOnly)
      throw new Error(
        'Features can stand for photos only where the whole backbone is locked and not in train mode',
      )
  }

  private loaded(): NetworkState {
    if (!this.network) throw new Error('No weights are loaded')
    return this.network
  }

  private ready(): Optimizer {
    if (!this.optimizer) throw new Error('The step is not configured')
    return this.optimizer
  }

  /** Runs after all that was asked for before. */
  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(() => this.failure.guard(work))
    this.queue = result.catch(() => undefined)
    return result
  }
}

const programBytes = ({ buffers }: Program): number =>
  [...buffers.values()].reduce((sum, floats) => sum + 4 * floats, 0)

function stepResult(words: ArrayBuffer, count: number): StepResult {
  const [lossBits, correct, notFinite] = new Uint32Array(words)
  const logitsFinite = (notFinite & 1) === 0
  const loss = logitsFinite ? new Float32Array(Uint32Array.of(lossBits).buffer)[0] / count : Number.NaN
  return { loss, correct, finite: notFinite === 0 && Number.isFinite(loss) }
}
