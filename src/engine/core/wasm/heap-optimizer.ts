/** The optimizer on wasm: moments in ordinary memory, parameters written straight into new tensors on the heap. */
import type * as tf from '@tensorflow/tfjs-core'
import { type EntrySpec, elements } from '../../../model/index.ts'
import type { OptimizerConfig, OptimizerState, ParameterState } from '../../train-step.ts'
import { toStateLayout, toTensorLayout } from '../layout.ts'
import { type Moments, newMoments, updateParameter } from '../optimizer.ts'
import type { Parameters } from '../parameters.ts'
import type { Optimizer } from '../strategy.ts'
import type { Heap } from './heap.ts'

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
    const held = this.#config?.kind === config.kind ? this.#moments : new Map<string, Moments>()
    this.#config = config
    this.#trained = trained
    this.#moments = new Map(
      trained.map(({ name, shape }) => [name, held.get(name) ?? newMoments(config.kind, elements(shape))]),
    )
  }

  reset(): void {
    const config = this.#config
    if (!config) return
    this.#moments.clear()
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
      const after = this.#heap.empty(before.shape)
      const rate = learningRate * (config.stageScale[stage] ?? 1)
      const [from, to, slope] = [before, after, gradient].map((tensor) => this.#heap.view(tensor))
      finite = updateParameter(config, from, to, slope, moments, rate) && finite
      parameters.replace(name, after)
    }
    return finite
  }

  async read(): Promise<OptimizerState> {
    const state = new Map<string, ParameterState>()
    for (const { name, shape } of this.#trained) {
      const moments = this.#moments.get(name)
      if (moments)
        state.set(name, {
          step: moments.step,
          m: toStateLayout(moments.m, shape),
          v: moments.v && toStateLayout(moments.v, shape),
        })
    }
    return state
  }

  load(state: OptimizerState): void {
    for (const { name, shape } of this.#trained) {
      const saved = state.get(name)
      if (saved)
        this.#moments.set(name, {
          step: saved.step,
          m: toTensorLayout(saved.m, shape),
          v: saved.v && toTensorLayout(saved.v, shape),
        })
    }
  }

  dispose(): void {
    this.#moments.clear()
  }
}
