/** What the store asks of the parts below it; `real-services.ts` is the only one that ships. */
import type { KeptResize, LibraryTime } from '../augment/index.ts'
import type { BrowserFindings } from '../browser/index.ts'
import type { CollectionKeeper } from '../dataset/index.ts'
import type { GatheredFolder, Problem, Sample } from '../dataset/types.ts'
import type { ProjectStore, ProjectTabs } from '../projects/index.ts'
import type { Augmentation } from '../recipe/index.ts'
import type { TrainEvent } from '../training/events.ts'
import type { TrainerApi } from '../training/trainer-api.ts'
import type { TrainerClient } from '../training/trainer-client.ts'
import type { DownloadProgress, ListedWeights } from '../weights/index.ts'

/** Files found so far. */
export type OnFound = (files: number) => void

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
    | 'classifyPhotos'
    | 'describeWeights'
    | 'forgetLoaded'
    | 'predict'
    | 'tryDepths'
    | 'forgetPhotos'
    | 'nameClasses'
    | 'keptRuns'
    | 'openRun'
    | 'keepRun'
    | 'runPredictions'
    | 'renameRun'
    | 'removeRun'
  > &
    Pick<TrainerClient, 'close'>
  /** Datasets of earlier visits. */
  projects: ProjectStore
  tabs: ProjectTabs
  browser: {
    find(): Promise<BrowserFindings>
    /** Asks the browser to keep what the page stores; whether it promised. */
    keepStorage(): Promise<boolean>
  }
  /** The trainer's event stream. Returns a stop function. */
  onTrainEvent(listener: (event: TrainEvent) => void): () => void

  /** Asks what keeps classes made by hand: a worker, begun at the first call. @throws where it dies */
  collections<T>(call: (keeper: CollectionKeeper) => Promise<T>): Promise<T>
  /** Whether any collection is kept here: told without the worker. */
  hasCollections(): Promise<boolean>
  /** Claims a collection for this tab. Gives how to end the claim; null where another tab has it open. */
  lockCollection(id: string): Promise<(() => void) | null>

  /** Must be called within the drop event: what was dropped is gone after it. */
  gatherDrop(transfer: DataTransfer, onFound: OnFound): Promise<GatheredFolder>
  /** What a file input of folders holds. */
  gatherFiles(files: Iterable<File>, onFound: OnFound): Promise<GatheredFolder>
  /** What was dropped at an earlier visit. */
  gatherHandles(handles: readonly FileSystemHandle[], onFound: OnFound): Promise<GatheredFolder>
  /** Null where the person closes the picker. */
  pickFolder(onFound: OnFound): Promise<GatheredFolder | null>
  /** The zip of sample photos that stands beside the page. @throws where it does not come */
  gatherSamples(onFound: OnFound): Promise<GatheredFolder>

  /** Decodes all photos once, kept at `sizes`. Gives those that cannot be read. */
  prepare(
    samples: readonly Sample[],
    sizes: readonly KeptResize[],
    onProgress: (done: number) => void,
    signal: AbortSignal,
  ): Promise<{ path: string; reason: string }[]>
  /** Validation photos whose very bytes train too. Empty where there are none. */
  findLeaks(samples: readonly Sample[], signal: AbortSignal): Promise<Problem[]>
  /** Deletes the decoded photos that are kept. Gives whether there were any. @throws where another tab holds them. */
  forgetPhotos(): Promise<boolean>
  /** What photos have cost that the browser does not decode itself, one entry a format. */
  libraryTimes(): Promise<LibraryTime[]>
  thumbnail(sample: Sample, side: number): Promise<Blob>
  preview(sample: Sample, augmentation: Augmentation, seed: number, count: number): Promise<ImageData[]>

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
  checkWeightFile(
    bytes: ArrayBuffer,
  ): Promise<{ sha256: string; classes: number | null; classNames: string[] | null }>
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
