/** The static plan: `TrainStep` on a WebGPU device with our kernels, laid out once for each batch shape. */

import {
  BATCH_NORM_MOMENTUM,
  type Boundary,
  boundaryValues,
  CONVOLUTIONS,
  type InnerBoundary,
  LOCK_NONE,
  type StateDict,
  updatesBatchNorm,
} from '../../model/index.ts'
import { batchWeight } from '../class-weights.ts'
import { MEMORY_BUDGET } from '../memory-budget.ts'
import type {
  EngineDescription,
  Inputs,
  OptimizerState,
  StepConfig,
  StepResult,
  TrainStep,
} from '../train-step.ts'
import { Buffers } from './buffers.ts'
import { chooseKernels } from './candidates.ts'
import type { KernelChoice } from './choice.ts'
import { describeAdapter, deviceTraits } from './device.ts'
import { Executor } from './executor.ts'
import { FailureWatch } from './failure.ts'
import { RESULT } from './kernels/loss.ts'
import { packedLayout } from './layout.ts'
import { NetworkState } from './network-state.ts'
import { Optimizer } from './optimizer.ts'
import { Passes } from './passes.ts'
import { type GroupDone, ResultGroups } from './results.ts'

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

/** Steps that may be in flight: as many as take about `IN_FLIGHT_MS`, so that a pause or a stop is prompt. */
const IN_FLIGHT = { least: 2, most: 16 } as const
const IN_FLIGHT_MS = 200

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
  private readonly choice: KernelChoice
  private readonly buffers: Buffers
  private readonly executor: Executor
  private readonly failure: FailureWatch
  private readonly results: ResultGroups
  private readonly inFlight: Promise<unknown>[] = []
  private network: NetworkState | null = null
  private optimizer: Optimizer | null = null
  private config: StepConfig = DEFAULT_CONFIG
  private passes: Passes
  private configured = 0
  private stepMilliseconds = Number.POSITIVE_INFINITY
  private queue: Promise<unknown> = Promise.resolve()

  constructor(device: GPUDevice, options: PlanOptions) {
    this.device = device
    this.options = options
    this.choice = chooseKernels(deviceTraits(device), options.kernels)
    this.buffers = new Buffers(device)
    this.executor = new Executor(device, this.buffers)
    this.failure = new FailureWatch(device)
    this.results = new ResultGroups(device, RESULT.words, (done) => this.measure(done))
    const adapter = options.adapter ?? describeAdapter(device.adapterInfo)
    this.description = { engine: 'webgpu', adapter, kernels: this.choice.id }
    this.passes = this.newPasses()
  }

  open(): Promise<void> {
    return this.exclusive(() => this.buffers.ensure([['result', RESULT.words]]))
  }

  load(state: StateDict): Promise<void> {
    return this.exclusive(async () => {
      this.network = await NetworkState.load(this.device, this.buffers, state)
      if (this.optimizer) await this.newOptimizer(this.config, null)
      else this.passes = this.newPasses()
    })
  }

  configure(config: StepConfig): Promise<void> {
    return this.exclusive(() => this.newOptimizer(config, this.optimizer))
  }

  resetOptimizer(): void {
    this.optimizer?.reset()
  }

  get pipelineDepth(): number {
    const { least, most } = IN_FLIGHT
    return Math.min(most, Math.max(least, Math.ceil(IN_FLIGHT_MS / this.stepMilliseconds)))
  }

  async step(inputs: Inputs, labels: Int32Array, learningRate: number): Promise<StepResult> {
    while (this.inFlight.length >= this.pipelineDepth) await this.inFlight[0]
    const started = this.exclusive(async () => {
      const start = performance.now()
      const optimizer = this.ready()
      const update = await this.executor.layOut(`update ${this.configured}`, () => optimizer.program())
      const recording = this.executor.record()
      const { passes, work } = await this.passes.forwardBackward(
        recording,
        inputs,
        labels,
        BATCH_NORM_MOMENTUM,
      )
      this.loaded().countBatches(this.trainModeBatchNorms(), passes)
      optimizer.advance(learningRate)
      recording.run(update)
      const group = { start, work: work + update.work }
      const words = this.results.copy(recording.copies(), this.buffers.get('result'), group)
      // A failure of the device is told instead, and nobody may come to wait for the words then.
      words.catch(() => undefined)
      recording.submit()
      this.results.submitted(this.pipelineDepth / 2)
      return { words, counts: batchWeight(labels, this.config.classWeights) }
    })
    const finished = started.then(({ words, counts }) =>
      this.failure.guard(async () => stepResult(await words, counts)),
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
      const padded = await this.passes.evaluate(inputs, 'logits', columns)
      if (columns === classes) return padded
      const logits = new Float32Array(inputs.count * classes)
      for (let row = 0; row < inputs.count; row++)
        logits.set(padded.subarray(row * columns, row * columns + classes), row * classes)
      return logits
    })
  }

  activations(inputs: Inputs, boundary: InnerBoundary): Promise<Float32Array> {
    return this.exclusive(async () => {
      this.loaded()
      return this.passes.evaluate(inputs, boundary, boundaryValues(boundary, inputs.size))
    })
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
      const optimizer = this.ready()
      const recording = this.executor.record()
      await this.passes.forwardBackward(recording, inputs, labels, 0)
      recording.submit()
      return optimizer.gradients()
    })
  }

  microBatchFor(count: number, size: number, boundary: Boundary = 0): number {
    return this.passes.microBatchFor(count, size, boundary)
  }

  estimateBytes(count: number, size: number, boundary: Boundary = 0): number {
    return this.passes.estimateBytes(count, size, boundary)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.queue, ...this.inFlight])
    this.failure.close()
    this.executor.destroy()
    this.results.destroy()
    this.buffers.destroy()
    if (this.options.ownsDevice) this.device.destroy()
  }

  private async newOptimizer(config: StepConfig, before: Optimizer | null): Promise<void> {
    const { layout } = this.loaded()
    this.optimizer = await Optimizer.create(this.device, this.buffers, layout, config, before)
    this.config = config
    this.configured++
    this.stepMilliseconds = Number.POSITIVE_INFINITY
    this.passes = this.newPasses()
  }

  /** Programs of another network or configuration are not run again. */
  private newPasses(): Passes {
    this.executor.forget()
    const { device, buffers, executor, choice, config } = this
    const memoryBudget = this.options.memoryBudget ?? MEMORY_BUDGET.webgpu
    // Before anything is loaded only estimates are asked for.
    const layout = this.network?.layout ?? packedLayout(2)
    const base = this.optimizer?.base ?? 0
    return new Passes({ device, buffers, executor, choice, memoryBudget, layout, config, base })
  }

  private measure({ work, start, steps }: GroupDone): void {
    this.stepMilliseconds = this.executor.measure(work, start) / steps
  }

  private trainModeBatchNorms(): string[] {
    const { locked, batchNorm } = this.config
    return CONVOLUTIONS.filter(({ stage }) => updatesBatchNorm(batchNorm, locked, stage)).map(
      (convolution) => convolution.batchNorm,
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

function stepResult([lossBits, correct, notFinite]: Uint32Array, counts: number): StepResult {
  const logitsFinite = (notFinite & 1) === 0
  const loss = logitsFinite ? new Float32Array(Uint32Array.of(lossBits).buffer)[0] / counts : Number.NaN
  return { loss, correct, finite: notFinite === 0 && Number.isFinite(loss) }
}
