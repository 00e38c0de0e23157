/** Everything that the page shows. The only state that React reads. */
import { create } from 'zustand'
import type { Dataset, Problem } from '../dataset/types.ts'
import { type EvaluationTransform, presetRecipe, type Recipe } from '../recipe/index.ts'
import type { Classification, ProbeResult, ResumableRun } from '../training/trainer-api.ts'
import type { DownloadProgress, ListedWeights, WeightsErrorCode } from '../weights/index.ts'
import { idleRun, type RunState } from './run-state.ts'

export interface DataState {
  status: 'none' | 'reading' | 'ready'
  /** Files found so far. */
  found: number
  dataset: Dataset | null
  /** Sample photos are the project's own, drawn by code. */
  isSample: boolean
  /** Where the run's checkpoints go: the same photos give the same key. */
  checkpointKey: string
  /** A folder that could not be opened, or a names file that could not be read. */
  error: { code: 'unreadable' | 'samples'; detail: string } | null
  /** Photos decoded so far, of `total`; null when all are. */
  decoding: { done: number; total: number } | null
  /** Photos that could not be read. */
  unreadable: readonly { path: string; reason: string }[]
  /** What was wrong with a folder that held no class at all. */
  rejected: readonly Problem[]
}

export type DownloadState =
  | { status: 'absent' }
  | { status: 'loading'; progress: DownloadProgress }
  | { status: 'kept' }
  | { status: 'failed'; code: WeightsErrorCode | 'unknown'; detail: string }

export interface WeightsState {
  listed: readonly ListedWeights[]
  imagenet: DownloadState
  /** A weight file that the person gave to start from. */
  file: { name: string; bytes: ArrayBuffer; classes: number; classNames: string[] | null } | null
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
  url: string
  result: Classification | null
  error: string | null
}

export type ResultsTab = 'photos' | 'watch' | 'try' | 'weights'
/** On a phone one of these is in sight. */
export type MobilePanel = 'data' | 'train' | 'model' | 'results'

export interface AppState {
  data: DataState
  recipe: Recipe
  /** Whether the person chose the preset; until then the page proposes one. */
  presetChosen: boolean
  /** The stages that the running (or last) run was asked for. */
  stages: readonly ('head' | 'all')[]
  /** The recipe that the running (or last) run was started with. */
  runRecipe: Recipe | null
  run: RunState
  probe: ProbeResult | null
  probing: boolean
  weights: WeightsState
  classifier: ClassifierState | null
  classifierError: string | null
  tried: readonly ClassifiedPhoto[]
  /** Below this probability no class is named, 0..1. */
  threshold: number
  resumable: readonly ResumableRun[]
  /** The run that goes on as soon as its photos are dropped again. */
  awaiting: ResumableRun | null
  otherSites: readonly string[]
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
    unreadable: [],
    rejected: [],
  },
  recipe: presetRecipe('course'),
  presetChosen: false,
  stages: ['head', 'all'],
  runRecipe: null,
  run: idleRun,
  probe: null,
  probing: false,
  weights: { listed: [], imagenet: { status: 'absent' }, file: null, fileError: null },
  classifier: null,
  classifierError: null,
  tried: [],
  threshold: 0.6,
  resumable: [],
  awaiting: null,
  otherSites: [],
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
