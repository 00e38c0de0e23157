/** The trainer: one run at a time, its events, its result, and classifying with it. Knows no worker and no page. */
import type { ClassInfo, Dataset, Sample, Split } from '../dataset/types.ts'
import { EngineError, EngineUnavailable, type ProbeResult } from '../engine/index.ts'
import type { LockableStage } from '../model/index.ts'
import { openWeightFile, type WeightFile, WeightsError } from '../weights/index.ts'
import type { CheckpointService } from './checkpoints.ts'
import { Classifier, type Classifying } from './classifier.ts'
import { RunControl } from './control.ts'
import { type DepthReport, tryDepths } from './depth.ts'
import type { EngineInfo, FailureCode, History, Metrics, PhotoPrediction, TrainEvent } from './events.ts'
import { makeHistory } from './history.ts'
import type { Keeping } from './kept/keeping.ts'
import { RememberedFeatures } from './kept/remembered.ts'
import type { EndedRun, KeptRunService } from './kept-runs.ts'
import type { Engines } from './open-engine.ts'
import type { PhotoLoader } from './photos.ts'
import { resultFile } from './result.ts'
import { RunFailure } from './run.ts'
import { complete } from './run-state.ts'
import { session } from './session.ts'
import { aboutRun, type FetchBuiltin, type HeldRun, heldAgain, startRun } from './start.ts'
import type {
  Classification,
  ClassifierInfo,
  KeptRun,
  PhotoAnswer,
  ResumableRun,
  RunEnd,
  RunRequest,
  WeightFileInfo,
} from './trainer-api.ts'

export interface TrainerParts {
  engines: Engines
  checkpoints: CheckpointService
  runs: KeptRunService
  fetchBuiltin: FetchBuiltin
  photos(): PhotoLoader
  /** Where what resting stages give is kept. */
  keeping: Keeping
  emit(event: TrainEvent): void
}

export class Trainer {
  readonly #parts: TrainerParts
  readonly #classifier: Classifier
  readonly #remembered = new RememberedFeatures()
  #control: RunControl | null = null
  #held: HeldRun | null = null
  #engine: EngineInfo | null = null
  /** The held run as it ended, ready to be kept. */
  #ended: EndedRun | null = null
  /** Of the held run's best weights. */
  #predictions: readonly PhotoPrediction[] = []
  /** A file that was loaded since the last run. */
  #file: { bytes: Uint8Array<ArrayBuffer>; classifying: Classifying } | null = null
  /** The best weights of the run, ready to classify with. */
  #best: { of: unknown; classifying: Classifying } | null = null

  constructor(parts: TrainerParts) {
    this.#parts = parts
    this.#classifier = new Classifier(async () => {
      // With the kernels of the run, so that nothing is measured again.
      const { engine, kernels } = this.#engine ?? { engine: (await parts.engines.probe()).chosen }
      return parts.engines.create(engine, { kernels })
    })
  }

  probe(): Promise<ProbeResult> {
    return this.#parts.engines.probe()
  }

  /**
   * Resolves when the run is over: finished, stopped or failed, as the events say.
   * @throws where a run is going on, and EngineError `dead` where only a new worker helps.
   */
  async run(request: RunRequest): Promise<void> {
    if (this.#control) throw new Error('a run is going on')
    const control = new RunControl()
    this.#control = control
    this.#file = null
    const before = this.#held
    const began = performance.now()
    let predictions: readonly PhotoPrediction[] = this.#predictions
    const ended = async (how: RunEnd, of: readonly PhotoPrediction[], test: Metrics | null) => {
      // Without an epoch of its own it is the run before, which is kept already.
      if (this.#held === before) return
      await this.#keepEnded(request, {
        ended: how,
        predictions: of,
        test,
        seconds: (performance.now() - began) / 1000,
      })
    }
    this.#ended = null
    try {
      const parts = {
        ...this.#parts,
        photos: this.#parts.photos(),
        fetchBuiltin: () =>
          this.#parts.fetchBuiltin(({ received: done, total }) =>
            this.#parts.emit({ type: 'preparing', phase: 'weights', done, total: total ?? 0 }),
          ),
        held: before,
        heldPredictions: this.#predictions,
        remembered: this.#remembered,
        opened: (engine: EngineInfo) => {
          this.#engine = engine
        },
        hold: (held: HeldRun) => {
          this.#held = held
        },
        ended,
      }
      for await (const event of session(parts, request, control)) {
        if (event.type === 'epoch' && event.isBest) predictions = event.predictions
        else if (event.type === 'finished') this.#predictions = event.predictions
        this.#parts.emit(event)
      }
    } catch (error) {
      if (error instanceof EngineError && error.kind === 'dead') throw error
      await ended('failed', predictions, null)
      if (this.#held !== before) this.#predictions = predictions
      this.#parts.emit({
        type: 'failed',
        ...failureOf(error),
        history: this.#held === before ? null : this.#history(),
      })
    } finally {
      this.#control = null
    }
  }

  /**
   * Tries which depth is worth training after the held run; null where it was stopped or nothing follows.
   * @throws where a run is going on, or none is held
   */
  async tryDepths(dataset: Dataset): Promise<DepthReport | null> {
    if (this.#control) throw new Error('a run is going on')
    if (!this.#held) throw new Error('there is no run to go on from')
    const control = new RunControl()
    this.#control = control
    try {
      const { engines, keeping, photos } = this.#parts
      return await tryDepths({ engines, keeping, photos: photos() }, dataset, this.#held, control)
    } finally {
      this.#control = null
    }
  }

  /** Keeps the run that ended where the request says so; a storage that is full or refuses stops nothing. */
  async #keepEnded(
    { keeps, checkpointKey }: RunRequest,
    how: Pick<EndedRun, 'ended' | 'predictions' | 'test' | 'seconds'>,
  ): Promise<void> {
    if (!this.#held?.state.best) return
    const { about, classes, keep: weightFile } = this.#held
    const { base, ...state } = this.#held.state
    this.#ended = { about, classes, checkpointKey, state, weightFile, ...how }
    if (!keeps) return
    try {
      await this.keepRun()
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      this.#parts.emit({ type: 'notice', code: 'run-not-kept', detail })
    }
  }

  /** @throws where there is nothing to keep, or the storage is full or refuses */
  async keepRun(): Promise<KeptRun> {
    if (!this.#ended) throw new Error('no run has ended')
    const { classes } = this.#held ?? this.#ended
    const run = await this.#parts.runs.keep({ ...this.#ended, classes })
    this.#parts.emit({ type: 'kept', run })
    return run
  }

  keptRuns(): Promise<KeptRun[]> {
    return this.#parts.runs.list()
  }

  /** Holds a kept run as if it had just ended. @throws RunFailure where it, or what it stands on, is gone */
  async openRun(id: string): Promise<PhotoPrediction[]> {
    if (this.#control) throw new Error('a run is going on')
    const run = await this.#parts.runs.load(id)
    if (!run) throw new RunFailure('checkpoint', `the run ${id} is gone or damaged`)
    const held = await heldAgain(run, () => this.#parts.fetchBuiltin())
    // One may have begun meanwhile, and what it holds is its own.
    if (this.#control) throw new Error('a run is going on')
    this.#held = held
    this.#predictions = run.predictions
    this.#ended = null
    this.#engine = run.about.engine
    this.#file = null
    return [...run.predictions]
  }

  runPredictions(id: string): Promise<PhotoPrediction[]> {
    return this.#parts.runs.predictions(id)
  }

  renameRun(id: string, name: string): Promise<void> {
    return this.#parts.runs.rename(id, name)
  }

  removeRun(id: string): Promise<void> {
    return this.#parts.runs.remove(id)
  }

  /** Holds what a checkpoint holds, as a run that was stopped. @throws RunFailure where there is none */
  async restore(request: RunRequest, predictions: readonly PhotoPrediction[]): Promise<void> {
    const { checkpoints, fetchBuiltin, emit } = this.#parts
    const start = await startRun({ ...request, resume: true }, checkpoints, fetchBuiltin, null)
    const { engine, state, keep } = start
    if (!engine) throw new Error('a resumed run has an engine')
    const { dataset } = request
    this.#engine = engine
    this.#held = { about: aboutRun(start, dataset, engine), classes: dataset.classes, state, keep }
    const history = makeHistory(engine, state.epochs, state.best?.mark ?? null)
    this.#predictions = predictions
    const seconds = state.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0)
    await this.#keepEnded(request, { ended: 'stopped', predictions, test: null, seconds })
    emit({
      type: 'finished',
      reason: 'stopped',
      history,
      predictions: [...predictions],
      recipe: start.recipe,
    })
  }

  /** Between steps, where it is said by an event. */
  pause(): void {
    this.#control?.pause()
  }

  resume(): void {
    this.#control?.resume()
  }

  /** After the current step; the best weights are kept. */
  stop(): void {
    this.#control?.stop()
  }

  /** From the running stage's next epoch on. */
  setLocked(locked: readonly LockableStage[]): void {
    this.#control?.setLocked(locked)
  }

  resumable(): Promise<ResumableRun[]> {
    return this.#parts.checkpoints.list()
  }

  /** The photos may be others from now on, under the same names. */
  forgetPhotos(): void {
    this.#remembered.forget()
  }

  async discard(checkpointKey: string): Promise<void> {
    await this.#parts.checkpoints.discard(checkpointKey)
  }

  /** Names given since the run began; they go into its result. Those of another dataset's classes are left alone. */
  nameClasses(classes: readonly ClassInfo[]): void {
    const ids = (of: readonly ClassInfo[]) => of.map(({ id }) => id).join('/')
    if (!this.#held || ids(this.#held.classes) !== ids(classes)) return
    this.#held = { ...this.#held, classes }
    this.#best = null
  }

  /** The loaded file, or the best weights of the run so far as a file. @throws where there is neither. */
  bestWeights(): Uint8Array<ArrayBuffer> {
    if (this.#file) return this.#file.bytes
    const best = this.#held?.state.best
    if (!this.#held || !best) throw new Error('no epoch has been trained yet')
    return resultFile(this.#held, best)
  }

  /** @throws WeightsError where the file is none of ours. */
  loadForClassifying(name: string, bytes: Uint8Array<ArrayBuffer>): ClassifierInfo {
    const file = openWeightFile(bytes)
    const info = classifierInfo(name, file)
    const { classes, evaluation } = info
    this.#file = { bytes, classifying: { state: file.state, classes, evaluation } }
    return info
  }

  /** What `bestWeights` would give. @throws where there is nothing. */
  describeWeights(): WeightFileInfo {
    const bytes = this.bestWeights()
    const file = openWeightFile(bytes)
    const { recipe, version } = file.metadata
    const info = classifierInfo('the file', file)
    return { ...info, bytes: bytes.length, entries: file.state.size, recipe, version }
  }

  /** The run's weights are in use again. */
  forgetLoaded(): void {
    this.#file = null
  }

  /** One square RGB picture [size, size, 3]. */
  classify(pixels: Uint8Array, size: number): Promise<Classification> {
    return this.#classifier.classify(this.#classifying(), pixels, size)
  }

  classifyPhotos(samples: readonly Sample[], top: number): Promise<PhotoAnswer[]> {
    return this.#classifier.classifyPhotos(this.#classifying(), this.#parts.photos(), samples, top)
  }

  predict(dataset: Dataset, split: Split): Promise<PhotoPrediction[]> {
    return this.#classifier.predict(this.#classifying(), this.#parts.photos(), dataset, split)
  }

  engine(): EngineInfo | null {
    return this.#engine
  }

  /** The loaded file's weights, else the best of the run so far. */
  #classifying(): Classifying {
    if (this.#file) return this.#file.classifying
    const best = this.#held?.state.best
    if (!this.#held || !best) throw new Error('there are no weights to classify with yet')
    if (this.#best?.of !== best) {
      const { about, classes, state } = this.#held
      const classifying = {
        state: complete(state.base, best.weights),
        classes: classes.map(({ name }) => name),
        evaluation: about.recipe.evaluation,
      }
      this.#best = { of: best, classifying }
    }
    return this.#best.classifying
  }

  #history(): History | null {
    if (!this.#held || !this.#engine) return null
    const { epochs, best } = this.#held.state
    return makeHistory(this.#engine, epochs, best?.mark ?? null)
  }
}

/** @throws WeightsError where the file does not say what is needed to classify with it. */
function classifierInfo(name: string, { classes: outputs, metadata }: WeightFile): ClassifierInfo {
  if (outputs === null) throw new WeightsError('unsupported', `${name} has no classifier: train one first.`)
  const { classes, preprocessing, accuracy } = metadata
  if (!classes || !preprocessing)
    throw new WeightsError('unsupported', `${name} does not say its classes and how photos are prepared.`)
  const { size, resize } = preprocessing
  return { classes, size, evaluation: { mode: resize.mode, resize: resize.size, crop: size }, accuracy }
}

function failureOf(error: unknown): { code: FailureCode; detail: string } {
  const detail = error instanceof Error ? error.message : String(error)
  if (error instanceof RunFailure) return { code: error.code, detail }
  if (error instanceof WeightsError) return { code: 'weights', detail }
  if (error instanceof EngineUnavailable) return { code: 'no-webgpu', detail }
  return { code: 'internal', detail }
}
