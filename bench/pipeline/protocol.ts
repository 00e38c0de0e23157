/** What the pipeline's bench asks its page for, and what the page answers. */
import type { Dataset } from '../../src/dataset/types.ts'
import type { Recipe } from '../../src/recipe/index.ts'
import type { Classification } from '../../src/training/trainer-api.ts'

/** Seconds of one epoch. */
export interface EpochTiming {
  /** The whole: training, validation, what is read back. */
  seconds: number
  /** From the first step's start to the last one's end. */
  training: number
  /** Of that, how long at least one step was in flight: for the rest the engine waited. */
  stepping: number
  steps: number
}

export interface RunTiming {
  epochs: EpochTiming[]
  engine: string
  adapter: string
}

export interface TrainingApi {
  /** @param ports to loaders; null: features are made up, and photos are never looked at. */
  train(recipe: Recipe, dataset: Dataset, ports: MessagePort[] | null): Promise<RunTiming>
  openClassifier(engine: 'webgpu' | 'wasm'): Promise<void>
  classify(pixels: Uint8Array, size: number): Promise<Classification>
}

/** Milliseconds, medians. */
export interface WebcamTiming {
  /** From asking for the camera's picture to its pixels as the network takes them. */
  grab: number
  /** From those to the classes. */
  classify: number
  /** Both, of one picture. */
  whole: number
  /** px of the camera's picture. */
  width: number
  height: number
}

export interface PipelinePage {
  /** Makes the photos that the other calls use. */
  makePhotos(count: number): Promise<void>
  /** A photo's bytes, for the peer. */
  photo(index: number): Promise<number[]>
  /** Opens one loader, warm. */
  openLoader(keep: boolean): Promise<void>
  /** It loads for about so many seconds; resolves to the number of photos. */
  runLoader(seconds: number): Promise<number>
  /** All layers at 64 px, batch 32, the course's augmentation, on the photos made. */
  trainAllLayers(engine: 'webgpu' | 'wasm', epochs: number): Promise<RunTiming>
  /** The head on cached features. */
  trainHead(
    photos: number,
    classes: number,
    batch: number,
    engine: 'webgpu' | 'wasm',
    epochs: number,
  ): Promise<RunTiming>
  /** Classifies a camera's pictures, one after the other, at 64 px. */
  classifyCamera(engine: 'webgpu' | 'wasm', pictures: number): Promise<WebcamTiming>
}

declare global {
  interface Window {
    pipeline: PipelinePage
  }
}
