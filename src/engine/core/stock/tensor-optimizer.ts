/** The optimizer in TF.js operations, one parameter after the other, as TF.js's own optimizers do it. */
import * as tf from '@tensorflow/tfjs-core'
import type { EntrySpec } from '../../../model/index.ts'
import type { OptimizerConfig, OptimizerState, ParameterState } from '../../train-step.ts'
import { tensorShape, toStateLayout, toTensorLayout } from '../layout.ts'
import { BETA1, BETA2, EPSILON } from '../optimizer.ts'
import { floats, type Parameters } from '../parameters.ts'
import type { Optimizer } from '../strategy.ts'

interface TensorMoments {
  step: number
  m: tf.Tensor
  v: tf.Tensor | null
}

export class TensorOptimizer implements Optimizer {
  #config: OptimizerConfig | null = null
  #trained: readonly EntrySpec[] = []
  /** Made at a parameter's first update. */
  readonly #moments = new Map<string, TensorMoments>()

  configure(config: OptimizerConfig, trained: readonly EntrySpec[]): void {
    const names = new Set(this.#config?.kind === config.kind ? trained.map(({ name }) => name) : [])
    for (const name of this.#moments.keys()) if (!names.has(name)) this.#drop(name)
    this.#config = config
    this.#trained = trained
  }

  reset(): void {
    for (const name of this.#moments.keys()) this.#drop(name)
  }

  async update(
    parameters: Parameters,
    gradients: ReadonlyMap<string, tf.Tensor>,
    learningRate: number,
  ): Promise<boolean> {
    const config = this.#config
    if (!config) throw new Error('configure first')
    for (const { name, stage } of this.#trained) {
      const gradient = gradients.get(name)
      if (!gradient) throw new Error(`no gradient for ${name}`)
      const before = parameters.get(name)
      const held = this.#moments.get(name) ?? {
        step: 0,
        m: tf.zerosLike(before),
        v: config.kind === 'sgd' ? null : tf.zerosLike(before),
      }
      const rate = learningRate * (config.stageScale[stage] ?? 1)
      const step = held.step + 1
      const [after, m, v] = tf.tidy(() =>
        held.v
          ? adam(config, before, gradient, held.m, held.v, step, rate)
          : sgd(config, before, gradient, held.m, rate),
      )
      tf.dispose([held.m, held.v ?? []])
      this.#moments.set(name, { step, m: tf.keep(m), v: v ? tf.keep(v) : null })
      parameters.replace(name, after)
    }
    return true
  }

  async read(): Promise<OptimizerState> {
    const state = new Map<string, ParameterState>()
    for (const { name, shape } of this.#trained) {
      const moments = this.#moments.get(name)
      if (!moments) continue
      const [m, v] = await Promise.all([floats(moments.m), moments.v && floats(moments.v)])
      state.set(name, {
        step: moments.step,
        m: toStateLayout(m, shape),
        v: v && toStateLayout(v, shape),
      })
    }
    return state
  }

  load(state: OptimizerState): void {
    for (const { name, shape } of this.#trained) {
      const saved = state.get(name)
      if (!saved) continue
      this.#drop(name)
      const tensor = (values: Float32Array) =>
        tf.keep(tf.tensor(toTensorLayout(values, shape), tensorShape(shape), 'float32'))
      this.#moments.set(name, { step: saved.step, m: tensor(saved.m), v: saved.v && tensor(saved.v) })
    }
  }

  dispose(): void {
    this.reset()
  }

  #drop(name: string): void {
    const moments = this.#moments.get(name)
    moments?.m.dispose()
    moments?.v?.dispose()
    this.#moments.delete(name)
  }
}

/** The new value and moments; the formulas are those of `../optimizer.ts`. */
type Update = [after: tf.Tensor, m: tf.Tensor, v: tf.Tensor] | [after: tf.Tensor, m: tf.Tensor]

function adam(
  { kind, weightDecay }: OptimizerConfig,
  before: tf.Tensor,
  gradient: tf.Tensor,
  oldM: tf.Tensor,
  oldV: tf.Tensor,
  step: number,
  rate: number,
): Update {
  const coupled = kind === 'adam' && weightDecay > 0
  const g = coupled ? tf.add(gradient, tf.mul(before, weightDecay)) : gradient
  const m = tf.add(tf.mul(oldM, BETA1), tf.mul(g, 1 - BETA1))
  const v = tf.add(tf.mul(oldV, BETA2), tf.mul(tf.square(g), 1 - BETA2))
  const denominator = tf.add(tf.div(tf.sqrt(v), Math.sqrt(1 - BETA2 ** step)), EPSILON)
  const change = tf.mul(tf.div(m, denominator), rate / (1 - BETA1 ** step))
  const kept = kind === 'adamw' ? tf.mul(before, 1 - rate * weightDecay) : before
  return [tf.sub(kept, change), m, v]
}

function sgd(
  { weightDecay, momentum }: OptimizerConfig,
  before: tf.Tensor,
  gradient: tf.Tensor,
  oldM: tf.Tensor,
  rate: number,
): Update {
  const g = weightDecay > 0 ? tf.add(gradient, tf.mul(before, weightDecay)) : gradient
  const m = tf.add(tf.mul(oldM, momentum), g)
  return [tf.sub(before, tf.mul(m, rate)), m]
}
