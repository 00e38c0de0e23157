/** What the results panel shows: which photos, which of them is open, and a folder that is being classified. */
import { create } from 'zustand'
import type { Split } from '../dataset/types.ts'
import type { PhotoPrediction } from '../training/events.ts'
import type { PhotoAnswer } from '../training/trainer-api.ts'
import type { ClassifierState } from './state.ts'

export const SHOWN = ['all', 'wrong', 'right'] as const
export type Shown = (typeof SHOWN)[number]

/** By the folder's order, by falling confidence, by rising confidence. */
export const ORDERS = ['folder', 'surest', 'least-sure'] as const
export type Order = (typeof ORDERS)[number]

export interface PhotoFilter {
  shown: Shown
  /** Null: any class. */
  trueClass: number | null
  predictedClass: number | null
}

/** Predictions that were asked for after a run; `of` tells whether they are still of the weights in use. */
export type AskedPredictions = { of: ClassifierState } & (
  | { status: 'loading' }
  | { status: 'ready'; predictions: readonly PhotoPrediction[] }
  | { status: 'failed'; detail: string }
)

/** The photo that is shown large. */
export interface OpenedPhoto {
  path: string
  /** Probabilities of its likeliest classes with the weights in use; null until they come. */
  answer: PhotoAnswer | null
}

export interface FolderJob {
  /** The folder's name. */
  name: string
  status: 'listing' | 'classifying' | 'waiting' | 'completed' | 'cancelled' | 'failed'
  /** Files found while listing. */
  found: number
  done: number
  total: number
  /** Milliseconds of classifying so far. */
  elapsed: number
  /** Photos named so far, by class. */
  tally: readonly number[]
  classes: readonly string[]
  /** Photos that could not be read: how many, and the first ones. */
  unreadable: number
  errors: readonly { path: string; reason: string }[]
  /** The table so far, once the job is over. */
  table: Blob | null
  failure: string | null
}

export interface ResultsState extends PhotoFilter {
  split: Split
  order: Order
  asked: Partial<Record<Split, AskedPredictions>>
  opened: OpenedPhoto | null
  folder: FolderJob | null
  /** The webcam starts as soon as it is in sight. */
  webcamWanted: boolean
}

export const initialResults: ResultsState = {
  split: 'valid',
  shown: 'all',
  order: 'folder',
  trueClass: null,
  predictedClass: null,
  asked: {},
  opened: null,
  folder: null,
  webcamWanted: false,
}

export const useResults = create<ResultsState>(() => initialResults)

export const isRight = ({ trueClass, predictedClass }: PhotoPrediction): boolean =>
  trueClass === predictedClass

/** The predictions that a filter lets through, in the order asked for. */
export function filterPredictions(
  predictions: readonly PhotoPrediction[],
  { shown, trueClass, predictedClass }: PhotoFilter,
  order: Order,
): PhotoPrediction[] {
  const chosen = predictions.filter(
    (prediction) =>
      (shown === 'all' || isRight(prediction) === (shown === 'right')) &&
      (trueClass === null || prediction.trueClass === trueClass) &&
      (predictedClass === null || prediction.predictedClass === predictedClass),
  )
  if (order === 'folder') return chosen
  const direction = order === 'surest' ? -1 : 1
  return chosen.sort((a, b) => direction * (a.confidence - b.confidence))
}
