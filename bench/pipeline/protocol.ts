/** What the pipeline's bench asks its page for, and what the page answers. */

export interface LoaderTiming {
  /** Milliseconds a photo: decoded and augmented each time. Median over the passes. */
  cold: number
  /** From what is kept, as from a run's second epoch on. */
  warm: number
  photos: number
  passes: number
}

export interface PipelinePage {
  /** Makes the photos that the other calls use. */
  makePhotos(count: number): Promise<void>
  /** A photo's bytes, for the peer. */
  photo(index: number): Promise<number[]>
  /** One loader worker, the course's augmentation at 64 px; each of the two figures takes about `seconds`. */
  timeLoader(seconds: number): Promise<LoaderTiming>
}

declare global {
  interface Window {
    pipeline: PipelinePage
  }
}
