/** What an engine offers to others that take steps and evaluate together with it. */

import type { Boundary, InnerBoundary, StateDict } from '../../model/index.ts'
import type { Inputs, OptimizerState, StepConfig, TrainStep } from '../train-step.ts'

export interface ShareResult {
  /** Sum over the share's samples. */
  lossSum: number
  correct: number
  /** For each of the other engines: the gradients of what it updates, one parameter after the other. */
  gradients: Float32Array<ArrayBuffer>[]
}

export interface UpdateResult {
  /** Whether all that was written is finite. */
  finite: boolean
  /** What was updated, one parameter after the other. */
  values: Float32Array<ArrayBuffer>
}

/**
 * One engine of several. Values pass in the engine's own layout: all are engines of one kind. Names are of float32
 * entries.
 */
export interface Peer extends AsyncDisposable {
  load(state: StateDict): Promise<void>
  /** As `TrainStep.configure`; with `updated`, the optimizer holds and updates only the trained ones among these. */
  configure(config: StepConfig, updated?: readonly string[]): Promise<void>
  resetOptimizer(): void | Promise<void>
  /**
   * Forward and backward over a share of a batch, batch norm in train mode over that share: gradients of `scale` times
   * the sum of its losses. The trained parameters in `others` are given away; the rest waits here for `update`.
   */
  backward(
    inputs: Inputs,
    labels: Int32Array,
    scale: number,
    others: readonly (readonly string[])[],
  ): Promise<ShareResult>
  /** Adds the `others`' gradients to those that wait, updates the trained ones of `names` and gives them. */
  update(
    names: readonly string[],
    others: readonly Float32Array<ArrayBuffer>[],
    learningRate: number,
  ): Promise<UpdateResult>
  readValues(names: readonly string[]): Promise<Float32Array<ArrayBuffer>>
  writeValues(names: readonly string[], values: Float32Array<ArrayBuffer>): Promise<void>
  predict(inputs: Inputs): Promise<Float32Array>
  activations(inputs: Inputs, boundary: InnerBoundary): Promise<Float32Array>
  gradients(inputs: Inputs, labels: Int32Array): Promise<Map<string, Float32Array>>
  readOptimizer(): Promise<OptimizerState>
  loadOptimizer(state: OptimizerState): Promise<void>
}

export interface SharedEstimate {
  /**
   * As `TrainStep.estimateBytes`, for an engine that takes a share of `photos` photos and updates only these; without
   * photos, for one that only evaluates.
   */
  shareBytes(photos: number, size: number, boundary: Boundary, updated?: readonly string[]): number
}

export type SharingEngine = TrainStep & Peer & SharedEstimate
