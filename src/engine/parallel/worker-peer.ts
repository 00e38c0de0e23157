/** An engine in a worker of its own, as a `Peer`. A worker that dies fails every call as a dead engine does. */
import { type Remote, transfer, wrap } from 'comlink'
import { EngineError, type EngineFailure } from '../errors.ts'
import type { Inputs } from '../train-step.ts'
import type { Peer } from './sharing.ts'

/** What a worker answers: an engine's failure loses its kind where it is thrown across. */
export type Answer<T> = { value: T } | { failed: EngineFailure; message: string }

type Answered<F> = F extends (...args: infer A) => infer R
  ? (...args: A) => Promise<Answer<Awaited<R>>>
  : never

/** A `Peer`'s calls as a worker gives them. */
export type PeerApi = { [K in Exclude<keyof Peer, symbol>]: Answered<Peer[K]> } & {
  open(): Promise<Answer<void>>
}

/**
 * Starts a worker with a wasm engine.
 * @throws EngineError `dead` where it cannot start
 */
export async function openPeer(): Promise<Peer> {
  const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' })
  const peer = new WorkerPeer(worker)
  await peer.open()
  return peer
}

class WorkerPeer implements Peer {
  readonly #worker: Worker
  readonly #api: Remote<PeerApi>
  readonly #waiting = new Set<(death: EngineError) => void>()
  #death: EngineError | null = null

  constructor(worker: Worker) {
    this.#worker = worker
    this.#api = wrap<PeerApi>(worker)
    worker.onerror = ({ message }) => this.#die(message || "an engine's worker could not start")
    worker.onmessageerror = () => this.#die("an engine's worker could not be understood")
  }

  open(): Promise<void> {
    return this.#ask(this.#api.open())
  }

  load: Peer['load'] = (state) => this.#ask(this.#api.load(state))

  configure: Peer['configure'] = (config, updated) => this.#ask(this.#api.configure(config, updated))

  resetOptimizer: Peer['resetOptimizer'] = () => this.#ask(this.#api.resetOptimizer())

  backward: Peer['backward'] = (inputs, labels, scale, others) =>
    this.#ask(this.#api.backward(given(inputs), labels, scale, others))

  update: Peer['update'] = (names, others, learningRate) => {
    const buffers = others.map(({ buffer }) => buffer)
    return this.#ask(this.#api.update(names, transfer(others, buffers), learningRate))
  }

  readValues: Peer['readValues'] = (names) => this.#ask(this.#api.readValues(names))

  writeValues: Peer['writeValues'] = (names, values) =>
    this.#ask(this.#api.writeValues(names, transfer(values, [values.buffer])))

  predict: Peer['predict'] = (inputs) => this.#ask(this.#api.predict(given(inputs)))

  features: Peer['features'] = (inputs) => this.#ask(this.#api.features(given(inputs)))

  gradients: Peer['gradients'] = (inputs, labels) => this.#ask(this.#api.gradients(given(inputs), labels))

  readOptimizer: Peer['readOptimizer'] = () => this.#ask(this.#api.readOptimizer())

  loadOptimizer: Peer['loadOptimizer'] = (state) => this.#ask(this.#api.loadOptimizer(state))

  /** The worker's memory goes with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.terminate()
    this.#die('the engine was closed')
  }

  /** Worker errors reach no call: those that wait are told. */
  #die(reason: string): void {
    this.#death ??= new EngineError('dead', reason)
    for (const reject of this.#waiting) reject(this.#death)
  }

  /** @throws EngineError as the engine there threw it, or where the worker has died */
  async #ask<T>(call: Promise<Answer<T>>): Promise<T> {
    if (this.#death) throw this.#death
    let forget = () => {}
    const death = new Promise<never>((_, reject) => {
      this.#waiting.add(reject)
      forget = () => this.#waiting.delete(reject)
    })
    try {
      const answer = await Promise.race([call, death])
      if ('failed' in answer) throw new EngineError(answer.failed, answer.message)
      return answer.value
    } finally {
      forget()
    }
  }
}

/** A share is a copy made for this call. */
function given(inputs: Inputs): Inputs {
  const { buffer } = inputs.kind === 'photos' ? inputs.pixels : inputs.values
  return buffer instanceof ArrayBuffer ? transfer(inputs, [buffer]) : inputs
}
