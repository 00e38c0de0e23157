/** The optimizer on wasm: moments and parameters on the heap, updated by assembly/optimizer.ts. */
import * as tf from '@tensorflow/tfjs-core'
import { type EntrySpec, elements } from '../../../model/index.ts'
import type { OptimizerConfig, OptimizerState, ParameterState } from '../../train-step.ts'
import { toStateLayout, toTensorLayout } from '../layout.ts'
import { BETA1, BETA2, EPSILON } from '../optimizer.ts'
import type { Parameters } from '../parameters.ts'
import type { Optimizer } from '../strategy.ts'
import type { Heap } from './heap.ts'

export interface Moments {
  /** How many updates this parameter has had. */
  step: number
  /** Adam's mean of gradients, or SGD's momentum buffer. */
  m: tf.Tensor1D
  /** Adam's mean of squared gradients; null for SGD. */
  v: tf.Tensor1D | null
}

export const newMoments = (kind: OptimizerConfig['kind'], count: number): Moments => ({
  step: 0,
  m: tf.keep(tf.zeros<tf.Rank.R1>([count])),
  v: kind === 'sgd' ? null : tf.keep(tf.zeros<tf.Rank.R1>([count])),
})

export function freeMoments({ m, v }: Moments): void {
  m.dispose()
  v?.dispose()
}

/**
 * One update of one parameter: reads `from`, writes `to` (which may be the same), moves `moments` on.
 * @returns whether all that was written is finite
 */
export function updateParameter(
  heap: Heap,
  { kind, weightDecay, momentum }: OptimizerConfig,
  from: tf.Tensor,
  to: tf.Tensor,
  gradient: tf.Tensor,
  moments: Moments,
  learningRate: number,
): boolean {
  moments.step++
  const { step, m, v } = moments
  const { adam, sgd } = heap.kernels
  const arrays = [from, to, gradient, m].map((tensor) => heap.at(tensor))
  if (!v) return sgd(...arrays, from.size, learningRate, weightDecay, momentum) === 0
  const decoupled = kind === 'adamw'
  const size = learningRate / (1 - BETA1 ** step)
  const root = Math.sqrt(1 - BETA2 ** step)
  const decay = decoupled ? [0, 1 - learningRate * weightDecay] : [weightDecay, 1]
  const betas = [BETA1, 1 - BETA1, BETA2, 1 - BETA2, EPSILON]
  return adam(...arrays, heap.at(v), from.size, ...betas, size, root, ...decay) === 0
}

export class HeapOptimizer implements Optimizer {
  readonly #heap: Heap
  #config: OptimizerConfig | null = null
  #trained: readonly EntrySpec[] = []
  /** In TF.js's layout, as the parameters. */
  #moments = new Map<string, Moments>()

  constructor(heap: Heap) {
    this.#heap = heap
  }

  configure(config: OptimizerConfig, trained: readonly EntrySpec[]): void {
    const held = this.#moments
    if (this.#config?.kind !== config.kind) this.dispose()
    this.#config = config
    this.#trained = trained
    this.#moments = new Map(
      trained.map(({ name, shape }) => [name, held.get(name) ?? newMoments(config.kind, elements(shape))]),
    )
    for (const [name, moments] of held) if (!this.#moments.has(name)) freeMoments(moments)
  }

  reset(): void {
    const config = this.#config
    if (!config) return
    this.dispose()
    this.configure(config, this.#trained)
  }

  async update(
    parameters: Parameters,
    gradients: ReadonlyMap<string, tf.Tensor>,
    learningRate: number,
  ): Promise<boolean> {
    const config = this.#config
    if (!config) throw new Error('configure first')
    let finite = true
    for (const { name, stage } of this.#trained) {
      const gradient = gradients.get(name)
      const moments = this.#moments.get(name)
      if (!gradient || !moments) throw new Error(`no gradient for ${name}`)
      const before = parameters.get(name)
      // XNNPACK, which multiplies by the classifier, keeps a packed form by tensor and would not see a change in place.
      const after = stage === 'fc' ? this.#heap.empty(before.shape) : before
      const rate = learningRate * (config.stageScale[stage] ?? 1)
      finite = updateParameter(this.#heap, config, before, after, gradient, moments, rate) && finite
      if (after === before) parameters.touch(stage)
      else parameters.replace(name, after)
    }
    return finite
  }

  async read(): Promise<OptimizerState> {
    const state = new Map<string, ParameterState>()
    const values = (tensor: tf.Tensor, shape: readonly number[]) =>
      toStateLayout(this.#heap.view(tensor), shape)
    for (const { name, shape } of this.#trained) {
      const moments = this.#moments.get(name)
      if (!moments) continue
      const { step, m, v } = moments
      state.set(name, { step, m: values(m, shape), v: v && values(v, shape) })
    }
    return state
  }

  load(state: OptimizerState): void {
    for (const { name, shape } of this.#trained) {
      const saved = state.get(name)
      const moments = this.#moments.get(name)
      if (!saved || !moments) continue
      moments.step = saved.step
      this.#heap.view(moments.m).set(toTensorLayout(saved.m, shape))
      if (moments.v && saved.v) this.#heap.view(moments.v).set(toTensorLayout(saved.v, shape))
    }
  }

  dispose(): void {
    for (const moments of this.#moments.values()) freeMoments(moments)
    this.#moments.clear()
  }
}
