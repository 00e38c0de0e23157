/** The page of what lies around the training step. Photos are made once and lie in memory, as a person's folder does. */
import type { Sample } from '../../src/dataset/types.ts'
import { timeLoader } from './loader-page.ts'
import { makeSamples } from './photos.ts'
import type { PipelinePage } from './protocol.ts'

let samples: Sample[] = []

const pipeline: PipelinePage = {
  async makePhotos(count) {
    samples = await makeSamples(count)
  },
  async photo(index) {
    const { source } = samples[index]
    if (source.kind !== 'file') throw new Error('the bench makes files')
    return Array.from(new Uint8Array(await source.file.arrayBuffer()))
  },
  timeLoader: (seconds) => timeLoader(samples, seconds),
}

window.pipeline = pipeline
