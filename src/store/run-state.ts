/** What the page knows of a run: a pure function of the trainer's events. */
import type { FreezePlan } from '../model/index.ts'
import type { Recipe, TrainingStage } from '../recipe/index.ts'
import type {
  BestMark,
  EngineInfo,
  EpochLog,
  FailureCode,
  History,
  Metrics,
  NoticeCode,
  Phase,
  PhotoPrediction,
  TrainEvent,
} from '../training/events.ts'
import { addStep, emptySeries, type StepSeries } from './step-series.ts'

/** `starting`: between the click and the first loss. */
export type RunStatus =
  | 'idle'
  | 'starting'
  | 'running'
  | 'paused'
  | 'stopping'
  | 'completed'
  | 'stopped'
  | 'failed'

export interface RunState {
  status: RunStatus
  phase: Phase | null
  preparing: { phase: Phase; done: number; total: number } | null
  stage: TrainingStage | null
  /** Epochs of the running stage. */
  stageEpochs: number
  /** 1 for the stage's first epoch; 0 before it. */
  epoch: number
  step: number
  steps: number
  samplesPerSecond: number | null
  learningRate: number | null
  validating: { done: number; total: number } | null
  /** The running stage's freeze plan. */
  locked: FreezePlan
  /** What the person asked for during the run: holds from the next epoch on. */
  nextLocked: FreezePlan | null
  epochs: readonly EpochLog[]
  stepSeries: StepSeries
  best: BestMark | null
  /** Of the newest epoch, then of the best weights when the run is over. */
  predictions: readonly PhotoPrediction[]
  /** The predicted class of each watched photo in each epoch: path -> one class an epoch. */
  watched: ReadonlyMap<string, readonly number[]>
  skipped: readonly { path: string; reason: string }[]
  notices: readonly { code: NoticeCode; detail: string }[]
  failure: { code: FailureCode; detail: string } | null
  test: Metrics | null
  /** What a run that is over leaves: given again, the recipe repeats it. */
  result: { history: History; recipe: Recipe } | null
  engine: EngineInfo | null
  engineWhy: 'named' | 'probe' | 'only-choice' | null
  /** Milliseconds, `performance.now()` of the page. */
  startedAt: number
  epochStartedAt: number
}

/** How many validation photos are watched during the whole run. */
export const WATCHED = 24

export const idleRun: RunState = {
  status: 'idle',
  phase: null,
  preparing: null,
  stage: null,
  stageEpochs: 0,
  epoch: 0,
  step: 0,
  steps: 0,
  samplesPerSecond: null,
  learningRate: null,
  validating: null,
  locked: [],
  nextLocked: null,
  epochs: [],
  stepSeries: emptySeries,
  best: null,
  predictions: [],
  watched: new Map(),
  skipped: [],
  notices: [],
  failure: null,
  test: null,
  result: null,
  engine: null,
  engineWhy: null,
  startedAt: 0,
  epochStartedAt: 0,
}

export const isActive = (status: RunStatus): boolean =>
  status === 'starting' || status === 'running' || status === 'paused' || status === 'stopping'

/** The state after one event that arrived at `now` ms. */
export function reduceRun(state: RunState, event: TrainEvent, now: number): RunState {
  switch (event.type) {
    case 'phase':
      return { ...state, phase: event.phase, preparing: null }
    case 'engine':
      return { ...state, engine: event.info, engineWhy: event.why }
    case 'preparing':
      return { ...state, phase: event.phase, preparing: event }
    case 'stage':
      return {
        ...state,
        stage: event.stage,
        stageEpochs: event.epochs,
        locked: event.locked,
        nextLocked: null,
        epoch: 0,
        step: 0,
        steps: 0,
        validating: null,
        epochStartedAt: now,
      }
    case 'step':
      return {
        ...state,
        status: state.status === 'starting' ? 'running' : state.status,
        phase: null,
        preparing: null,
        validating: null,
        stage: event.stage,
        epoch: event.epoch,
        step: event.step,
        steps: event.steps,
        samplesPerSecond: event.samplesPerSecond,
        learningRate: event.learningRate,
        stepSeries: addStep(state.stepSeries, {
          position: finishedEpochs(state, event.epoch) + event.step / event.steps,
          loss: event.loss,
        }),
        epochStartedAt: event.epoch === state.epoch ? state.epochStartedAt : now,
      }
    case 'validating':
      return { ...state, stage: event.stage, epoch: event.epoch, validating: event, preparing: null }
    case 'epoch':
      return {
        ...state,
        status: state.status === 'starting' ? 'running' : state.status,
        phase: null,
        preparing: null,
        validating: null,
        stage: event.log.stage,
        epoch: event.log.epoch,
        locked: state.nextLocked ?? event.log.locked,
        nextLocked: null,
        epochs: [...state.epochs, event.log],
        best: event.best,
        predictions: event.predictions,
        watched: watch(state.watched, event.predictions, state.epochs.length),
        epochStartedAt: now,
      }
    case 'photo-skipped':
      return { ...state, skipped: [...state.skipped, { path: event.path, reason: event.reason }] }
    case 'notice':
      return { ...state, notices: [...state.notices, { code: event.code, detail: event.detail }] }
    case 'paused':
      return { ...state, status: state.status === 'stopping' ? 'stopping' : 'paused' }
    case 'resumed':
      return { ...state, status: 'running', epochStartedAt: now }
    case 'tested':
      return { ...state, test: event.test }
    case 'finished':
      return {
        ...state,
        status: event.reason,
        phase: null,
        preparing: null,
        validating: null,
        epochs: event.history.epochs,
        best: event.history.best,
        test: event.history.test ?? state.test,
        result: { history: event.history, recipe: event.recipe },
        predictions: event.predictions.length > 0 ? event.predictions : state.predictions,
      }
    case 'failed':
      return {
        ...state,
        status: 'failed',
        phase: null,
        preparing: null,
        validating: null,
        failure: { code: event.code, detail: event.detail },
      }
    default:
      return state
  }
}

/** Epochs before the running one on the charts' axis. */
function finishedEpochs(state: RunState, epoch: number): number {
  const inStage = state.epochs.filter((log) => log.stage === state.stage).length
  // After a resume the history is shorter than the epoch's number says; the axis counts what is drawn.
  return state.epochs.length - inStage + Math.min(inStage, epoch - 1)
}

/** The watched photos are the first ones of the first epoch, spread over the classes. */
function watch(
  watched: RunState['watched'],
  predictions: readonly PhotoPrediction[],
  epochsBefore: number,
): RunState['watched'] {
  const valid = predictions.filter((prediction) => prediction.split === 'valid')
  const paths = watched.size > 0 ? [...watched.keys()] : spread(valid).map((prediction) => prediction.path)
  const given = new Map(valid.map((prediction) => [prediction.path, prediction.predictedClass]))
  return new Map(
    paths.map((path) => {
      const past = watched.get(path) ?? new Array<number>(epochsBefore).fill(-1)
      return [path, [...past, given.get(path) ?? -1]]
    }),
  )
}

/** Up to `WATCHED` predictions, the classes in turn. */
function spread(predictions: readonly PhotoPrediction[]): PhotoPrediction[] {
  const byClass = new Map<number, PhotoPrediction[]>()
  for (const prediction of predictions) {
    const list = byClass.get(prediction.trueClass) ?? []
    if (list.length < WATCHED) list.push(prediction)
    byClass.set(prediction.trueClass, list)
  }
  const lists = [...byClass.values()]
  const chosen: PhotoPrediction[] = []
  for (let rank = 0; chosen.length < WATCHED && rank < WATCHED; rank++)
    for (const list of lists) if (rank < list.length && chosen.length < WATCHED) chosen.push(list[rank])
  return chosen
}
