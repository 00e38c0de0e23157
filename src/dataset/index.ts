/**
 * A dropped folder -> classes, samples, splits, problems. No decoding, no GPU, no React.
 * Imports only `random`. Gives `gather...` (a drop, a picker, a file input -> list of files), `readDataset` (that
 * list -> Dataset; `gatherSamples` for the sample photos), `applyNames` and `resplit` (Dataset -> Dataset), `openPhoto`
 * (source -> bytes); and classes made by hand (`collection...`), which become a Dataset like any other.
 */
export * from './collection.ts'
export { hasCollections } from './collection-folder.ts'
export { type CollectionManifest, manifestOf } from './collection-manifest.ts'
export type { CollectionKeeper, KeepFailure } from './collection-store.ts'
export { photoCounts } from './counts.ts'
export { findLeaks } from './find-leaks.ts'
export {
  type GatherOptions,
  type GatherProgress,
  gatherDirectory,
  gatherDrop,
  gatherFiles,
  gatherHandles,
  pickFolder,
} from './folder.ts'
export { isPhoto } from './formats.ts'
export { applyNames, renameClass, withNames } from './names.ts'
export { openPhoto } from './photo-source.ts'
export { type ReadOptions, readDataset } from './read-dataset.ts'
export { gatherSamples } from './samples.ts'
export { resplit } from './split.ts'
export type * from './types.ts'
