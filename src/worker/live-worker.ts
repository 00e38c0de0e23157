/** A worker and the calls that wait for it: a worker that dies answers none of them, so they are told. */
import { type Endpoint, type Remote, wrap } from 'comlink'

/** What of a Worker is used here. */
export interface WorkerLike extends Endpoint {
  terminate(): void
  onerror: ((event: ErrorEvent) => unknown) | null
}

export class WorkerDeath extends Error {
  override readonly name = 'WorkerDeath'
}

export class LiveWorker<Api> {
  readonly api: Remote<Api>
  readonly #worker: WorkerLike
  readonly #onDeath: () => void
  readonly #waiting = new Set<(death: WorkerDeath) => void>()
  #death: WorkerDeath | null = null

  /** @param onDeath told once, whoever ends the worker. */
  constructor(worker: WorkerLike, onDeath: () => void = () => {}) {
    this.#worker = worker
    this.#onDeath = onDeath
    this.api = wrap<Api>(worker)
    worker.onerror = (event) => this.end(event.message || 'the worker could not start')
  }

  /** The worker's answer. @throws WorkerDeath where it dies meanwhile, and what it throws itself. */
  async ask<T>(call: (api: Remote<Api>) => Promise<T>): Promise<T> {
    if (this.#death) throw this.#death
    let forget = () => {}
    const death = new Promise<never>((_, reject) => {
      this.#waiting.add(reject)
      forget = () => this.#waiting.delete(reject)
    })
    try {
      return await Promise.race([call(this.api), death])
    } finally {
      forget()
    }
  }

  end(reason: string): void {
    if (this.#death) return
    this.#death = new WorkerDeath(reason)
    this.#worker.terminate()
    this.#onDeath()
    for (const reject of this.#waiting) reject(this.#death)
  }
}
