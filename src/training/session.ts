/** One run from the click to its result: weights, engine, stages, result; what is lost on the way is opened again. */
import { EngineError, EngineUnavailable } from '../engine/index.ts'
import { stagesOf } from '../recipe/index.ts'
import { largestBatch } from './batches.ts'
import type { AboutRun } from './checkpoint.ts'
import type { CheckpointService } from './checkpoints.ts'
import type { RunControl } from './control.ts'
import type { EngineInfo, Metrics, PhotoPrediction, TrainEvent } from './events.ts'
import { makeHistory } from './history.ts'
import type { Keeping } from './kept/keeping.ts'
import type { RememberedFeatures } from './kept/remembered.ts'
import {
  chooseMicroBatch,
  type Engines,
  engineOptions,
  type OpenEngine,
  openEngine,
  resolvedFor,
} from './open-engine.ts'
import type { PhotoLoader } from './photos.ts'
import { testResult } from './result.ts'
import { type Run, RunFailure, StepFailure, stepConfig } from './run.ts'
import { complete, type RunState } from './run-state.ts'
import { aboutRun, type FetchBuiltin, type HeldRun, type Start, startRun } from './start.ts'
import { train } from './train.ts'
import type { RunEnd, RunRequest } from './trainer-api.ts'

/** What a session works with. */
export interface SessionParts {
  engines: Engines
  checkpoints: CheckpointService
  fetchBuiltin: FetchBuiltin
  photos: PhotoLoader
  keeping: Keeping
  remembered: RememberedFeatures
  /** The run before, if any. */
  held: HeldRun | null
  /** Of its best weights. */
  heldPredictions: readonly PhotoPrediction[]
  /** Told which engine runs. */
  opened(engine: EngineInfo): void
  /** Given the run so far after each epoch. */
  hold(held: HeldRun): void
  /** Given the run that ended, before its checkpoints go. */
  ended(how: RunEnd, predictions: readonly PhotoPrediction[], test: Metrics | null): Promise<void>
  /** For what happens beside the run's own course. */
  emit(event: TrainEvent): void
}

/** Engines that may be lost within one epoch before the run gives up. */
const MOST_LOSSES = 3

export async function* session(
  parts: SessionParts,
  request: RunRequest,
  control: RunControl,
): AsyncGenerator<TrainEvent, void> {
  yield { type: 'phase', phase: 'weights' }
  const start = await startRun(request, parts.checkpoints, parts.fetchBuiltin, parts.held)
  yield { type: 'phase', phase: 'engine' }
  const running = new Running(parts, request, control, start, await openEngine(parts.engines, start.recipe))
  try {
    yield await running.prepare()
    while (!(yield* running.train())) yield* running.reopen()
    yield* running.finish()
  } finally {
    await running.close()
  }
}

/** A run with what is replaced while it goes: its engine, its micro-batch, its newest state. */
class Running {
  readonly #parts: SessionParts
  readonly #request: RunRequest
  readonly #control: RunControl
  readonly #start: Start
  #opened: OpenEngine
  #state: RunState
  #microBatch: number | null = null
  #bestPredictions: PhotoPrediction[] = []
  #failure: unknown = null
  /** Engines lost since the last whole epoch. */
  #losses = 0
  #wasLostInStep = false
  #saving: Promise<void> = Promise.resolve()
  #saveFailed = false

  constructor(
    parts: SessionParts,
    request: RunRequest,
    control: RunControl,
    start: Start,
    opened: OpenEngine,
  ) {
    this.#parts = parts
    this.#request = request
    this.#control = control
    this.#start = start
    this.#state = start.state
    // A run that goes on may end with the best weights that it began with.
    const { best } = start.state
    if (best && best === parts.held?.state.best) this.#bestPredictions = [...parts.heldPredictions]
    this.#opened = opened
  }

  /** Decides the micro-batch and makes room for checkpoints. */
  async prepare(): Promise<TrainEvent> {
    const { checkpoints } = this.#parts
    const { recipe, keep, weights } = this.#start
    const { checkpointKey, resume, deaths = 0 } = this.#request
    const resolved = resolvedFor(recipe)
    this.#microBatch = resolved ? resolved.microBatch : await this.#fittingMicroBatch()
    for (let i = 0; i < deaths; i++) this.#halveMicroBatch('the engine died')
    if (!resume) await checkpoints.discard(checkpointKey)
    if (keep) await this.#store(() => checkpoints.keepWeights(checkpointKey, weights.sha256, keep))
    // What it goes on from stood in checkpoints that are gone: until its own first epoch there would be none.
    if (!resume && this.#state.epochs.length > 0) await this.#save(this.#state)
    const { why, probe } = this.#opened
    const info = this.#info()
    this.#parts.opened(info)
    if (resolved && resolved.kernels !== info.kernels)
      this.#parts.emit({ type: 'notice', code: 'other-kernels', detail: info.kernels })
    if (info.microBatch !== null && info.microBatch < this.#largestBatch())
      this.#parts.emit({ type: 'notice', code: 'micro-batch', detail: String(info.microBatch) })
    return { type: 'engine', info, why, ...(probe && { probe }) }
  }

  /** Trains on from the last whole epoch; false: something was thrown, which `reopen` looks at. */
  async *train(): AsyncGenerator<TrainEvent, boolean> {
    try {
      const progress = train(this.#run(), this.#state)
      for (let next = await progress.next(); !next.done; next = await progress.next()) {
        const event = next.value
        if (event.type === 'epoch') {
          this.#losses = 0
          if (event.isBest) this.#bestPredictions = event.predictions
        }
        yield event
      }
      return true
    } catch (error) {
      this.#failure = error
      return false
    }
  }

  /** Opens another engine after one that was lost. @throws what cannot be mended so. */
  async *reopen(): AsyncGenerator<TrainEvent, void> {
    const inStep = this.#failure instanceof StepFailure
    const error = this.#failure instanceof StepFailure ? this.#failure.cause : this.#failure
    if (!(error instanceof EngineError) || error.kind === 'dead') throw error
    const { kind } = error
    if (++this.#losses > MOST_LOSSES) throw new RunFailure(kind, error.message)
    // A device that is lost within a step counts once as one whose memory was too small.
    const halves = kind === 'out-of-memory' || (inStep && !this.#wasLostInStep)
    this.#wasLostInStep ||= inStep
    if (halves) this.#halveMicroBatch(error.message)
    const { engine, kernels } = this.#opened.engine.description
    await this.close()
    const options = { ...engineOptions(this.#start.recipe), kernels }
    const opened = this.#parts.engines.create(engine, options).catch((cause) => {
      throw cause instanceof EngineUnavailable ? new RunFailure(kind, cause.message) : cause
    })
    this.#opened = { ...this.#opened, engine: await opened }
    this.#parts.opened(this.#info())
    if (kind === 'device-lost') yield { type: 'notice', code: 'device-reopened', detail: error.message }
  }

  /** Tests the best weights and says what the run came to. Nothing is left to resume. */
  async *finish(): AsyncGenerator<TrainEvent, void> {
    await this.#saving
    const { best, epochs } = this.#state
    const { recipe } = this.#about()
    const stopped = { reason: 'stopped', predictions: this.#bestPredictions, recipe } as const
    const result = best && !this.#control.stopped ? yield* testResult(this.#run(), this.#held(), best) : null
    const test = result?.test ?? undefined
    const history = makeHistory(this.#info(), epochs, best?.mark ?? null, test)
    if (!result) {
      await this.#parts.ended('stopped', this.#bestPredictions, null)
      yield { type: 'finished', ...stopped, history }
      return
    }
    if (test) yield { type: 'tested', test }
    await this.#parts.ended('completed', result.predictions, result.test)
    await this.#parts.checkpoints.discard(this.#request.checkpointKey)
    yield { type: 'finished', reason: 'completed', predictions: result.predictions, recipe, history }
  }

  async close(): Promise<void> {
    await this.#saving
    // An engine that was lost may fail to close; there is nothing left in it to save.
    await Promise.resolve(this.#opened.engine[Symbol.asyncDispose]()).catch(() => undefined)
  }

  #run(): Run {
    const { recipe, stages, datasetHash, weights } = this.#start
    return {
      engine: this.#opened.engine,
      photos: this.#parts.photos,
      keeping: this.#parts.keeping,
      remembered: this.#parts.remembered,
      photosKey: `${this.#request.dataset.name} ${datasetHash}`,
      weights: weights.sha256,
      recipe,
      dataset: this.#request.dataset,
      stages,
      control: this.#control,
      microBatch: this.#microBatch,
      keep: (state) => this.#keep(state),
    }
  }

  /** The epoch is held at once and written beside the next one; at most one write is in flight. */
  async #keep(state: RunState): Promise<void> {
    this.#state = state
    this.#parts.hold(this.#held())
    await this.#saving
    this.#saving = this.#save(state)
  }

  async #save(state: RunState): Promise<void> {
    const { base, ...changed } = state
    const checkpoint = { about: this.#about(), savedAt: new Date().toISOString(), state: changed }
    const { checkpoints, emit } = this.#parts
    await this.#store(async () => {
      await checkpoints.save(this.#request.checkpointKey, checkpoint)
      emit({ type: 'checkpoint', stage: state.stage, epoch: state.epochsDone })
    })
  }

  #halveMicroBatch(reason: string): void {
    const current = Math.min(this.#microBatch ?? this.#start.recipe.batch, this.#largestBatch())
    if (current === 1) throw new RunFailure('out-of-memory', reason)
    this.#microBatch = Math.ceil(current / 2)
    this.#parts.emit({ type: 'notice', code: 'micro-batch-halved', detail: String(this.#microBatch) })
  }

  /** A full or forbidden disk is said once and stops nothing. */
  async #store(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      if (this.#saveFailed) return
      this.#saveFailed = true
      const detail = error instanceof Error ? error.message : String(error)
      this.#parts.emit({ type: 'notice', code: 'checkpoint-failed', detail })
    }
  }

  #held(): HeldRun {
    const { keep } = this.#start
    return { about: this.#about(), classes: this.#request.dataset.classes, state: this.#state, keep }
  }

  #info(): EngineInfo {
    const { engine, adapter, kernels } = this.#opened.engine.description
    return { engine, adapter, kernels, microBatch: this.#microBatch }
  }

  #about(): AboutRun {
    return aboutRun(this.#start, this.#request.dataset, this.#info())
  }

  /** Photos of this run's largest batch. */
  #largestBatch(): number {
    const { samples } = this.#request.dataset
    const photos = samples.filter(({ split }) => split === 'train').length
    return Math.min(largestBatch(this.#start.recipe), photos)
  }

  /** As the stages' own plans need it, run now or later: stages asked for one by one sum as all at once. */
  async #fittingMicroBatch(): Promise<number | null> {
    const { recipe, state } = this.#start
    const { engine } = this.#opened
    await engine.load(complete(state.base, state.weights))
    return chooseMicroBatch(engine, recipe, stagesOf(recipe), (stage) =>
      engine.configure(stepConfig(this.#run(), stage, recipe.stages[stage].locked)),
    )
  }
}
