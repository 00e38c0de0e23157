/** What is on the page while classes are made by hand. */
import type { Collection, KeepFailure, Removal } from '../dataset/index.ts'

export interface CollectState {
  collection: Collection
  /** The key of the class that the camera and the clipboard go to. */
  selected: string
  /** Made just now, by asking for the camera. */
  isNew: boolean
  /** Why photos are in memory only, where some are. */
  unkept: KeepFailure | null
  /** What was removed last, and can be put back. */
  undo: Removal | null
  /** Names of files that are no photos, of the last that were given. */
  refused: readonly string[]
  /** A photo that could not be taken in, in the system's words. */
  failure: string | null
}

/** Why a collection was not opened: a run is going, it is open in another tab, it is not there any more. */
export type CollectError = 'training' | 'elsewhere' | 'gone'

/** Under which path a photo of a collection has its thumbnail. */
export const collectedPath = (id: string, key: string, path: string): string =>
  `collection/${id}/${key}/${path}`
