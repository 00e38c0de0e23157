/**
 * The page's side of the trainer worker: starts it when it is first needed, replaces it when it has died, and goes
 * on from the checkpoint then.
 */
import { type Remote, transfer } from 'comlink'
import { LiveWorker, type WorkerLike } from '../worker/index.ts'
import type { PhotoPrediction, TrainEvent } from './events.ts'
import type { KeptRun, ResumableRun, RunRequest, TrainerApi } from './trainer-api.ts'

export interface TrainerClientOptions {
  /** A fresh port to each loader worker; asked for whenever a trainer worker starts. */
  loaderPorts(): MessagePort[] | Promise<MessagePort[]>
  /** For tests: another worker. */
  startWorker?(): WorkerLike
  /** Whether any checkpoint is kept: without one, the worker need not be started to look for runs. */
  hasCheckpoints?(): Promise<boolean>
  /** Whether any run is kept: the same. */
  hasRuns?(): Promise<boolean>
}

/** Workers that may die between two checkpoints before the run fails. */
const MOST_DEATHS = 3

/** How long Stop waits for the step before it ends the worker, in ms: a step on wasm is one call and hears nothing. */
const STOP_GRACE = 2000

interface ClientRun {
  request: RunRequest
  /** Since the last checkpoint. */
  deaths: number
  /** Whether the last whole epoch is in a checkpoint. */
  isSaved: boolean
  /** The worker was ended by Stop. */
  isCut: boolean
  /** Of the best epoch. */
  predictions: PhotoPrediction[]
  /** The last event was heard: it comes by another port than the worker's answer. */
  ended: Promise<void>
  end(): void
}

export class TrainerClient
  implements Omit<TrainerApi, 'begin' | 'connectLoaders' | 'connectEvents' | 'restore'>
{
  readonly #options: TrainerClientOptions
  readonly #listeners = new Set<(event: TrainEvent) => void>()
  #live: Promise<LiveWorker<TrainerApi>> | null = null
  /** The newest one, ready or not. */
  #worker: LiveWorker<TrainerApi> | null = null
  #run: ClientRun | null = null
  #isTrying = false

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
    if (this.#run) throw new Error('a run is going on')
    const run = clientRun(request)
    this.#run = run
    try {
      for (;;) {
        const death = await this.#tryRun({ ...run.request, deaths: run.deaths })
        if (!death) return await run.ended
        // Closed by the page.
        if (this.#run !== run) return
        this.#endWorker('the engine died')
        if (run.isCut) {
          await this.#call((api) => api.restore(request, run.predictions))
          return await run.ended
        }
        if (++run.deaths > MOST_DEATHS) {
          this.#emit({ type: 'failed', code: 'out-of-memory', detail: death.message, history: null })
          return
        }
        this.#emit({ type: 'notice', code: 'worker-replaced', detail: death.message })
        run.request = { ...request, resume: await this.#hasCheckpoint(request.checkpointKey) }
      }
    } finally {
      if (this.#run === run) this.#run = null
    }
  }

  /**
   * After the current step. Where that takes long, the worker is ended instead and the last checkpoint is the
   * result, unless something that it holds is not saved yet.
   */
  async stop(): Promise<void> {
    const live = await this.#live
    if (live && this.#isTrying) await this.#call((api) => api.stop()).catch(() => undefined)
    if (!live || !this.#run) return
    const run = this.#run
    const heard = this.#call((api) => api.stop()).then(
      () => true,
      () => true,
    )
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), STOP_GRACE))
    if ((await Promise.race([heard, late])) || this.#run !== run || !run.isSaved) return
    run.isCut = true
    live.end('stopped within a step')
  }

  probe = () => this.#call((api) => api.probe())
  pause = () => this.#call((api) => api.pause())
  resume = () => this.#call((api) => api.resume())
  setLocked: TrainerApi['setLocked'] = (locked) => this.#call((api) => api.setLocked(locked))
  async resumable(): Promise<ResumableRun[]> {
    const { hasCheckpoints } = this.#options
    return hasCheckpoints && !(await hasCheckpoints()) ? [] : this.#call((api) => api.resumable())
  }
  discard: TrainerApi['discard'] = (key) => this.#call((api) => api.discard(key))
  tryDepths: TrainerApi['tryDepths'] = async (dataset) => {
    this.#isTrying = true
    try {
      return await this.#call((api) => api.tryDepths(dataset))
    } finally {
      this.#isTrying = false
    }
  }
  async keptRuns(): Promise<KeptRun[]> {
    const { hasRuns } = this.#options
    return hasRuns && !(await hasRuns()) ? [] : this.#call((api) => api.keptRuns())
  }
  openRun: TrainerApi['openRun'] = (id) => this.#call((api) => api.openRun(id))
  keepRun = () => this.#call((api) => api.keepRun())
  runPredictions: TrainerApi['runPredictions'] = (id) => this.#call((api) => api.runPredictions(id))
  renameRun: TrainerApi['renameRun'] = (id, name) => this.#call((api) => api.renameRun(id, name))
  removeRun: TrainerApi['removeRun'] = (id) => this.#call((api) => api.removeRun(id))
  forgetPhotos: TrainerApi['forgetPhotos'] = () => this.#call((api) => api.forgetPhotos())
  nameClasses: TrainerApi['nameClasses'] = (classes) => this.#call((api) => api.nameClasses(classes))
  bestWeights = () => this.#call((api) => api.bestWeights())
  loadForClassifying: TrainerApi['loadForClassifying'] = (name, bytes) =>
    this.#call((api) => api.loadForClassifying(name, bytes))
  forgetLoaded = () => this.#call((api) => api.forgetLoaded())
  classify: TrainerApi['classify'] = (pixels, size) => this.#call((api) => api.classify(pixels, size))
  classifyPhotos: TrainerApi['classifyPhotos'] = (samples, top) =>
    this.#call((api) => api.classifyPhotos(samples, top))
  describeWeights = () => this.#call((api) => api.describeWeights())
  predict: TrainerApi['predict'] = (dataset, split) => this.#call((api) => api.predict(dataset, split))
  engine = () => this.#call((api) => api.engine())

  /** Ends the worker and a run that goes on, without an event. The next call starts another worker. */
  close(): void {
    this.#run = null
    this.#endWorker('the trainer was closed')
  }

  #endWorker(reason: string): void {
    this.#live = null
    this.#worker?.end(reason)
  }

  async #call<T>(ask: (api: Remote<TrainerApi>) => Promise<T>): Promise<T> {
    this.#live ??= this.#start()
    return (await this.#live).ask(ask)
  }

  async #start(): Promise<LiveWorker<TrainerApi>> {
    const worker =
      this.#options.startWorker?.() ??
      new Worker(new URL('./trainer.worker.ts', import.meta.url), { type: 'module', name: 'trainer' })
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }: MessageEvent<TrainEvent>) => this.#hear(data)
    const live = new LiveWorker<TrainerApi>(worker, () => {
      port1.close()
      // Another worker may have been started meanwhile.
      if (this.#worker === live) this.#live = null
    })
    this.#worker = live
    try {
      const ports = await this.#options.loaderPorts()
      await live.ask(async (api) => {
        await api.begin(document.baseURI)
        await api.connectEvents(transfer(port2, [port2]))
        await api.connectLoaders(transfer(ports, ports))
      })
      return live
    } catch (error) {
      live.end('the trainer worker could not start')
      throw error
    }
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

  async #hasCheckpoint(key: string): Promise<boolean> {
    return (await this.resumable()).some(({ checkpointKey }) => checkpointKey === key)
  }

  #hear(event: TrainEvent): void {
    const run = this.#run
    if (run && event.type === 'checkpoint') {
      run.isSaved = true
      run.deaths = 0
    } else if (run && event.type === 'epoch') {
      run.isSaved = false
      if (event.isBest) run.predictions = event.predictions
    }
    this.#emit(event)
    if (event.type === 'finished' || event.type === 'failed') run?.end()
  }

  #emit(event: TrainEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

function clientRun(request: RunRequest): ClientRun {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { request, deaths: 0, isSaved: false, isCut: false, predictions: [], ended, end }
}

/** Names, since Comlink carries no more of an error. A run throws an EngineError only where the instance is dead. */
const DEATHS = ['WorkerDeath', 'EngineError']
