/** What a run says while it goes: one stream of typed events, and the record that it leaves. */
import type { Metrics } from '../evaluation/index.ts'
import type { FreezePlan } from '../model/index.ts'
import type { Recipe, TrainingStage } from '../recipe/index.ts'
import type { KeptRun } from './trainer-api.ts'

export type { Metrics }

/** One epoch of the history. `learningRate` is that of the epoch's first step (before stage scales). */
export interface EpochLog {
  stage: TrainingStage
  /** 1 for the stage's first epoch. */
  epoch: number
  learningRate: number
  train: Metrics
  valid: Metrics
  seconds: number
  locked: FreezePlan
}

export interface BestMark {
  stage: TrainingStage
  epoch: number
  /** Validation accuracy, 0..1. */
  accuracy: number
  loss: number
}

/** One classified photo of the dataset. */
export interface PhotoPrediction {
  path: string
  split: 'train' | 'valid' | 'test'
  trueClass: number
  predictedClass: number
  /** Probability of the predicted class. */
  confidence: number
  /** Cross entropy without smoothing: exp(-loss) is the true class's probability. */
  loss: number
}

export interface EngineInfo {
  engine: 'webgpu' | 'wasm' | 'cpu'
  /** What the browser says of the adapter, for people; never used to decide anything. */
  adapter: string
  /** Id of the kernel choice; the same id sums in the same order. */
  kernels: string
  /** Photos per forward and backward pass; null where the whole batch goes at once. */
  microBatch: number | null
}

/** What `history.json` holds. */
export interface History {
  epochs: EpochLog[]
  best: BestMark | null
  test?: Metrics
  engine: EngineInfo['engine']
  adapter: string
  kernels: string
  /** Photos per forward and backward pass, where that is less than the batch. */
  microBatch?: number
  version: string
}

/** What happens before the first loss, in order. */
export type Phase = 'weights' | 'engine' | 'photos' | 'features'

export type TrainEvent =
  | { type: 'phase'; phase: Phase }
  | {
      type: 'engine'
      info: EngineInfo
      why: 'named' | 'probe' | 'only-choice'
      probe?: { webgpu?: number; wasm?: number }
    }
  /** Bytes of the weights fetched, photos decoded before the first step, or features computed; `total` 0: unknown. */
  | { type: 'preparing'; phase: Phase; done: number; total: number }
  | { type: 'stage'; stage: TrainingStage; epochs: number; locked: FreezePlan }
  | {
      type: 'step'
      stage: TrainingStage
      epoch: number
      /** 1 for the epoch's first step. */
      step: number
      steps: number
      loss: number
      learningRate: number
      /** Photos trained in this epoch so far, and their rate. */
      samples: number
      samplesPerSecond: number
    }
  | { type: 'validating'; stage: TrainingStage; epoch: number; done: number; total: number }
  | { type: 'epoch'; log: EpochLog; best: BestMark; isBest: boolean; predictions: PhotoPrediction[] }
  /** A photo that could not be read: skipped from now on. */
  | { type: 'photo-skipped'; path: string; reason: string }
  /** Something a person should know that stops nothing, e.g. a lost device that was reopened. */
  | { type: 'notice'; code: NoticeCode; detail: string }
  /** The epoch's checkpoint is safe: `exportCheckpoint` gives it. */
  | { type: 'checkpoint'; stage: TrainingStage; epoch: number }
  /** The run that ended is kept under an id. */
  | { type: 'kept'; run: KeptRun }
  | { type: 'paused' }
  | { type: 'resumed' }
  | { type: 'tested'; test: Metrics }
  /** The last event of a run. `stopped`: by the person; the best weights so far are kept. */
  | {
      type: 'finished'
      reason: 'completed' | 'stopped'
      history: History
      /** Of the best weights: every validation and test photo; after a stop, the best epoch's validation photos. */
      predictions: PhotoPrediction[]
      /** With `resolved`: given again, it repeats the run. */
      recipe: Recipe
    }
  /** The last event of a run that could not go on; what was learned before is kept. */
  | { type: 'failed'; code: FailureCode; detail: string; history: History | null }

export type NoticeCode =
  | 'device-reopened'
  | 'micro-batch-halved'
  /** A dead trainer worker was replaced; the run goes on from its checkpoint. */
  | 'worker-replaced'
  | 'checkpoint-failed'
  /** The run that ended could not be kept: it is there as long as the page. */
  | 'run-not-kept'
  /** The kernels of an earlier run are not to be had here: sums may differ in their last digits. */
  | 'other-kernels'
  | 'micro-batch'
  /** The browser's own storage holds what the resting stages give: it would not fit into memory. */
  | 'activations-in-storage'
  /** Some of it is kept nowhere, and is computed again each epoch. */
  | 'activations-fresh'
export type FailureCode =
  | 'not-finite'
  /** The recipe asks for WebGPU, and this browser has none. */
  | 'no-webgpu'
  | 'out-of-memory'
  | 'device-lost'
  | 'no-photos'
  /** The folder was moved, deleted or unplugged while the run was going. */
  | 'folder-gone'
  | 'weights'
  /** A run stands on weights that were built in once and are not any more. */
  | 'former-weights'
  /** A run cannot be resumed: no whole checkpoint, or other photos. */
  | 'checkpoint'
  | 'internal'
