/** Everything that the page shows. The only state that React reads. */
import { create } from 'zustand'
import type { BrowserFindings } from '../browser/index.ts'
import type { Dataset, Problem, Sample } from '../dataset/types.ts'
import type { Project, ProjectKind } from '../projects/index.ts'
import {
  type Augmentation,
  type EvaluationTransform,
  type OperationName,
  presetRecipe,
  type Recipe,
  type RecipeProblem,
  TRAINING_STAGES,
  type TrainingStage,
} from '../recipe/index.ts'
import type { DepthReport } from '../training/depth.ts'
import type { Classification, KeptRun, ProbeResult, ResumableRun } from '../training/trainer-api.ts'
import type { DownloadProgress, ListedWeights, WeightsErrorCode } from '../weights/index.ts'
import type { SettingAdvice } from './actions/advice.ts'
import type { CollectError, CollectState } from './collect-state.ts'
import type { RunDifference } from './compare-runs.ts'
import { idleRun, type RunState } from './run-state.ts'

export interface DataState {
  status: 'none' | 'reading' | 'ready'
  /** Files found so far. */
  found: number
  dataset: Dataset | null
  /** The sample photos, which stand beside the page. */
  isSample: boolean
  /** Where the run's checkpoints go: the same photos give the same key. */
  checkpointKey: string
  /** A folder that could not be opened, or a names file that could not be read. */
  error: { code: 'unreadable' | 'samples'; detail: string } | null
  /** Photos decoded so far, of `total`; null when all are. */
  decoding: { done: number; total: number } | null
  /** Of these, photos that the browser cannot decode itself, by format, once the first has shown how long it takes. */
  slow: readonly SlowPhotos[]
  /** Photos that could not be read. */
  unreadable: readonly { path: string; reason: string }[]
  /** What was wrong with a folder that held no class at all. */
  rejected: readonly Problem[]
  /** Why nothing was opened, or something else than what was asked for. */
  notice: DataNotice | null
  /** Photos that stand in train and in validation, once they were looked for. */
  leaked: readonly Problem[]
  /** Id of the open dataset's project; '' where it is none. */
  project: string
  /** What another tab does with the same project. */
  otherTab: 'open' | 'training' | null
}

export interface DataNotice {
  /**
   * - `nothing-chosen`: the picker was closed
   * - `not-files`: text or a picture of another page was dropped
   * - `busy`: a run goes on
   * - `asking`: the browser asks whether the folder of an earlier visit may be read
   * - `permission`: it may not
   * - `other-folder`: another folder than the one that was asked for; it is open all the same
   */
  code: 'nothing-chosen' | 'not-files' | 'busy' | 'asking' | 'permission' | 'other-folder'
  /** Of the folder or project. */
  name: string
}

/** What `Forget this project` did. */
export interface Forgotten {
  name: string
  kind: ProjectKind
  deleted: readonly ForgottenPart[]
  failed: readonly ForgottenPart[]
}

/** `entry`: handles, class names, recipe and accuracy. `photos`: decoded photos, kept on disk. */
export type ForgottenPart = 'entry' | 'checkpoints' | 'runs' | 'photos' | 'collection'

export interface SlowPhotos {
  format: 'HEIC' | 'TIFF'
  count: number
  secondsEach: number
  /** Until all are decoded, on all loaders together. */
  secondsLeft: number
}

export type DownloadState =
  | { status: 'absent' }
  | { status: 'loading'; progress: DownloadProgress }
  | { status: 'kept' }
  /** `received`: bytes that are here already, from which the next try at the same address goes on. */
  | {
      status: 'failed'
      code: WeightsErrorCode | 'unknown'
      detail: string
      received: number
      /** Where it was asked for, if not at the hub. */
      mirror?: string
    }

export interface WeightsState {
  listed: readonly ListedWeights[]
  imagenet: DownloadState
  /** A weight file that the person gave to start from; `classes` null: it has no classifier. */
  file: {
    name: string
    bytes: ArrayBuffer
    sha256: string
    classes: number | null
    classNames: string[] | null
  } | null
  fileError: { code: WeightsErrorCode | 'unknown'; detail: string } | null
}

/** What classifies single pictures: the run's best weights, or a file that was loaded again. */
export interface ClassifierState {
  source: 'run' | 'file'
  name: string
  classes: readonly string[]
  evaluation: EvaluationTransform
  /** Best validation accuracy, 0..1. */
  accuracy: number | null
}

export interface ClassifiedPhoto {
  id: number
  name: string
  /** For its thumbnail. */
  sample: Sample
  result: Classification | null
  error: string | null
}

/** Runs that ended and are kept. */
export interface RunsState {
  /** Newest first. */
  list: readonly KeptRun[]
  /** Id of the one whose weights classify; null where the run that is shown is not kept (yet). */
  shown: string | null
  /** Id of the one that is being opened. */
  opening: string | null
  /** The run that is shown could not be kept, and why. */
  unkept: { detail: string } | null
  error: { what: 'open' | 'rename' | 'delete' | 'compare'; detail: string } | null
  compared: ({ first: KeptRun; second: KeptRun } & RunDifference) | null
}

export type ResultsTab = 'photos' | 'confusion' | 'hardest' | 'try' | 'weights' | 'runs'
/** On a phone one of these is in sight. */
export type MobilePanel = 'data' | 'train' | 'model' | 'results'

/** A recipe that came in: taken (and how the settings were before), or refused and why. */
export type RecipeArrival = { from: 'link' | 'file'; name: string } & (
  | { status: 'taken'; before: RecipeSettings }
  /** No problem is listed where the document could not be read at all. */
  | { status: 'refused'; problems: readonly RecipeProblem[] }
)

/** The recipe and what of it was chosen by hand. */
export type RecipeSettings = Pick<AppState, 'recipe' | 'presetChosen' | 'chosen' | 'switchedOff'>

export interface AppState {
  data: DataState
  recipe: Recipe
  /** Whether the person chose the preset; until then the page proposes one. */
  presetChosen: boolean
  /** What else the person chose by hand; no proposal changes it. */
  chosen: { plan: boolean; settings: boolean }
  /** What augmentation operations that are switched off (one by one, or all at once) had, to be switched on again. */
  switchedOff: Partial<Record<OperationName | 'all', Augmentation>>
  /** A recipe that came in by a link or a file. */
  arrival: RecipeArrival | null
  /** What the sentence below the curves advised and was done, until it is undone or a run begins. */
  advised: { advice: SettingAdvice; stage: TrainingStage; before: RecipeSettings; after: Recipe } | null
  /** The stages that the running (or last) run was asked for. */
  stages: readonly TrainingStage[]
  /** The recipe that the running (or last) run was started with. */
  runRecipe: Recipe | null
  run: RunState
  /** Which depth is worth training after the run that is shown. */
  depth: { status: 'none' } | { status: 'trying' } | { status: 'tried'; report: DepthReport }
  probe: ProbeResult | null
  probing: boolean
  /** How long the measurement took, in seconds. */
  probeSeconds: number | null
  /** What this browser can do; null until it is found. */
  browser: BrowserFindings | null
  weights: WeightsState
  classifier: ClassifierState | null
  classifierError: string | null
  tried: readonly ClassifiedPhoto[]
  /** Below this probability no class is named, 0..1. */
  threshold: number
  runs: RunsState
  resumable: readonly ResumableRun[]
  /** The run that goes on as soon as its photos are dropped again. */
  awaiting: ResumableRun | null
  otherSites: readonly string[]
  /** Classes that are being made by hand; null where none are. */
  collect: CollectState | null
  collectError: CollectError | null
  /** Datasets of this and earlier visits, the last opened first. */
  projects: readonly Project[]
  /** Whether this browser keeps projects; false once it refused. */
  remembers: boolean
  forgotten: Forgotten | null
  tab: ResultsTab
  panel: MobilePanel
}

export const initialState: AppState = {
  data: {
    status: 'none',
    found: 0,
    dataset: null,
    isSample: false,
    checkpointKey: '',
    error: null,
    decoding: null,
    slow: [],
    unreadable: [],
    rejected: [],
    notice: null,
    leaked: [],
    project: '',
    otherTab: null,
  },
  recipe: presetRecipe('course'),
  presetChosen: false,
  chosen: { plan: false, settings: false },
  switchedOff: {},
  arrival: null,
  advised: null,
  stages: TRAINING_STAGES,
  runRecipe: null,
  run: idleRun,
  depth: { status: 'none' },
  probe: null,
  probing: false,
  probeSeconds: null,
  browser: null,
  weights: { listed: [], imagenet: { status: 'absent' }, file: null, fileError: null },
  classifier: null,
  classifierError: null,
  tried: [],
  threshold: 0.6,
  runs: { list: [], shown: null, opening: null, unkept: null, error: null, compared: null },
  resumable: [],
  awaiting: null,
  otherSites: [],
  collect: null,
  collectError: null,
  projects: [],
  remembers: true,
  forgotten: null,
  tab: 'photos',
  panel: 'data',
}

export const useApp = create<AppState>(() => initialState)

/** Merges changes into the data part. */
export function patchData(changes: Partial<DataState>): void {
  useApp.setState(({ data }) => ({ data: { ...data, ...changes } }))
}

/** Merges changes into the weights part. */
export function patchWeights(changes: Partial<WeightsState>): void {
  useApp.setState(({ weights }) => ({ weights: { ...weights, ...changes } }))
}
