/** `TrainStep` on plain tf-core: what is the same on wasm and on TF.js's own tape. */
import * as tf from '@tensorflow/tfjs-core'
import {
  type Boundary,
  boundaryValues,
  CONVOLUTIONS,
  FEATURES,
  FEATURES_BOUNDARY,
  type InnerBoundary,
  isLocked,
  isTrained,
  parameterEntries,
  restingPrefix,
  type Stage,
  type StateDict,
  updatesBatchNorm,
} from '../../model/index.ts'
import { boundaryOf, checkComesBefore, checkInputs, checkRests, evenParts } from '../batches.ts'
import { batchWeight } from '../class-weights.ts'
import { EngineError } from '../errors.ts'
import type { ShareResult, SharingEngine, UpdateResult } from '../parallel/sharing.ts'
import type { EngineDescription, Inputs, OptimizerState, StepConfig, StepResult } from '../train-step.ts'
import type { FoldedLayers } from './folded-layers.ts'
import { activationTensor, photoTensor } from './inputs.ts'
import { toStateLayout } from './layout.ts'
import { type BytesOf, countedOnce, evaluatedAtOnce } from './memory.ts'
import { backbone } from './network.ts'
import { floats, Parameters } from './parameters.ts'
import type { PassResult, Strategy } from './strategy.ts'
import { yieldToEvents } from './yield.ts'

export class CoreEngine implements SharingEngine {
  readonly description: EngineDescription
  readonly #strategy: Strategy
  #parameters: Parameters | null = null
  #folded: FoldedLayers | null = null
  #config: StepConfig | null = null
  /** Gradients of the last `backward`, until `update`. */
  readonly #gradients = new Map<string, tf.Tensor>()
  /** Arrays of steps that are shared, by length: they go to and fro, since new ones of 20 MB cost as much as filling them. */
  readonly #spares = new Map<number, Float32Array<ArrayBuffer>>()
  /** Lengths of what is given away in a step. */
  readonly #exchanged = new Set<number>()
  /** Estimates for these weights and this plan, by the side of the photos and where steps begin. */
  readonly #bytes = new Map<string, BytesOf>()
  #queue: Promise<unknown> = Promise.resolve()

  constructor(strategy: Strategy, description: EngineDescription) {
    this.#strategy = strategy
    this.description = description
  }

  load(state: StateDict): Promise<void> {
    return this.#inTurn(async () => {
      this.#release()
      this.#bytes.clear()
      this.#parameters = new Parameters(state)
      this.#folded = this.#strategy.folded(this.#parameters)
      this.#strategy.optimizer.reset()
    })
  }

  configure(config: StepConfig, updated?: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      const { parameters } = this.#loaded()
      this.#config = config
      this.#bytes.clear()
      this.#spares.clear()
      this.#exchanged.clear()
      const trained = parameterEntries(parameters.classes).filter(
        (entry) => isTrained(config.locked, entry) && (updated?.includes(entry.name) ?? true),
      )
      this.#strategy.optimizer.configure(config.optimizer, trained)
    })
  }

  resetOptimizer(): void {
    this.#strategy.optimizer.reset()
  }

  step(inputs: Inputs, labels: Int32Array, learningRate: number): Promise<StepResult> {
    return this.#inTurn(async () => {
      const gradients = new Map<string, tf.Tensor>()
      try {
        const counts = batchWeight(labels, this.#config?.classWeights)
        const { lossSum, correct } = await this.#backpropagate(inputs, labels, gradients, 1 / counts, true)
        const { parameters } = this.#loaded()
        const finite = await this.#strategy.optimizer.update(parameters, gradients, learningRate)
        const loss = lossSum / counts
        return { loss, correct, finite: finite && Number.isFinite(loss) }
      } finally {
        for (const gradient of gradients.values()) gradient.dispose()
      }
    })
  }

  backward(
    inputs: Inputs,
    labels: Int32Array,
    scale: number,
    others: readonly (readonly string[])[],
  ): Promise<ShareResult> {
    return this.#inTurn(async () => {
      this.#forgetGradients()
      const { lossSum, correct } = await this.#backpropagate(inputs, labels, this.#gradients, scale, true)
      const gradients = others.map((names) => {
        const given = names.filter((name) => this.#gradients.has(name))
        const values = this.#joined(given.map((name) => this.#gradient(name)))
        for (const name of given) this.#forgetGradient(name)
        this.#exchanged.add(values.length)
        return values
      })
      return { lossSum, correct, gradients }
    })
  }

  update(
    names: readonly string[],
    others: readonly Float32Array<ArrayBuffer>[],
    learningRate: number,
  ): Promise<UpdateResult> {
    return this.#inTurn(async () => {
      const { parameters, config } = this.#configured()
      const updated = names.filter((name) => isTrained(config.locked, parameters.entry(name)))
      for (const values of others) {
        let from = 0
        for (const name of updated) {
          const { shape, size } = parameters.get(name)
          this.#addGradient(name, values.subarray(from, from + size), shape)
          from += size
        }
      }
      for (const values of others) this.#keepSpare(values)
      const finite = await this.#strategy.optimizer.update(parameters, this.#gradients, learningRate)
      this.#forgetGradients()
      return { finite, values: this.#joined(updated.map((name) => parameters.get(name))) }
    })
  }

  readValues(names: readonly string[]): Promise<Float32Array<ArrayBuffer>> {
    return this.#inTurn(async () => {
      const { parameters } = this.#loaded()
      return this.#joined(names.map((name) => parameters.get(name)))
    })
  }

  writeValues(names: readonly string[], values: Float32Array<ArrayBuffer>): Promise<void> {
    return this.#inTurn(async () => {
      const { parameters } = this.#loaded()
      let from = 0
      for (const name of names) {
        const { size } = parameters.get(name)
        this.#strategy.write(parameters, name, values.subarray(from, from + size))
        from += size
      }
      if (this.#exchanged.has(values.length)) this.#keepSpare(values)
    })
  }

  predict(inputs: Inputs): Promise<Float32Array> {
    return this.#inTurn(async () => {
      const { parameters } = this.#loaded()
      return this.#evaluate(inputs, FEATURES_BOUNDARY, parameters.classes, (pooled) =>
        tf.add(
          tf.matMul(
            tf.reshape<tf.Rank.R2>(pooled, [pooled.shape[0], FEATURES]),
            parameters.get<tf.Rank.R2>('fc.weight'),
          ),
          parameters.get<tf.Rank.R1>('fc.bias'),
        ),
      )
    })
  }

  activations(inputs: Inputs, boundary: InnerBoundary): Promise<Float32Array> {
    return this.#inTurn(() =>
      this.#evaluate(inputs, boundary, boundaryValues(boundary, inputs.size), (x) => x),
    )
  }

  readState(names?: readonly string[]): Promise<StateDict> {
    return this.#inTurn(() => this.#loaded().parameters.read(names))
  }

  readOptimizer(): Promise<OptimizerState> {
    return this.#inTurn(() => this.#strategy.optimizer.read())
  }

  loadOptimizer(state: OptimizerState): Promise<void> {
    return this.#inTurn(async () => this.#strategy.optimizer.load(state))
  }

  microBatchFor(count: number, size: number, boundary: Boundary = 0): number {
    const named = this.#config?.microBatch
    if (named) return Math.min(named, count)
    const fits = (photos: number) => this.estimateBytes(photos, size, boundary) <= this.#strategy.budget
    let parts = 1
    while (parts < count && !fits(Math.ceil(count / parts))) parts++
    return Math.ceil(count / parts)
  }

  estimateBytes(count: number, size: number, boundary: Boundary = 0): number {
    return this.shareBytes(count, size, boundary)
  }

  shareBytes(photos: number, size: number, boundary: Boundary, updated?: readonly string[]): number {
    const key = `${size} ${boundary}`
    const bytesOf = this.#bytes.get(key) ?? this.#bytesOf(size, boundary)
    this.#bytes.set(key, bytesOf)
    return bytesOf(photos, updated)
  }

  gradients(inputs: Inputs, labels: Int32Array): Promise<Map<string, Float32Array>> {
    return this.#inTurn(async () => {
      const { parameters } = this.#loaded()
      const gradients = new Map<string, tf.Tensor>()
      const counts = batchWeight(labels, this.#config?.classWeights)
      await this.#backpropagate(inputs, labels, gradients, 1 / counts, false)
      const result = new Map<string, Float32Array>()
      for (const [name, gradient] of gradients) {
        result.set(name, toStateLayout(await floats(gradient), parameters.entry(name).shape))
        gradient.dispose()
      }
      return result
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const freed = this.#inTurn(async () => {
      this.#release()
      this.#forgetGradients()
      this.#strategy.optimizer.dispose()
    })
    // A dead instance or a lost device has nothing left to free.
    await freed.catch((error: unknown) => {
      if (!(error instanceof EngineError)) throw error
    })
  }

  /** Runs the batch in micro-batches; adds the gradients of `scale` times the sum of its losses to `gradients`. */
  async #backpropagate(
    inputs: Inputs,
    labels: Int32Array,
    gradients: Map<string, tf.Tensor>,
    scale: number,
    updatesStatistics: boolean,
  ): Promise<PassResult> {
    const { parameters, config } = this.#configured()
    checkInputs(inputs, labels, parameters.classes)
    const prefix = this.#prefix()
    checkRests(inputs, prefix)
    const updates = (stage: Stage) => updatesBatchNorm(config.batchNorm, config.locked, stage)
    // What changes with this step need not stay folded during it.
    for (const { name, stage } of CONVOLUTIONS) if (updates(stage)) this.#loaded().folded.release(name)
    const total = { lossSum: 0, correct: 0 }
    const boundary = boundaryOf(inputs)
    const most =
      boundary === FEATURES_BOUNDARY ? inputs.count : this.microBatchFor(inputs.count, inputs.size, boundary)
    for (const { from, to } of evenParts(inputs.count, most)) {
      if (from > 0) await yieldToEvents()
      this.#activate()
      const { lossSum, correct } = await this.#strategy.pass({
        parameters,
        x: this.#run(inputs, from, to, prefix),
        from: prefix,
        labels: labels.subarray(from, to),
        labelSmoothing: config.labelSmoothing,
        classWeights: config.classWeights,
        scale,
        trains: (stage) => !isLocked(config.locked, stage),
        usesBatchStatistics: updates,
        updatesStatistics,
        gradients,
      })
      total.lossSum += lossSum
      total.correct += correct
    }
    return total
  }

  /** Eval mode: `head` of what the stages before `boundary` give, `width` values a sample. */
  async #evaluate(
    inputs: Inputs,
    boundary: Boundary,
    width: number,
    head: (x: tf.Tensor4D) => tf.Tensor,
  ): Promise<Float32Array> {
    checkInputs(inputs)
    checkComesBefore(inputs, boundary)
    const result = new Float32Array(inputs.count * width)
    const most = boundaryOf(inputs) === FEATURES_BOUNDARY ? inputs.count : evaluatedAtOnce(inputs.size)
    for (const { from, to } of evenParts(inputs.count, most)) {
      if (from > 0) await yieldToEvents()
      this.#activate()
      const output = tf.tidy(() => head(this.#run(inputs, from, to, boundary)))
      result.set(await floats(output), from * width)
      output.dispose()
    }
    return result
  }

  /** Samples `from` to `to` as they are at a boundary, through folded stages. */
  #run(inputs: Inputs, from: number, to: number, boundary: Boundary): tf.Tensor4D {
    const { folded } = this.#loaded()
    if (inputs.kind !== 'activations') return backbone(folded, photoTensor(inputs, from, to), 0, boundary)
    const x = activationTensor(inputs, from, to)
    return inputs.boundary === boundary ? x : backbone(folded, x, inputs.boundary, boundary)
  }

  #bytesOf(size: number, boundary: Boundary): BytesOf {
    const { locked = [], batchNorm = 'frozen', optimizer } = this.#config ?? {}
    const classes = this.#parameters?.classes ?? 1000
    const use = { classes, locked, batchNorm, optimizer: optimizer?.kind ?? 'adam', boundary } as const
    return countedOnce((photos, updated) => this.#strategy.bytes({ ...use, updated }, photos, size))
  }

  /** How many stages from the photos on are folded: none in tutorial mode, whose batch norms all update. */
  #prefix(): Boundary {
    return this.#config ? restingPrefix(this.#config.batchNorm, this.#config.locked) : 0
  }

  /** Calls run one after the other, each with the engine's own backend active. */
  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      try {
        this.#activate()
        return await call()
      } catch (error) {
        throw this.#strategy.failure(error)
      }
    })
    this.#queue = result.catch(() => undefined)
    return result
  }

  #activate(): void {
    if (tf.getBackend() !== this.#strategy.backend) void tf.setBackend(this.#strategy.backend)
  }

  #loaded() {
    if (!this.#parameters || !this.#folded) throw new Error('load weights first')
    return { parameters: this.#parameters, folded: this.#folded }
  }

  #configured() {
    if (!this.#config) throw new Error('configure first')
    return { ...this.#loaded(), config: this.#config }
  }

  #gradient(name: string): tf.Tensor {
    const gradient = this.#gradients.get(name)
    if (!gradient) throw new Error(`no gradient for ${name}`)
    return gradient
  }

  #addGradient(name: string, values: Float32Array, shape: number[]): void {
    const sum = this.#gradients.get(name)
    if (sum) this.#strategy.add(sum, values)
    else this.#gradients.set(name, tf.keep(tf.tensor(values, shape, 'float32')))
  }

  #forgetGradient(name: string): void {
    this.#gradients.get(name)?.dispose()
    this.#gradients.delete(name)
  }

  #forgetGradients(): void {
    for (const name of [...this.#gradients.keys()]) this.#forgetGradient(name)
  }

  /** The array is free from now on. */
  #keepSpare(values: Float32Array<ArrayBuffer>): void {
    this.#spares.set(values.length, values)
  }

  /** The tensors' values, one after the other. */
  #joined(tensors: readonly tf.Tensor[]): Float32Array<ArrayBuffer> {
    const length = tensors.reduce((sum, { size }) => sum + size, 0)
    const values = this.#spares.get(length) ?? new Float32Array(length)
    this.#spares.delete(length)
    let from = 0
    for (const tensor of tensors) {
      values.set(this.#strategy.view(tensor), from)
      from += tensor.size
    }
    return values
  }

  #release(): void {
    this.#folded?.dispose()
    this.#parameters?.dispose()
    this.#folded = null
    this.#parameters = null
  }
}
