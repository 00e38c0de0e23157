/** The trainer's side of the checkpoint worker. A worker that died fails the call that waited; the next starts another. */
import type { Remote } from 'comlink'
import { LiveWorker } from '../worker/index.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Storage } from './checkpoint.worker.ts'
import type { CheckpointService } from './checkpoints.ts'
import type { KeptRunService } from './kept-runs.ts'

/** The worker, begun at the first call. */
export class StorageWorker {
  #live: LiveWorker<Storage> | null = null

  ask<T>(call: (worker: Remote<Storage>) => Promise<T>): Promise<T> {
    this.#live ??= new LiveWorker<Storage>(
      new Worker(new URL('./checkpoint.worker.ts', import.meta.url), { type: 'module', name: 'checkpoints' }),
      () => {
        this.#live = null
      },
    )
    return this.#live.ask(call)
  }
}

export class CheckpointClient implements CheckpointService {
  readonly #worker: StorageWorker

  constructor(worker: StorageWorker) {
    this.#worker = worker
  }

  async save(key: string, checkpoint: Checkpoint): Promise<void> {
    const { state } = checkpoint
    const { best } = state
    // The best epoch's tensors stand in an earlier file as a rule: then they need not travel again.
    const holdsBest = best !== null && (await this.#worker.ask((worker) => worker.holdsBest(key, best.mark)))
    const light = holdsBest
      ? {
          ...checkpoint,
          state: { ...state, best: { mark: best.mark, weights: new Map(), optimizer: new Map() } },
        }
      : checkpoint
    await this.#worker.ask((worker) => worker.save(key, light))
  }

  load: CheckpointService['load'] = (key) => this.#worker.ask((worker) => worker.load(key))
  keepWeights: CheckpointService['keepWeights'] = (key, sha256, bytes) =>
    this.#worker.ask((worker) => worker.keepWeights(key, sha256, bytes))
  keptWeights: CheckpointService['keptWeights'] = (key, sha256) =>
    this.#worker.ask((worker) => worker.keptWeights(key, sha256))
  list: CheckpointService['list'] = () => this.#worker.ask((worker) => worker.list())
  discard: CheckpointService['discard'] = (key) => this.#worker.ask((worker) => worker.discard(key))
}

export class KeptRunClient implements KeptRunService {
  readonly #worker: StorageWorker

  constructor(worker: StorageWorker) {
    this.#worker = worker
  }

  keep: KeptRunService['keep'] = (run) => this.#worker.ask((worker) => worker.keepRun(run))
  list: KeptRunService['list'] = () => this.#worker.ask((worker) => worker.keptRuns())
  load: KeptRunService['load'] = (id) => this.#worker.ask((worker) => worker.loadRun(id))
  predictions: KeptRunService['predictions'] = (id) => this.#worker.ask((worker) => worker.runPredictions(id))
  rename: KeptRunService['rename'] = (id, name) => this.#worker.ask((worker) => worker.renameRun(id, name))
  remove: KeptRunService['remove'] = (id) => this.#worker.ask((worker) => worker.removeRun(id))
  keptWeights: KeptRunService['keptWeights'] = (sha256) =>
    this.#worker.ask((worker) => worker.runWeights(sha256))
}
