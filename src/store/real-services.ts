/** The parts below the store, as they are. */
import { createLoaders, type LoaderPool, removeKeptPhotos } from '../augment/index.ts'
import { findBrowser, keepStorage } from '../browser/index.ts'
import {
  type CollectionKeeper,
  findLeaks,
  gatherDrop,
  gatherFiles,
  gatherHandles,
  gatherSamples,
  hasCollections,
  pickFolder,
} from '../dataset/index.ts'
import { browserProjects, ProjectTabs } from '../projects/index.ts'
import { BrowserStore } from '../training/checkpoint-store.ts'
import { TrainerClient } from '../training/trainer-client.ts'
import {
  browserStore,
  hasKeptImageNet,
  IMAGENET_URL,
  imagenetWeights,
  listedWeights,
  mirrorAddress,
  openWeightFile,
  PartialDownload,
  sha256Hex,
  WeightsError,
} from '../weights/index.ts'
import { LiveWorker } from '../worker/index.ts'
import type { Services } from './services.ts'

export function realServices(): Services {
  // Workers begin with the first photo, not with the page.
  let loaders: Promise<LoaderPool> | undefined
  const pool = (): Promise<LoaderPool> => {
    loaders ??= createLoaders()
    return loaders
  }
  const trainer = new TrainerClient({
    loaderPorts: async () => (await pool()).connectPorts(),
    hasCheckpoints: async () => (await new BrowserStore().keys()).length > 0,
    hasRuns: async () => (await new BrowserStore('runs').keys()).length > 0,
  })
  const base = document.baseURI
  /** Downloaded, but the browser refused to keep it: it stays as long as the page. */
  const partial = new PartialDownload()
  let unkept: { name: string; bytes: ArrayBuffer } | null = null

  let keeper: LiveWorker<CollectionKeeper> | null = null

  return {
    browser: { find: findBrowser, keepStorage },
    trainer,
    collections(call) {
      keeper ??= new LiveWorker<CollectionKeeper>(
        new Worker(new URL('../dataset/collection.worker.ts', import.meta.url), {
          type: 'module',
          name: 'collections',
        }),
        () => {
          keeper = null
        },
      )
      return keeper.ask(call)
    },
    hasCollections,
    lockCollection: (id) => claimLock(`tabtune-collection-${id}`),
    projects: browserProjects(),
    tabs: new ProjectTabs(
      navigator.locks,
      'BroadcastChannel' in window ? new BroadcastChannel('tabtune-tabs') : undefined,
    ),
    onTrainEvent: (listener) => trainer.onEvent(listener),
    gatherDrop: (transfer, onFound) => gatherDrop(transfer, { onProgress: ({ files }) => onFound(files) }),
    gatherFiles: (files, onFound) => gatherFiles(files, { onProgress: ({ files: found }) => onFound(found) }),
    gatherHandles: (handles, onFound) =>
      gatherHandles(handles, { onProgress: ({ files }) => onFound(files) }),
    pickFolder: (onFound) => pickFolder({ onProgress: ({ files }) => onFound(files) }),
    gatherSamples: (onFound) => gatherSamples(base, { onProgress: ({ files }) => onFound(files) }),

    prepare: async (samples, sizes, onProgress, signal) =>
      (await pool()).prepare(samples, sizes, onProgress, signal),
    findLeaks,
    async forgetPhotos() {
      if (!loaders) return removeKeptPhotos()
      const { memory, disk } = await (await loaders).stats()
      await (await loaders).forget()
      return memory + disk > 0
    },
    libraryTimes: async () => (await pool()).libraryTimes(),
    thumbnail: async (sample, side) => (await pool()).thumbnail(sample, side),
    preview: async (sample, augmentation, seed, count) =>
      (await pool()).preview(sample, augmentation, seed, count),

    listedWeights: () => listedWeights(base),
    hasImageNet: async () =>
      (await hasKeptImageNet(browserStore())) ||
      (await listedWeights(base)).some(({ kind }) => kind === 'imagenet'),
    async openImageNet({ mirror, signal, onProgress }) {
      const url = mirror === undefined ? IMAGENET_URL : mirrorAddress(mirror)
      if (url === null) throw new WeightsError('network', `${mirror} is not an address.`)
      if (!unkept) {
        const found = await imagenetWeights({ base, store: browserStore(), url, signal, onProgress, partial })
        if (found.kept || found.from === 'deployer') return { name: found.name, bytes: found.data.buffer }
        unkept = { name: found.name, bytes: found.data.buffer }
      }
      return { name: unkept.name, bytes: unkept.bytes.slice(0) }
    },
    async checkWeightFile(bytes) {
      const file = new Uint8Array(bytes)
      const { classes, metadata } = openWeightFile(file)
      return { sha256: await sha256Hex(file), classes, classNames: metadata.classes }
    },
  }
}

/** Holds a lock until the returned function is called; null where another tab holds it. */
function claimLock(name: string): Promise<(() => void) | null> {
  // Locks are missing where the address is not secure, and refused where nothing may be stored; nothing is kept
  // there that two tabs could share.
  const alone = () => {}
  if (!navigator.locks) return Promise.resolve(alone)
  return new Promise((resolve) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(null)
        return new Promise<void>((release) => resolve(release))
      })
      .catch(() => resolve(alone))
  })
}
