/** The page of what lies around the training step. Photos are made once and lie in memory, as a person's folder does. */
import type { Sample } from '../../src/dataset/types.ts'
import { LoaderRun } from './loader-page.ts'
import { makeSamples } from './photos.ts'
import type { PipelinePage } from './protocol.ts'
import { trainAllLayers, trainHead } from './training-page.ts'
import { classifyCamera } from './webcam-page.ts'

let samples: Sample[] = []
let loader: LoaderRun | null = null

const pipeline: PipelinePage = {
  async makePhotos(count) {
    samples = await makeSamples(count)
  },
  async photo(index) {
    const { source } = samples[index]
    if (source.kind !== 'file') throw new Error('the bench makes files')
    return Array.from(new Uint8Array(await source.file.arrayBuffer()))
  },
  async openLoader(keep) {
    loader?.close()
    loader = await LoaderRun.open(samples, keep)
  },
  async runLoader(seconds) {
    if (!loader) throw new Error('open a loader first')
    return loader.work(seconds)
  },
  trainAllLayers: (engine, epochs) => trainAllLayers(samples, engine, epochs),
  trainHead,
  classifyCamera,
}

window.pipeline = pipeline
