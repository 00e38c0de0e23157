/**
 * The one interface of the engine. Two implementations: `plan/` (WebGPU, our kernels) and `core/` (plain tf-core
 * on wasm or cpu, or on TF.js's own WebGPU kernels as the bench's stock).
 */
import type { BatchNormMode, Boundary, FreezePlan, InnerBoundary, StateDict } from '../model/index.ts'

/** Photos or what stands for them: the input of a training or evaluation step. */
export type Inputs =
  /** RGB bytes [count, size, size, 3] in NHWC; normalized by the engine: (x / 255 - mean) / std with ImageNet's numbers. */
  | { kind: 'photos'; pixels: Uint8Array; count: number; size: number }
  /** Already normalized values [count, size, size, 3] in NHWC (tests and one-off maths). */
  | { kind: 'normalized'; values: Float32Array; count: number; size: number }
  /**
   * What the stages before a boundary give for photos of `size` px, as `activations` computes it: [count, side, side,
   * channels] of `boundaryShape`. A step takes them only where those stages rest (see `restingPrefix`), and then neither
   * runs nor holds anything of them.
   */
  | { kind: 'activations'; boundary: InnerBoundary; values: Float32Array; count: number; size: number }

export interface OptimizerConfig {
  kind: 'adam' | 'adamw' | 'sgd'
  weightDecay: number
  /** SGD only. */
  momentum: number
  /** Factor on the learning rate by stage; 1 where absent. */
  stageScale: Partial<Record<string, number>>
}

export interface StepConfig {
  locked: FreezePlan
  /** `frozen`: a locked stage's batch norm is in eval mode; `tutorial`: all batch norms in train mode and updating. */
  batchNorm: BatchNormMode
  optimizer: OptimizerConfig
  labelSmoothing: number
  /**
   * How much each class counts in the training criterion, a positive number a class: CrossEntropyLoss(weight), whose mean
   * divides by what the labels of the whole batch weigh. Absent: all the same.
   */
  classWeights?: readonly number[]
  /** Photos per forward and backward pass; null lets the engine choose what its limits allow. */
  microBatch: number | null
}

export interface StepResult {
  /** Mean over the batch of the training criterion (label smoothing and class weights included), before the update. */
  loss: number
  /** How many of the batch's samples were classified right, before the update. */
  correct: number
  /** False where the loss, the gradients or the parameters hold NaN or infinity. */
  finite: boolean
}

/** Per parameter: Adam's m and v (or SGD's momentum buffer as `m`) in PyTorch's layout, and its own step count. */
export interface ParameterState {
  step: number
  m: Float32Array
  v: Float32Array | null
}
export type OptimizerState = ReadonlyMap<string, ParameterState>

export interface EngineDescription {
  engine: 'webgpu' | 'wasm' | 'cpu'
  adapter: string
  /** Id of the fixed kernel choice: the same id sums in the same order. */
  kernels: string
}

/**
 * Order of calls: `load`, `configure`, then `step` and `predict` in any mix. All calls are serialised by the
 * caller except that some `step`s may be in flight: see `pipelineDepth`.
 */
export interface TrainStep extends AsyncDisposable {
  readonly description: EngineDescription

  /**
   * How many `step`s may be given before the first is waited for; 2 where absent. Where steps are fast it is more, and
   * their results come several at a time.
   */
  readonly pipelineDepth?: number

  /**
   * Copies a complete state dict (122 entries) in. Forgets optimizer state.
   * @throws where an entry is missing or has another shape.
   */
  load(state: StateDict): Promise<void>

  /**
   * Sets what trains and how. Weights stay. Optimizer state stays for parameters that train before and after,
   * begins at zero (step count too) for those that are newly unlocked, and is dropped for locked ones; a changed
   * optimizer kind drops all of it.
   */
  configure(config: StepConfig): Promise<void>

  /** Drops all optimizer state: each training stage starts a new optimizer. */
  resetOptimizer(): void

  /**
   * One optimizer step. `labels`: class indices [count]. The gradient is that of the mean over the whole batch,
   * whatever the micro-batch.
   */
  step(inputs: Inputs, labels: Int32Array, learningRate: number): Promise<StepResult>

  /** Logits [count, classes], row-major, with every batch norm in eval mode. */
  predict(inputs: Inputs): Promise<Float32Array>

  /**
   * What the stages before a boundary give, every batch norm in eval mode: [count, side, side, channels] of
   * `boundaryShape`, row-major. A photo's values do not depend on the others of the batch.
   * @throws where the inputs are activations of a later boundary.
   */
  activations(inputs: Inputs, boundary: InnerBoundary): Promise<Float32Array>

  /** Copies the named entries (all 122 by default) out, in PyTorch's layouts. */
  readState(names?: readonly string[]): Promise<StateDict>

  readOptimizer(): Promise<OptimizerState>
  /** Puts back what `readOptimizer` gave, after `configure` with the same freeze plan and optimizer. */
  loadOptimizer(state: OptimizerState): Promise<void>

  /** The micro-batch that `step` would use for a batch of this size and these photos, or their activations. */
  microBatchFor(count: number, size: number, boundary?: Boundary): number

  /**
   * Estimated bytes (GPU memory or wasm heap) of a step over `count` photos of `size` px, or over their activations at a
   * boundary: parameters, gradients, optimizer state, saved activations.
   */
  estimateBytes(count: number, size: number, boundary?: Boundary): number

  /** For tests: gradients of the mean loss by parameter name in PyTorch's layout, train mode, without an update. */
  gradients(inputs: Inputs, labels: Int32Array): Promise<Map<string, Float32Array>>
}

/** ImageNet's statistics, RGB, of values in [0, 1]. */
export const MEAN = [0.485, 0.456, 0.406] as const
export const STD = [0.229, 0.224, 0.225] as const
