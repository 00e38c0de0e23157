/**
 * The page's side of the trainer worker: starts it when it is first needed, replaces it when it has died, and goes
 * on from the checkpoint then.
 */
import { type Remote, releaseProxy, transfer, wrap } from 'comlink'
import type { TrainEvent } from './events.ts'
import type { RunRequest, TrainerApi } from './trainer-api.ts'

export interface TrainerClientOptions {
  /** A fresh port to each loader worker; asked for whenever a trainer worker starts. */
  loaderPorts(): MessagePort[] | Promise<MessagePort[]>
}

/** Workers that may die between two checkpoints before the run fails. */
const MOST_DEATHS = 3

interface Running {
  worker: Worker
  api: Remote<TrainerApi>
  events: MessagePort
  /** Rejects when the worker dies. */
  death: Promise<never>
}

export class TrainerClient implements Omit<TrainerApi, 'begin' | 'connectLoaders' | 'connectEvents'> {
  readonly #options: TrainerClientOptions
  readonly #listeners = new Set<(event: TrainEvent) => void>()
  #running: Promise<Running> | null = null

  constructor(options: TrainerClientOptions) {
    this.#options = options
  }

  /** Returns a function that ends listening. */
  onEvent(listener: (event: TrainEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A worker that dies is replaced; the run goes on from its checkpoint with half the micro-batch. */
  async run(request: RunRequest): Promise<void> {
    let attempt = request
    let deaths = 0
    const forget = this.onEvent(({ type }) => {
      if (type === 'checkpoint') deaths = 0
    })
    try {
      for (;;) {
        const error = await this.#tryRun(attempt)
        if (!error) return
        await this.close()
        if (++deaths > MOST_DEATHS) {
          this.#emit({ type: 'failed', code: 'out-of-memory', detail: error.message, history: null })
          return
        }
        this.#emit({ type: 'notice', code: 'worker-replaced', detail: error.message })
        const isSaved = (await this.resumable()).some((run) => run.checkpointKey === request.checkpointKey)
        attempt = { ...request, resume: isSaved, deaths }
      }
    } finally {
      forget()
    }
  }

  probe = () => this.#call((api) => api.probe())
  pause = () => this.#call((api) => api.pause())
  resume = () => this.#call((api) => api.resume())
  stop = () => this.#call((api) => api.stop())
  setLocked: TrainerApi['setLocked'] = (locked) => this.#call((api) => api.setLocked(locked))
  resumable = () => this.#call((api) => api.resumable())
  discard: TrainerApi['discard'] = (key) => this.#call((api) => api.discard(key))
  bestWeights = () => this.#call((api) => api.bestWeights())
  loadForClassifying: TrainerApi['loadForClassifying'] = (name, bytes) =>
    this.#call((api) => api.loadForClassifying(name, bytes))
  classify: TrainerApi['classify'] = (pixels, size) => this.#call((api) => api.classify(pixels, size))
  predict: TrainerApi['predict'] = (dataset, split) => this.#call((api) => api.predict(dataset, split))
  engine = () => this.#call((api) => api.engine())

  /** Ends the worker. The next call starts another. */
  async close(): Promise<void> {
    const running = this.#running
    this.#running = null
    if (!running) return
    const { worker, api, events } = await running
    api[releaseProxy]()
    events.close()
    worker.terminate()
  }

  async #call<T>(ask: (api: Remote<TrainerApi>) => Promise<T>): Promise<T> {
    this.#running ??= this.#spawn()
    const { api, death } = await this.#running
    return Promise.race([ask(api), death])
  }

  async #spawn(): Promise<Running> {
    const worker = new Worker(new URL('./trainer.worker.ts', import.meta.url), { type: 'module' })
    const death = new Promise<never>((_, reject) => {
      worker.onerror = (event) =>
        reject(new WorkerDeath(event.message || 'the trainer worker could not start'))
    })
    death.catch(() => undefined)
    const api = wrap<TrainerApi>(worker)
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }: MessageEvent<TrainEvent>) => this.#emit(data)
    const ports = await this.#options.loaderPorts()
    await Promise.race([
      Promise.all([
        api.begin(document.baseURI),
        api.connectEvents(transfer(port2, [port2])),
        api.connectLoaders(transfer(ports, ports)),
      ]),
      death,
    ])
    return { worker, api, events: port1, death }
  }

  /** What the worker died of; null where the run came to its end. @throws anything else */
  async #tryRun(request: RunRequest): Promise<Error | null> {
    try {
      await this.#call((api) => api.run(request))
      return null
    } catch (error) {
      if (error instanceof Error && DEATHS.includes(error.name)) return error
      throw error
    }
  }

  #emit(event: TrainEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

class WorkerDeath extends Error {
  override readonly name = 'WorkerDeath'
}

/** Names, since Comlink carries no more of an error. A run throws an EngineError only where the instance is dead. */
const DEATHS = ['WorkerDeath', 'EngineError']
