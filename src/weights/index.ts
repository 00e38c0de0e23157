/**
 * Weight files in and out, one file a format, and the three sources (built in, torchvision's, a person's file).
 * Imports `recipe` and `model`. Gives `openWeightFile`, `writeWeightFile`, `startState` and the sources; whatever
 * is wrong with a file or a download is a `WeightsError`.
 */
export { type DownloadProgress, PartialDownload } from './download.ts'
export * from './errors.ts'
export { type ClassLabel, startState } from './fit.ts'
export * from './imagenet.ts'
export type { Preprocessing, WeightMetadata } from './metadata.ts'
export { readSafetensors, writeSafetensors } from './safetensors.ts'
export { sha256Hex } from './sha256.ts'
export {
  builtinWeights,
  fetchListed,
  type ListedWeights,
  listedWeights,
  openSource,
  type SourceWeights,
} from './sources.ts'
export { browserStore, memoryStore, type WeightStore } from './store.ts'
export { openWeightFile, type WeightFile, writeWeightFile } from './weight-file.ts'
