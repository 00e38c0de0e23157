/** What the store asks of the parts below it; `real-services.ts` is the only one that ships. */
import type { KeptResize } from '../augment/index.ts'
import type { Dataset, GatheredFolder, Sample } from '../dataset/types.ts'
import type { Augmentation, EvaluationTransform } from '../recipe/index.ts'
import type { TrainEvent } from '../training/events.ts'
import type { TrainerApi } from '../training/trainer-api.ts'
import type { DownloadProgress, ListedWeights } from '../weights/index.ts'

/** Files found so far. */
export type OnFound = (files: number) => void

/** One square picture for the classifier: RGB bytes [size, size, 3]. */
export interface ClassifierInput {
  pixels: Uint8Array
  size: number
}

export interface Services {
  trainer: Pick<
    TrainerApi,
    | 'probe'
    | 'run'
    | 'pause'
    | 'resume'
    | 'stop'
    | 'setLocked'
    | 'resumable'
    | 'discard'
    | 'bestWeights'
    | 'loadForClassifying'
    | 'classify'
    | 'predict'
  >
  /** The trainer's event stream. Returns a stop function. */
  onTrainEvent(listener: (event: TrainEvent) => void): () => void

  /** Must be called within the drop event: what was dropped is gone after it. */
  gatherDrop(transfer: DataTransfer, onFound: OnFound): Promise<GatheredFolder>
  /** What a file input of folders holds. */
  gatherFiles(files: Iterable<File>): Promise<GatheredFolder>
  /** Null where the person closes the picker. */
  pickFolder(onFound: OnFound): Promise<GatheredFolder | null>
  /** Drawn by code at first use. */
  sampleDataset(onDrawn: OnFound): Promise<Dataset>

  /** Decodes all photos once, kept at `sizes`. Gives those that cannot be read. */
  prepare(
    samples: readonly Sample[],
    sizes: readonly KeptResize[],
    onProgress: (done: number) => void,
    signal: AbortSignal,
  ): Promise<{ path: string; reason: string }[]>
  thumbnail(sample: Sample, side: number): Promise<Blob>
  preview(sample: Sample, augmentation: Augmentation, seed: number, count: number): Promise<ImageData[]>
  /** A photo as in validation. @throws with a reason. */
  photoForClassifier(file: File, evaluation: EvaluationTransform): Promise<ClassifierInput>

  listedWeights(): Promise<ListedWeights[]>
  /** Whether ImageNet's weights are here: kept in this browser, or put beside the page by who deployed it. */
  hasImageNet(): Promise<boolean>
  /**
   * ImageNet's weights; asks the network only where they are not here.
   * @param options.mirror another address of the same file. @throws WeightsError
   */
  openImageNet(options: {
    mirror?: string
    signal?: AbortSignal
    onProgress?(progress: DownloadProgress): void
  }): Promise<{ name: string; bytes: ArrayBuffer }>
  /** What a weight file holds. @throws WeightsError where it is not a ResNet-18's. */
  checkWeightFile(bytes: ArrayBuffer): Promise<{ classes: number; classNames: string[] | null }>
}

let provided: Services | null = null

/** Called once, before the page is drawn. */
export function provideServices(services: Services): void {
  provided = services
}

export function services(): Services {
  if (!provided) throw new Error('provideServices was not called')
  return provided
}
