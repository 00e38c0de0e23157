/** The parts below the store, as they are. */
import { createLoaders, type LoaderPool, PhotoLoader } from '../augment/index.ts'
import { gatherDrop, gatherFiles, pickFolder } from '../dataset/index.ts'
import { sampleDataset } from '../dataset/samples/index.ts'
import type { Sample } from '../dataset/types.ts'
import { TrainerClient } from '../training/trainer-client.ts'
import {
  browserStore,
  hasKeptImageNet,
  IMAGENET_URL,
  imagenetWeights,
  listedWeights,
  mirrorAddress,
  openWeightFile,
  WeightsError,
} from '../weights/index.ts'
import type { Services } from './services.ts'

export function realServices(): Services {
  // Workers begin with the first photo, not with the page.
  let loaders: Promise<LoaderPool> | undefined
  const pool = (): Promise<LoaderPool> => {
    loaders ??= createLoaders()
    return loaders
  }
  let reader: Promise<PhotoLoader> | undefined
  const trainer = new TrainerClient({ loaderPorts: async () => (await pool()).connectPorts() })
  const base = document.baseURI
  let tried = 0
  /** Downloaded, but the browser refused to keep it: it stays as long as the page. */
  let unkept: { name: string; bytes: ArrayBuffer } | null = null

  return {
    trainer,
    onTrainEvent: (listener) => trainer.onEvent(listener),
    gatherDrop: (transfer, onFound) => gatherDrop(transfer, { onProgress: ({ files }) => onFound(files) }),
    gatherFiles: (files) => gatherFiles(files),
    pickFolder: (onFound) => pickFolder({ onProgress: ({ files }) => onFound(files) }),
    sampleDataset: (onFound) => sampleDataset((done) => onFound(done)),

    prepare: async (samples, sizes, onProgress, signal) =>
      (await pool()).prepare(samples, sizes, onProgress, signal),
    thumbnail: async (sample, side) => (await pool()).thumbnail(sample, side),
    preview: async (sample, augmentation, seed, count) =>
      (await pool()).preview(sample, augmentation, seed, count),
    async photoForClassifier(file, evaluation) {
      reader ??= pool().then((found) => new PhotoLoader(found.connectPorts()))
      const sample: Sample = {
        path: `tried/${tried++}/${file.name}`,
        split: 'test',
        label: 0,
        source: { kind: 'file', file },
      }
      const batch = await (await reader).load([sample], { kind: 'evaluate', evaluation })
      const [failed] = batch.failed
      if (failed) throw new Error(failed.reason)
      return { pixels: batch.pixels, size: batch.size }
    },

    listedWeights: () => listedWeights(base),
    hasImageNet: async () =>
      (await hasKeptImageNet(browserStore())) ||
      (await listedWeights(base)).some(({ kind }) => kind === 'imagenet'),
    async openImageNet({ mirror, signal, onProgress }) {
      const url = mirror === undefined ? IMAGENET_URL : mirrorAddress(mirror)
      if (url === null) throw new WeightsError('network', `${mirror} is not an address.`)
      if (!unkept) {
        const found = await imagenetWeights({ base, store: browserStore(), url, signal, onProgress })
        if (found.kept || found.from === 'deployer') return { name: found.name, bytes: found.data.buffer }
        unkept = { name: found.name, bytes: found.data.buffer }
      }
      return { name: unkept.name, bytes: unkept.bytes.slice(0) }
    },
    async checkWeightFile(bytes) {
      const { classes, metadata } = openWeightFile(new Uint8Array(bytes))
      return { classes, classNames: metadata.classes }
    },
  }
}
