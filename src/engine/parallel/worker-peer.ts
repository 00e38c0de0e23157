/** An engine in a worker of its own, as a `Peer`. A worker that dies fails every call as a dead engine does. */
import { type Remote, transfer } from 'comlink'
import { LiveWorker, WorkerDeath } from '../../worker/index.ts'
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
  open(kernels: string): Promise<Answer<void>>
}

/**
 * Starts a worker with a wasm engine.
 * @param kernels id of those that it computes with, as the engine's beside it
 * @throws EngineError `dead` where it cannot start
 */
export async function openPeer(kernels: string): Promise<Peer> {
  const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' })
  const peer = new WorkerPeer(worker)
  await peer.open(kernels)
  return peer
}

class WorkerPeer implements Peer {
  readonly #worker: LiveWorker<PeerApi>

  constructor(worker: Worker) {
    this.#worker = new LiveWorker<PeerApi>(worker)
    worker.onmessageerror = () => this.#worker.end("an engine's worker could not be understood")
  }

  open(kernels: string): Promise<void> {
    return this.#ask((api) => api.open(kernels))
  }

  load: Peer['load'] = (state) => this.#ask((api) => api.load(state))

  configure: Peer['configure'] = (config, updated) => this.#ask((api) => api.configure(config, updated))

  resetOptimizer: Peer['resetOptimizer'] = () => this.#ask((api) => api.resetOptimizer())

  backward: Peer['backward'] = (inputs, labels, scale, others) =>
    this.#ask((api) => api.backward(given(inputs), labels, scale, others))

  update: Peer['update'] = (names, others, learningRate) => {
    const buffers = others.map(({ buffer }) => buffer)
    return this.#ask((api) => api.update(names, transfer(others, buffers), learningRate))
  }

  readValues: Peer['readValues'] = (names) => this.#ask((api) => api.readValues(names))

  writeValues: Peer['writeValues'] = (names, values) =>
    this.#ask((api) => api.writeValues(names, transfer(values, [values.buffer])))

  predict: Peer['predict'] = (inputs) => this.#ask((api) => api.predict(given(inputs)))

  activations: Peer['activations'] = (inputs, boundary) =>
    this.#ask((api) => api.activations(given(inputs), boundary))

  gradients: Peer['gradients'] = (inputs, labels) => this.#ask((api) => api.gradients(given(inputs), labels))

  readOptimizer: Peer['readOptimizer'] = () => this.#ask((api) => api.readOptimizer())

  loadOptimizer: Peer['loadOptimizer'] = (state) => this.#ask((api) => api.loadOptimizer(state))

  /** The worker's memory goes with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#worker.end('the engine was closed')
  }

  /** @throws EngineError as the engine there threw it, or where the worker has died */
  async #ask<T>(call: (api: Remote<PeerApi>) => Promise<Answer<T>>): Promise<T> {
    const answer = await this.#worker.ask(call).catch((error: unknown) => {
      throw error instanceof WorkerDeath ? new EngineError('dead', error.message) : error
    })
    if ('failed' in answer) throw new EngineError(answer.failed, answer.message)
    return answer.value
  }
}

/** A share is a copy made for this call. */
function given(inputs: Inputs): Inputs {
  const { buffer } = inputs.kind === 'photos' ? inputs.pixels : inputs.values
  return buffer instanceof ArrayBuffer ? transfer(inputs, [buffer]) : inputs
}
