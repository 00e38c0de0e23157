/** What differs between training on wasm (our gradients) and on TF.js's own tape. */
import type * as tf from '@tensorflow/tfjs-core'
import type { EntrySpec, Stage } from '../../model/index.ts'
import type { OptimizerConfig, OptimizerState } from '../train-step.ts'
import type { FoldedLayers } from './folded-layers.ts'
import type { MemoryUse } from './memory.ts'
import type { Parameters } from './parameters.ts'

/** One forward and backward pass over a micro-batch, from the first stage that is not a frozen prefix. */
export interface Pass {
  parameters: Parameters
  /** The prefix's output (or the photos); pooled features are [count, 1, 1, 512]. Taken over. */
  x: tf.Tensor4D
  from: number
  labels: Int32Array
  labelSmoothing: number
  classWeights?: readonly number[]
  /** Factor on the sum of the samples' losses: 1 / what the whole batch counts. */
  scale: number
  trains(stage: Stage): boolean
  usesBatchStatistics(stage: Stage): boolean
  updatesStatistics: boolean
  /** Gradients by parameter name in TF.js's layout; this pass's are added. */
  gradients: Map<string, tf.Tensor>
}

export interface PassResult {
  /** Sum over the samples. */
  lossSum: number
  correct: number
}

export interface Optimizer {
  /** See `TrainStep.configure` for what is kept. */
  configure(config: OptimizerConfig, trained: readonly EntrySpec[]): void
  reset(): void
  /** Replaces each trained parameter. @returns whether what was written is finite */
  update(
    parameters: Parameters,
    gradients: ReadonlyMap<string, tf.Tensor>,
    learningRate: number,
  ): Promise<boolean>
  read(): Promise<OptimizerState>
  load(state: OptimizerState): void
  dispose(): void
}

export interface Strategy {
  /** TF.js's name of the backend. */
  backend: 'wasm' | 'cpu' | 'webgpu'
  /** The network as it classifies with these parameters. */
  folded(parameters: Parameters): FoldedLayers
  pass(pass: Pass): Promise<PassResult>
  optimizer: Optimizer
  /** What a run takes whose steps are over `photos` photos of `size` px; without photos, one that only evaluates. */
  bytes(use: MemoryUse, photos: number, size: number): number
  /** What the memory may hold in all. */
  budget: number
  /** A float32 tensor's values; on wasm its own memory, which may move with the next tensor that is made. */
  view(tensor: tf.Tensor): Float32Array
  /** sum += values, in place. @throws where only TF.js knows the tensor's memory */
  add(sum: tf.Tensor, values: Float32Array): void
  /** Gives a parameter other values, in the tensors' layout. */
  write(parameters: Parameters, name: string, values: Float32Array): void
  /** Turns what TF.js throws into an `EngineError` where it is one. */
  failure(error: unknown): unknown
}
