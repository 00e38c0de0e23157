/** What the loader workers are asked for and give. Pixels never pass through the page. */
import type { Sample } from '../dataset/types.ts'
import type { Augmentation, EvaluationTransform, TrainingStage } from '../recipe/index.ts'

/** RGB bytes [height, width, 3], row-major. */
export interface Pixels {
  width: number
  height: number
  data: Uint8Array | Uint8ClampedArray
}

/**
 * How photos become pixels. `train` draws from the stream (seed, stage, epoch, path); `evaluate` draws nothing.
 */
export type Transform =
  | { kind: 'train'; augmentation: Augmentation; seed: number; stage: TrainingStage; epoch: number }
  | { kind: 'evaluate'; evaluation: EvaluationTransform }

/** RGB bytes [count, size, size, 3] of the photos that could be read; `failed` lists the others. */
export interface PhotoBatch {
  pixels: Uint8Array
  size: number
  /** Index into the requested samples of each row of `pixels`. */
  rows: Int32Array
  failed: { index: number; reason: string }[]
}

/** What one loader worker offers, on its own port and on each port that `connect` is given (Comlink). */
export interface LoaderApi {
  /** Serves the same interface on one more port, e.g. the trainer's. */
  connect(port: MessagePort): void
  /** Decodes (or takes the kept photo), augments. Order within the answer follows the request. */
  load(samples: readonly Sample[], transform: Transform): Promise<PhotoBatch>
  /** A small JPEG or PNG blob of a photo, its long side at most `side` px, upright. @throws with a reason. */
  thumbnail(sample: Sample, side: number): Promise<Blob>
  /** `count` augmentations of one photo as ImageData, for the preview: the very pixels that training sees. */
  preview(sample: Sample, augmentation: Augmentation, seed: number, count: number): Promise<ImageData[]>
  /** Forgets kept photos, in memory and in the browser's file system. */
  forget(): Promise<void>
}
