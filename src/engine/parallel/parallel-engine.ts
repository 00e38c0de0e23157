/**
 * Several engines as one, for machines whose engine uses one core. Photos that are only evaluated are dealt out, which
 * changes no number. Where a run asks for it, training is shared as well, as PyTorch's DistributedDataParallel does it
 * (Li et al. 2020): each engine takes its share of the batch, batch norm in train mode sees that share, the gradients
 * are averaged (each photo counts the same), and the running statistics are those of engine 0.
 *
 * A shared step is a reduce-scatter and an all-gather: each engine sums the gradients of the parameters that are its
 * own, updates them and gives them to the others. Buffers are transferred, not copied.
 */

import {
  type Boundary,
  classesOf,
  FEATURES_BOUNDARY,
  type InnerBoundary,
  isTrained,
  parameterEntries,
  restingPrefix,
  STAGES,
  type Stage,
  type StateDict,
  stateEntries,
  updatesBatchNorm,
} from '../../model/index.ts'
import { boundaryOf, checkInputs, checkRests, evenParts, partOf } from '../batches.ts'
import { batchWeight } from '../class-weights.ts'
import type {
  EngineDescription,
  Inputs,
  OptimizerState,
  StepConfig,
  StepResult,
  TrainStep,
} from '../train-step.ts'
import { sharedBytes, shareOf } from './memory.ts'
import { shards } from './shards.ts'
import type { Peer, SharingEngine } from './sharing.ts'
import type { Workers } from './workers.ts'

/** Fewer photos are not worth another engine's attention. */
const LEAST_SHARE = 4
/** Batch norm in train mode needs two values a channel: a share of a training batch holds two photos at least. */
const LEAST_BATCH = 2

/** An engine by its place in the order in which sums are taken. */
interface Rank {
  rank: number
  peer: Peer
}

export class ParallelEngine implements TrainStep {
  readonly description: EngineDescription
  readonly #local: SharingEngine
  readonly #open: (kernels: string) => Promise<Peer>
  readonly #workers: Workers
  /** The other engines, opened when they are first needed. */
  #others: Promise<Peer[]> | null = null
  #classes: number | null = null
  /** The micro-batch is that of one engine. */
  #config: StepConfig | null = null
  /** Names by training engine; its own first. */
  #shards: string[][] = []
  /** Whether the others hold the weights at all, and what has changed here since. */
  #areLoaded = false
  readonly #stale = new Map<string, Stage>()
  /** Whether the others that train are configured as this is. */
  #areConfigured = false
  #queue: Promise<unknown> = Promise.resolve()

  /** @param open starts another engine of the same kind with these kernels */
  constructor(local: SharingEngine, open: (kernels: string) => Promise<Peer>, workers: Workers) {
    this.#local = local
    this.#open = open
    this.#workers = workers
    const { adapter, kernels, engine } = local.description
    const { train } = workers
    this.description =
      train > 1 ? { engine, adapter, kernels: sharedKernels(kernels, train) } : local.description
  }

  load(state: StateDict): Promise<void> {
    return this.#inTurn(async () => {
      await this.#local.load(state)
      this.#classes = classesOf(state)
      this.#shards = shards(this.#classes, this.#workers.train)
      this.#areLoaded = false
      this.#areConfigured = false
      this.#stale.clear()
    })
  }

  configure(config: StepConfig): Promise<void> {
    return this.#inTurn(async () => {
      const microBatch = config.microBatch && shareOf(config.microBatch, this.#workers)
      this.#config = { ...config, microBatch }
      await this.#local.configure(this.#config, this.#sharesTraining ? this.#shards[0] : undefined)
      // Told at once: an optimizer keeps its state only from one plan to the next.
      if (this.#areConfigured) await this.#configureOthers(await this.#trainers(), this.#config)
    })
  }

  resetOptimizer(): void {
    this.#local.resetOptimizer()
    if (this.#areConfigured)
      void this.#inTurn(async () => {
        for (const trainer of await this.#trainers()) await trainer.resetOptimizer()
      }).catch(() => undefined)
  }

  step(inputs: Inputs, labels: Int32Array, learningRate: number): Promise<StepResult> {
    return this.#inTurn(async () => {
      const { config, classes } = this.#configured()
      checkInputs(inputs, labels, classes)
      const resting = restingPrefix(config.batchNorm, config.locked)
      checkRests(inputs, resting)
      if (resting === FEATURES_BOUNDARY || !this.#sharesTraining) {
        this.#noteTrained(config, classes, true)
        // What rests is computed by all engines, what trains by one.
        const given =
          resting !== 0 && boundaryOf(inputs) < resting
            ? await this.#dealtActivations(inputs, resting)
            : inputs
        return this.#local.step(given, labels, learningRate)
      }
      return this.#sharedStep(inputs, labels, learningRate)
    })
  }

  predict(inputs: Inputs): Promise<Float32Array> {
    return this.#inTurn(() => this.#deal(inputs, null, (peer, part) => peer.predict(part)))
  }

  activations(inputs: Inputs, boundary: InnerBoundary): Promise<Float32Array> {
    return this.#inTurn(async () => (await this.#dealtActivations(inputs, boundary)).values)
  }

  readState(names?: readonly string[]): Promise<StateDict> {
    return this.#inTurn(() => this.#local.readState(names))
  }

  readOptimizer(): Promise<OptimizerState> {
    return this.#inTurn(async () => {
      const state = new Map(await this.#local.readOptimizer())
      if (this.#areConfigured)
        for (const trainer of await this.#trainers())
          for (const [name, held] of await trainer.readOptimizer()) state.set(name, held)
      return state
    })
  }

  loadOptimizer(state: OptimizerState): Promise<void> {
    return this.#inTurn(async () => {
      await this.#local.loadOptimizer(state)
      if (!this.#sharesTraining) return
      const trainers = await this.#readyTrainers()
      const of = (names: readonly string[]) => new Map([...state].filter(([name]) => names.includes(name)))
      await Promise.all(trainers.map((trainer, i) => trainer.loadOptimizer(of(this.#shards[i + 1]))))
    })
  }

  microBatchFor(count: number, size: number, boundary: Boundary = 0): number {
    const largest = shareOf(count, this.#workers)
    const most = this.#local.microBatchFor(largest, size, boundary)
    return most < largest ? most * this.#workers.train : count
  }

  estimateBytes(count: number, size: number, boundary: Boundary = 0): number {
    const { locked = [], batchNorm = 'frozen' } = this.#config ?? {}
    return sharedBytes(
      this.#workers,
      { classes: this.#classes ?? 1000, locked, batchNorm },
      count,
      (photos, updated) => this.#local.shareBytes(photos, size, boundary, updated),
    )
  }

  gradients(inputs: Inputs, labels: Int32Array): Promise<Map<string, Float32Array>> {
    return this.#inTurn(async () => {
      if (!this.#sharesTraining) return this.#local.gradients(inputs, labels)
      const peers = [this.#local, ...(await this.#readyTrainers())]
      const { classWeights } = this.#configured().config
      const counts = batchWeight(labels, classWeights)
      const sums = new Map<string, Float32Array>()
      for (const [i, { from, to }] of evenParts(
        inputs.count,
        Math.ceil(inputs.count / peers.length),
      ).entries()) {
        const own = labels.slice(from, to)
        const share = batchWeight(own, classWeights)
        const means = await peers[i].gradients(partOf(inputs, from, to), own)
        for (const [name, mean] of means) {
          const sum = sums.get(name) ?? new Float32Array(mean.length)
          for (let j = 0; j < sum.length; j++) sum[j] += (mean[j] * share) / counts
          sums.set(name, sum)
        }
      }
      return sums
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue
    const others = await this.#others?.catch(() => [])
    this.#others = null
    await Promise.all([this.#local, ...(others ?? [])].map((engine) => engine[Symbol.asyncDispose]()))
  }

  /** Reduce-scatter, update, all-gather. */
  async #sharedStep(inputs: Inputs, labels: Int32Array, learningRate: number): Promise<StepResult> {
    const { config, classes } = this.#configured()
    const trainers = await this.#readyTrainers()
    // The others are asked first: this thread computes its own share at once and hears nothing meanwhile.
    const ranks: Rank[] = [
      ...trainers.map((peer, i) => ({ rank: i + 1, peer })),
      { rank: 0, peer: this.#local },
    ]
    const sharing = Math.max(1, Math.min(ranks.length, Math.floor(inputs.count / LEAST_BATCH)))
    const parts = evenParts(inputs.count, Math.ceil(inputs.count / sharing))
    const counts = batchWeight(labels, config.classWeights)
    const results = await byRank(ranks, async ({ rank, peer }) => {
      if (rank >= parts.length) return null
      const { from, to } = parts[rank]
      const others = this.#shards.filter((_, other) => other !== rank)
      return peer.backward(partOf(inputs, from, to), labels.slice(from, to), 1 / counts, others)
    })
    const updates = await byRank(ranks, ({ rank, peer }) => {
      // Each left its own out of the list.
      const given = results.flatMap((result, from) =>
        result && from !== rank ? result.gradients[rank < from ? rank : rank - 1] : [],
      )
      return peer.update(this.#shards[rank], given, learningRate)
    })
    await byRank(ranks, async ({ rank, peer }) => {
      for (const [from, { values }] of updates.entries()) {
        if (from === rank) continue
        const names = trainedNames(config, classes, this.#shards[from])
        // A buffer is transferred once; with more than two engines each gets a copy.
        await peer.writeValues(names, ranks.length > 2 ? values.slice() : values)
      }
    })
    this.#noteTrained(config, classes, false)
    const loss = results.reduce((sum, result) => sum + (result?.lossSum ?? 0), 0) / counts
    const correct = results.reduce((sum, result) => sum + (result?.correct ?? 0), 0)
    return { loss, correct, finite: updates.every(({ finite }) => finite) && Number.isFinite(loss) }
  }

  async #dealtActivations(inputs: Inputs, boundary: InnerBoundary) {
    const values = await this.#deal(inputs, boundary, (peer, part) => peer.activations(part, boundary))
    return { kind: 'activations', boundary, values, count: inputs.count, size: inputs.size } as const
  }

  /** Each engine's share, one after the other; `run` reads the backbone's stages up to `boundary`, or all weights. */
  async #deal(
    inputs: Inputs,
    boundary: Boundary | null,
    run: (peer: Peer, inputs: Inputs) => Promise<Float32Array>,
  ): Promise<Float32Array> {
    const engines = Math.min(this.#workers.evaluate, Math.floor(inputs.count / LEAST_SHARE))
    if (engines < 2 || boundaryOf(inputs) === FEATURES_BOUNDARY) return run(this.#local, inputs)
    checkInputs(inputs)
    const others = (await this.#upToDate(true, boundary)).slice(0, engines - 1)
    const parts = evenParts(inputs.count, Math.ceil(inputs.count / engines))
    const results = await Promise.all(
      [...others, this.#local].map((peer, i) => run(peer, partOf(inputs, parts[i].from, parts[i].to))),
    )
    return joined(results)
  }

  get #sharesTraining(): boolean {
    return this.#workers.train > 1
  }

  /** The other engines, open or not yet. */
  #opened(): Promise<Peer[]> {
    const count = Math.max(this.#workers.evaluate, this.#workers.train) - 1
    this.#others ??= Promise.all(
      Array.from({ length: count }, () => this.#open(this.#local.description.kernels)),
    )
    return this.#others
  }

  async #trainers(): Promise<Peer[]> {
    return (await this.#opened()).slice(0, this.#workers.train - 1)
  }

  async #readyTrainers(): Promise<Peer[]> {
    await this.#upToDate(false)
    const trainers = await this.#trainers()
    if (!this.#areConfigured) await this.#configureOthers(trainers, this.#configured().config)
    this.#areConfigured = true
    return trainers
  }

  async #configureOthers(trainers: readonly Peer[], config: StepConfig): Promise<void> {
    await Promise.all(trainers.map((trainer, i) => trainer.configure(config, this.#shards[i + 1])))
  }

  /**
   * The other engines with the weights as they are here: those of the stages up to `boundary`, or all; running statistics
   * of what trains only where they count.
   */
  async #upToDate(statistics: boolean, boundary: Boundary | null = null): Promise<Peer[]> {
    const others = await this.#opened()
    if (!this.#areLoaded) {
      const state = await this.#local.readState()
      await Promise.all(others.map((peer) => peer.load(state)))
      this.#areLoaded = true
      this.#stale.clear()
      return others
    }
    const names = [...this.#stale].flatMap(([name, stage]) => {
      const counts = statistics || !name.includes('.running_')
      return counts && (boundary === null || STAGES.indexOf(stage) < boundary) ? [name] : []
    })
    if (names.length === 0) return others
    const values = await this.#local.readValues(names)
    await Promise.all(others.map((peer) => peer.writeValues(names, values.slice())))
    for (const name of names) this.#stale.delete(name)
    return others
  }

  /** What a step has changed in engine 0; a shared one has changed the parameters of those that share as well. */
  #noteTrained(config: StepConfig, classes: number, parameters: boolean): void {
    if (!this.#areLoaded) return
    const isEverywhere = !parameters && this.#workers.train >= this.#workers.evaluate
    for (const entry of stateEntries(classes)) {
      const isStatistic = entry.kind === 'running_mean' || entry.kind === 'running_var'
      const moves = updatesBatchNorm(config.batchNorm, config.locked, entry.stage)
      if ((isStatistic && moves) || (isTrained(config.locked, entry) && !isEverywhere))
        this.#stale.set(entry.name, entry.stage)
    }
  }

  #configured(): { config: StepConfig; classes: number } {
    if (this.#classes === null) throw new Error('load weights first')
    if (!this.#config) throw new Error('configure first')
    return { config: this.#config, classes: this.#classes }
  }

  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(call)
    this.#queue = result.catch(() => undefined)
    return result
  }
}

/** Asks all at once, in the order given; the answers by rank. */
async function byRank<T>(ranks: readonly Rank[], ask: (rank: Rank) => Promise<T>): Promise<T[]> {
  const answers = await Promise.all(ranks.map(async (rank) => ({ rank: rank.rank, answer: await ask(rank) })))
  return answers.sort((a, b) => a.rank - b.rank).map(({ answer }) => answer)
}

/** The same engine sums in another order where several share a batch. */
const sharedKernels = (kernels: string, train: number): string => `${kernels}-shared-${train}`

function trainedNames({ locked }: StepConfig, classes: number, among: readonly string[]): string[] {
  const trained = new Set(
    parameterEntries(classes)
      .filter((entry) => isTrained(locked, entry))
      .map(({ name }) => name),
  )
  return among.filter((name) => trained.has(name))
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let from = 0
  for (const part of parts) {
    values.set(part, from)
    from += part.length
  }
  return values
}
