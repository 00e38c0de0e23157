/** What the loader workers are asked for and give. Pixels never pass through the page. */
import type { Sample } from '../dataset/types.ts'
import type { Augmentation, EvaluationTransform, TrainingStage } from '../recipe/index.ts'
import type { LibraryFormat } from './decoders/index.ts'

/** RGB bytes [height, width, 3], row-major. */
export interface Pixels {
  width: number
  height: number
  data: Uint8Array
}

/**
 * How photos become pixels. `train` draws from the stream (seed, stage, epoch, path); `evaluate` draws nothing.
 */
export type Transform =
  | { kind: 'train'; augmentation: Augmentation; seed: number; stage: TrainingStage; epoch: number }
  /** `keep: false`: the photos are seen once, so that keeping them would only take the place of others. */
  | { kind: 'evaluate'; evaluation: EvaluationTransform; keep?: false }

/**
 * The size in which a decoded photo is kept: both sides `side` px, the short side `side`, the short side at most
 * `side`, or (thumbnails) the long side at most `side`; the other side in proportion.
 */
export interface KeptResize {
  kind: 'both' | 'short' | 'short-at-most' | 'long-at-most'
  side: number
}

/** RGB bytes [count, size, size, 3] of the photos that could be read; `failed` lists the others. */
export interface PhotoBatch {
  pixels: Uint8Array
  size: number
  /** Index into the requested samples of each row of `pixels`. */
  rows: Int32Array
  failed: { index: number; reason: string }[]
}

/** How much a loader worker may keep, and which one of how many it is. All sizes in bytes. */
export interface LoaderOptions {
  /** This worker's number, 0 to `count` - 1: photos are dealt out by it, so it also names the worker's file. */
  index: number
  count: number
  /** Kept photos in memory. */
  memory: number
  /** Kept photos in the browser's file system; 0 = none. */
  disk: number
  /** Decoded bitmaps at one time (a single larger photo is decoded alone). */
  decoding: number
}

/** What a loader worker has done and holds; sizes in bytes. */
export interface LoaderStats {
  /** Photos decoded since the worker began: an epoch over kept photos adds none. */
  decoded: number
  memory: number
  disk: number
}

/** What decoding by a library has cost so far, where the browser does not decode a format itself. */
export interface LibraryTime {
  format: LibraryFormat
  photos: number
  /** In all, without loading the library. */
  milliseconds: number
}

/** What one loader worker offers, on its own port and on each port that `connect` is given (Comlink). */
export interface LoaderApi {
  /** Called once, before anything else. */
  configure(options: LoaderOptions): Promise<void>
  /** Serves the same interface on one more port, e.g. the trainer's. */
  connect(port: MessagePort): void
  /** Decodes (or takes the kept photo), augments. Order within the answer follows the request. */
  load(samples: readonly Sample[], transform: Transform): Promise<PhotoBatch>
  /**
   * Decodes each photo once, keeping it in every size of `sizes`, so that `load` and `thumbnail` decode nothing.
   * Gives the photos that cannot be read.
   */
  prepare(
    samples: readonly Sample[],
    sizes: readonly KeptResize[],
  ): Promise<{ path: string; reason: string }[]>
  /** A small JPEG blob of a photo, its long side at most `side` px, upright. @throws with a reason. */
  thumbnail(sample: Sample, side: number): Promise<Blob>
  /**
   * `count` augmentations of one photo as ImageData, for the preview: the very pixels that training sees, those
   * of the head stage's epochs 1 to `count`. @throws with a reason.
   */
  preview(sample: Sample, augmentation: Augmentation, seed: number, count: number): Promise<ImageData[]>
  stats(): Promise<LoaderStats>
  libraryTimes(): Promise<LibraryTime[]>
  /** Forgets kept photos, in memory and in the browser's file system. */
  forget(): Promise<void>
}
