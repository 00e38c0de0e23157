/** The trainer's side of the checkpoint worker. A worker that died fails the call that waited; the next starts another. */
import type { Remote } from 'comlink'
import { LiveWorker } from '../worker/index.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { CheckpointService, Checkpoints } from './checkpoints.ts'

export class CheckpointClient implements CheckpointService {
  #live: LiveWorker<Checkpoints> | null = null

  async save(key: string, checkpoint: Checkpoint): Promise<void> {
    const { state } = checkpoint
    const { best } = state
    // The best epoch's tensors stand in an earlier file as a rule: then they need not travel again.
    const holdsBest = best !== null && (await this.#ask((worker) => worker.holdsBest(key, best.mark)))
    const light = holdsBest
      ? {
          ...checkpoint,
          state: { ...state, best: { mark: best.mark, weights: new Map(), optimizer: new Map() } },
        }
      : checkpoint
    await this.#ask((worker) => worker.save(key, light))
  }

  load: CheckpointService['load'] = (key) => this.#ask((worker) => worker.load(key))
  keepWeights: CheckpointService['keepWeights'] = (key, sha256, bytes) =>
    this.#ask((worker) => worker.keepWeights(key, sha256, bytes))
  keptWeights: CheckpointService['keptWeights'] = (key, sha256) =>
    this.#ask((worker) => worker.keptWeights(key, sha256))
  list: CheckpointService['list'] = () => this.#ask((worker) => worker.list())
  discard: CheckpointService['discard'] = (key) => this.#ask((worker) => worker.discard(key))

  #ask<T>(call: (worker: Remote<Checkpoints>) => Promise<T>): Promise<T> {
    this.#live ??= new LiveWorker<Checkpoints>(
      new Worker(new URL('./checkpoint.worker.ts', import.meta.url), { type: 'module', name: 'checkpoints' }),
      () => {
        this.#live = null
      },
    )
    return this.#live.ask(call)
  }
}
