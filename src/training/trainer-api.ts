/** What the trainer worker offers the page and the headless runner, through Comlink. */
import type { ClassInfo, Dataset, Sample } from '../dataset/types.ts'
import type { ProbeResult } from '../engine/index.ts'
import type { LockableStage } from '../model/index.ts'
import type { EvaluationTransform, Recipe, TrainingStage, WeightsSource } from '../recipe/index.ts'
import type { DepthReport } from './depth.ts'
import type { EngineInfo, History, PhotoPrediction } from './events.ts'

/** What weights a run starts from, as the page shows them. */
export interface WeightsInfo {
  kind: 'builtin' | 'imagenet' | 'file'
  name: string
  /** Bytes of the file. */
  bytes: number
  /** Of the file, hex. */
  sha256: string
  classes: number
  /** Class names where the file carries them. */
  classNames: string[] | null
  /** Whether `fc` fits the dataset of the run (same number, and same names where it names them). */
  keepsClassifier: boolean
}

export interface RunRequest {
  recipe: Recipe
  dataset: Dataset
  /** The bytes of a dropped or downloaded weight file (safetensors or .pth); absent: the recipe's source is built in. */
  weights?: { name: string; bytes: ArrayBuffer }
  /** Which stages to run; all by default. Without `head` they start from the best weights that the trainer holds, if any. */
  stages?: readonly TrainingStage[]
  /** Where checkpoints go; a run with the same key can be resumed. */
  checkpointKey: string
  /** Go on from the checkpoint of this key, with its recipe, stages and engine. */
  resume?: boolean
  /** Whether the run is kept when it ends (`keptRuns`). */
  keeps?: boolean
  /** Trainer workers that died since the last checkpoint: each halves the micro-batch. Set by the client. */
  deaths?: number
}

/** A run that was cut off and can go on. */
export interface ResumableRun {
  checkpointKey: string
  datasetName: string
  /** ISO date of the last checkpoint. */
  savedAt: string
  recipe: Recipe
  history: History
  /** The weight file that must be given to go on: it was built in when the run began, and is not any more. */
  needs: Extract<WeightsSource, { kind: 'file' }> | null
}

/** How a run that was kept ended. */
export type RunEnd = 'completed' | 'stopped' | 'failed'

/** A run that ended and is kept, without its weights and predictions. */
export interface KeptRun {
  id: string
  /** As the person called it; '' where they did not. */
  name: string
  /** Where its checkpoints were: says whose photos they are. */
  checkpointKey: string
  datasetName: string
  /** ISO date. */
  endedAt: string
  ended: RunEnd
  /** From the click to the end, pauses included. */
  seconds: number
  /** With `resolved`: given again, it repeats the run. */
  recipe: Recipe
  stages: readonly TrainingStage[]
  /** The weight file that it stands on. */
  weights: { kind: WeightsSource['kind']; name: string; sha256: string }
  classes: ClassInfo[]
  /** With the test photos' metrics where there were any. */
  history: History
  /** In storage. */
  bytes: number
}

/** One classified picture: classes by falling probability. */
export interface Classification {
  top: { label: number; name: string; probability: number }[]
}

/** One photo's classification, or why it could not be read. */
export type PhotoAnswer = { path: string } & (Classification | { reason: string })

/** What `best.safetensors` is and holds. */
export interface WeightFileInfo extends ClassifierInfo {
  bytes: number
  /** Tensors in it: torchvision's 122. */
  entries: number
  /** The recipe that made it; null where the file does not say. */
  recipe: Recipe | null
  /** Tabtune's version that wrote it. */
  version: string | null
}

/** What a weight file says of its classifier. */
export interface ClassifierInfo {
  classes: string[]
  /** Side of the square that the network sees, in px. */
  size: number
  /** How a photo is prepared, as in validation. */
  evaluation: EvaluationTransform
  /** Validation accuracy, 0..1; null where the file does not say. */
  accuracy: number | null
}

export interface TrainerApi {
  /** The page's address: what stands beside the page is fetched from there (a worker's own address is another). */
  begin(base: string): Promise<void>
  /** Ports to the loader workers. */
  connectLoaders(ports: MessagePort[]): Promise<void>
  /** The one event stream, as structured clones on this port. */
  connectEvents(port: MessagePort): Promise<void>
  /** About a second; the answer is remembered for the session. */
  probe(): Promise<ProbeResult>
  /** Resolves when the run is over (finished, stopped or failed: the events say which). */
  run(request: RunRequest): Promise<void>
  /**
   * Tries, on some of the photos, which depth is worth training after the run that is held: seconds, on a processor minutes.
   * null where it was stopped, or where nothing follows that run.
   */
  tryDepths(dataset: Dataset): Promise<DepthReport | null>
  /**
   * Holds what a run's checkpoint holds, as if the run had just been stopped, and says so by `finished`.
   * @param predictions of its best epoch, which no checkpoint holds
   */
  restore(request: RunRequest, predictions: readonly PhotoPrediction[]): Promise<void>
  /** Runs that ended, newest first. */
  keptRuns(): Promise<KeptRun[]>
  /**
   * Holds a kept run as if it had just ended. @returns its predictions
   * @throws where it is gone or damaged, or the weights that it stands on are
   */
  openRun(id: string): Promise<PhotoPrediction[]>
  /** Keeps the run that is held, where that failed when it ended. @throws where it fails again */
  keepRun(): Promise<KeptRun>
  runPredictions(id: string): Promise<PhotoPrediction[]>
  renameRun(id: string, name: string): Promise<void>
  removeRun(id: string): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  /** Ends after the current step; the best weights are kept. */
  stop(): Promise<void>
  /** The running stage's freeze plan from its next epoch on. */
  setLocked(locked: readonly LockableStage[]): Promise<void>
  resumable(): Promise<ResumableRun[]>
  discard(checkpointKey: string): Promise<void>
  /** `best.safetensors` of the last run or of the loaded file. @throws where there is none. */
  bestWeights(): Promise<Uint8Array<ArrayBuffer>>
  /** Photos may be others from now on, under the same names: what was computed of them is forgotten. */
  forgetPhotos(): Promise<void>
  /** Names given to the classes of the last run since it began: they go into its weights. */
  nameClasses(classes: readonly ClassInfo[]): Promise<void>
  /** Loads a weight file to classify with: its metadata must hold classes and preprocessing. */
  loadForClassifying(name: string, bytes: ArrayBuffer): Promise<ClassifierInfo>
  /** Classifies with the run's weights again after a file was loaded. */
  forgetLoaded(): Promise<void>
  /** Classifies one square RGB picture [size, size, 3] preprocessed as in validation. */
  classify(pixels: Uint8Array, size: number): Promise<Classification>
  /**
   * Classifies photos of no dataset, in the order given; those that cannot be read have a reason instead.
   * @param top classes for each photo
   */
  classifyPhotos(samples: readonly Sample[], top: number): Promise<PhotoAnswer[]>
  /** What `bestWeights` would give. @throws where there is nothing. */
  describeWeights(): Promise<WeightFileInfo>
  /** Classifies dataset photos with the best weights. */
  predict(dataset: Dataset, split: 'train' | 'valid' | 'test'): Promise<PhotoPrediction[]>
  /** Of the last run; null before the first. */
  engine(): Promise<EngineInfo | null>
}

export type { ProbeResult }
