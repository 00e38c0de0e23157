/**
 * The network as it trains on wasm: each layer notes how to go back, and `backward` goes back through the notes. A
 * saved activation is freed as soon as its gradient is known; batch norm, addition and ReLU keep one tensor between
 * them beside their output, and that one becomes the gradient.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { ConvolutionSpec, Stage } from '../../../model/index.ts'
import type { Layers, UnitOptions } from '../network.ts'
import type { Parameters } from '../parameters.ts'
import { batchNormGradient, normalize, statistics, updateRunning } from './batch-norm.ts'
import { backward, forward } from './convolution.ts'
import { shapeOf } from './convolution-method.ts'
import type { Heap } from './heap.ts'
import type { HeapFoldedLayers } from './heap-folded-layers.ts'
import { addGradient, Tape, type TensorMemory } from './tape.ts'

export interface TrainingPlan {
  /** Whether a stage's weights get gradients. */
  trains(stage: Stage): boolean
  /** Whether a stage's batch norm is in train mode (and updates its running statistics). */
  usesBatchStatistics(stage: Stage): boolean
  updatesStatistics: boolean
}

export class TrainingLayers implements Layers<tf.Tensor4D> {
  readonly #heap: Heap
  readonly #parameters: Parameters
  readonly #folded: HeapFoldedLayers
  readonly #plan: TrainingPlan
  /** Sums of parameter gradients by name, in TF.js's layout; owned by the caller. */
  readonly #sums: Map<string, tf.Tensor>
  readonly #memory: TensorMemory<tf.Tensor>
  readonly #tape: Tape<tf.Tensor4D>

  constructor(
    heap: Heap,
    parameters: Parameters,
    folded: HeapFoldedLayers,
    plan: TrainingPlan,
    sums: Map<string, tf.Tensor>,
  ) {
    this.#heap = heap
    this.#parameters = parameters
    this.#folded = folded
    this.#plan = plan
    this.#sums = sums
    this.#memory = {
      keep: tf.keep,
      dispose: (tensor) => tensor.dispose(),
      addInto: (sum, values) => heap.kernels.addInto(heap.at(sum), heap.at(values), sum.size),
    }
    this.#tape = new Tape<tf.Tensor4D>(this.#memory)
  }

  unit(x: tf.Tensor4D, spec: ConvolutionSpec, options: UnitOptions<tf.Tensor4D>): tf.Tensor4D {
    return this.#plan.usesBatchStatistics(spec.stage)
      ? this.#batchNormUnit(x, spec, options)
      : this.#lockedUnit(x, spec, options)
  }

  maxPool(x: tf.Tensor4D): tf.Tensor4D {
    const y: tf.Tensor4D = tf.maxPool(x, 3, 2, 1)
    this.#tape.note([x], y, [x, y], (dy) => {
      const dx = this.#heap.empty<tf.Rank.R4>(x.shape)
      this.#heap.view(dx).fill(0)
      const [from, pooled, slope, to] = [x, y, dy, dx].map((tensor) => this.#heap.at(tensor))
      this.#heap.kernels.maxPoolGradient(from, pooled, slope, to, ...x.shape)
      dy.dispose()
      this.#tape.give(x, dx)
    })
    return y
  }

  averagePool(x: tf.Tensor4D): tf.Tensor4D {
    const y: tf.Tensor4D = tf.avgPool(x, [x.shape[1], x.shape[2]], 1, 0)
    this.#tape.note([x], y, [], (dy) => {
      const dx = this.#heap.empty<tf.Rank.R4>(x.shape)
      const [count, height, width, channels] = x.shape
      const size = [count, height * width, channels]
      this.#heap.kernels.averagePoolGradient(this.#heap.at(dy), this.#heap.at(dx), ...size)
      dy.dispose()
      this.#tape.give(x, dx)
    })
    return y
  }

  part(x: tf.Tensor4D, run: (x: tf.Tensor4D) => tf.Tensor4D): tf.Tensor4D {
    const y = tf.tidy(() => run(x))
    if (!this.#tape.isHeld(x)) x.dispose()
    return y
  }

  /** Whether anything before `y` trains. */
  isDifferentiable(y: tf.Tensor4D): boolean {
    return this.#tape.isDifferentiable(y)
  }

  /** Goes back from `y` with its gradient `dy` (taken over); adds to the parameters' gradients and frees everything. */
  backward(y: tf.Tensor4D, dy: tf.Tensor4D): void {
    this.#tape.backward(y, dy)
  }

  dispose(): void {
    this.#tape.dispose()
  }

  #batchNormUnit(
    x: tf.Tensor4D,
    spec: ConvolutionSpec,
    { relu, shortcut }: UnitOptions<tf.Tensor4D>,
  ): tf.Tensor4D {
    const { name, batchNorm, stage } = spec
    const trains = this.#plan.trains(stage)
    const gamma = this.#parameters.get(`${batchNorm}.weight`)
    const filter = this.#parameters.get<tf.Rank.R4>(`${name}.weight`)
    const shape = shapeOf(spec, x.shape, spec.outChannels)
    const z = forward(this.#heap, x, filter, shape)
    const batch = this.#statistics(z, spec)
    const inputs = shortcut ? [x, shortcut] : [x]
    const records = trains || inputs.some((input) => this.#tape.isDifferentiable(input))
    const y = records ? this.#heap.empty<tf.Rank.R4>(z.shape) : z
    const beta = this.#parameters.get(`${batchNorm}.bias`)
    normalize(this.#heap, z, y, batch, gamma, beta, relu, shortcut)
    if (!records) return y
    this.#tape.note(
      inputs,
      y,
      relu ? [x, y, z] : [x, z],
      (dy) => {
        if (relu) this.#maskRelu(dy, y)
        const sums = batchNormGradient(this.#heap, z, dy, batch, gamma)
        this.#tape.giveShortcut(shortcut, dy)
        const { dw, dx } = backward(this.#heap, z, shape, {
          ...(trains && { x }),
          ...(this.#tape.isDifferentiable(x) && { filter }),
        })
        if (dw) {
          this.#addVector(`${batchNorm}.weight`, sums.gamma)
          this.#addVector(`${batchNorm}.bias`, sums.beta)
          this.addGradient(`${name}.weight`, dw)
        }
        if (dx) this.#tape.give(x, dx)
        this.#tape.free(z)
      },
      trains,
    )
    return y
  }

  /** A locked stage behind one that trains: eval mode, so only the input gets a gradient. */
  #lockedUnit(x: tf.Tensor4D, spec: ConvolutionSpec, options: UnitOptions<tf.Tensor4D>): tf.Tensor4D {
    const { relu, shortcut } = options
    const y = this.#folded.unit(x, spec, options)
    this.#tape.note(shortcut ? [x, shortcut] : [x], y, relu ? [y] : [], (dy) => {
      if (relu) this.#maskRelu(dy, y)
      const shape = shapeOf(spec, x.shape, spec.outChannels)
      const { filter } = this.#folded.folded(spec)
      const { dx } = backward(this.#heap, dy, shape, { filter })
      this.#tape.giveShortcut(shortcut, dy)
      if (dx) this.#tape.give(x, dx)
    })
    return y
  }

  #statistics(z: tf.Tensor4D, { name, batchNorm, stage }: ConvolutionSpec) {
    const channels = z.shape[3]
    const rows = z.size / channels
    if (rows < 2)
      throw new Error(`${name}: batch norm in train mode needs more than one value a channel, found one`)
    const batch = statistics(this.#heap, z)
    if (this.#plan.updatesStatistics) {
      const of = (entry: string) => this.#heap.view(this.#parameters.get(`${batchNorm}.${entry}`))
      updateRunning(of('running_mean'), of('running_var'), batch, rows)
      this.#parameters.countBatch(batchNorm)
      this.#parameters.touch(stage)
    }
    return batch
  }

  #maskRelu(dy: tf.Tensor4D, y: tf.Tensor4D): void {
    this.#heap.kernels.maskRelu(this.#heap.at(dy), this.#heap.at(y), dy.size)
  }

  /** Adds to a parameter's gradient; takes `gradient` over. */
  addGradient(name: string, gradient: tf.Tensor): void {
    addGradient(this.#memory, this.#sums, name, gradient)
  }

  #addVector(name: string, gradient: Float64Array): void {
    this.addGradient(name, tf.tensor1d(Float32Array.from(gradient)))
  }
}
