/** Where in a folder the class folders stand, and which of them are splits. */
import { isRecording } from './recordings.ts'
import type { FolderEntry, Split } from './types.ts'

/** A file with its path cut at the slashes. */
export interface FileParts {
  entry: FolderEntry
  parts: string[]
}

/** `depth`: how many wrapping folders were entered. `splits`: class folders stand one deeper, below the splits. */
export interface Layout {
  depth: number
  splits: boolean
}

/** train, training; valid, val, validation; test, testing: in any case. */
export function splitOf(directory: string): Split | undefined {
  switch (directory.toLowerCase()) {
    case 'train':
    case 'training':
      return 'train'
    case 'valid':
    case 'val':
    case 'validation':
      return 'valid'
    case 'test':
    case 'testing':
      return 'test'
  }
  return undefined
}

/**
 * Enters a single wrapping folder (and one within it, ...), then tells splits from classes. A folder named `train`
 * counts as a split only where it holds folders, so that trains, buses and cars can be three classes.
 */
export function findLayout(photos: readonly FileParts[]): Layout {
  let depth = 0
  for (;;) {
    const directories = new Set(photos.filter((p) => p.parts.length > depth + 1).map((p) => p.parts[depth]))
    if (isSplitLevel(photos, depth, directories)) return { depth, splits: true }
    if (directories.size !== 1 || !isWrapper(photos, depth)) return { depth, splits: false }
    depth++
  }
}

/** Whether photos lie in folders below `directory`: a split holds class folders. */
const holdsFolders = (photos: readonly FileParts[], depth: number, accepts: (directory: string) => boolean) =>
  photos.some((p) => p.parts.length > depth + 2 && accepts(p.parts[depth]))

function isSplitLevel(photos: readonly FileParts[], depth: number, directories: ReadonlySet<string>) {
  const train = holdsFolders(photos, depth, (name) => splitOf(name) === 'train')
  const held = holdsFolders(photos, depth, (name) => [undefined, 'train'].indexOf(splitOf(name)) === -1)
  const onlySplits = [...directories].every((name) => splitOf(name) !== undefined)
  // `train` beside other folders is a class of its own unless validation or test folders stand there too.
  if (train) return held || (onlySplits && directories.size > 0)
  return held && onlySplits && directories.size > 1
}

/** The only folder holds folders and no photos of its own, or it holds the splits. */
function isWrapper(photos: readonly FileParts[], depth: number): boolean {
  const inside = photos.filter((p) => p.parts.length > depth + 1)
  const nested = new Set(inside.filter((p) => p.parts.length > depth + 2).map((p) => p.parts[depth + 1]))
  if (nested.size > 0 && isSplitLevel(photos, depth + 1, nested)) return true
  // One class of recordings is not a wrapper of classes that are called recording-1, recording-2.
  if (nested.size > 0 && [...nested].every(isRecording)) return false
  return inside.length === photos.length && inside.every((p) => p.parts.length > depth + 2)
}
