/** The trainer worker: owns the engine, the model and the loop. The page speaks to it through `trainer-client.ts`. */
import { expose, transfer } from 'comlink'
import { PhotoLoader } from '../augment/index.ts'
import { createEngine, type ProbeResult, probe } from '../engine/index.ts'
import { reportRequests } from '../requests/index.ts'
import { builtinWeights } from '../weights/index.ts'
import { CheckpointClient, KeptRunClient, StorageWorker } from './checkpoint-client.ts'
import type { TrainEvent } from './events.ts'
import { browserKeeping, removeLeftActivations } from './kept/browser-keeping.ts'
import { Trainer } from './trainer.ts'
import type { TrainerApi } from './trainer-api.ts'

reportRequests()
void removeLeftActivations()

let base = ''
let events: MessagePort | null = null
let photos: PhotoLoader | null = null
/** Measured once: a tab's machine does not change. */
let probed: Promise<ProbeResult> | null = null

const storage = new StorageWorker()

const trainer = new Trainer({
  engines: {
    create: (engine, options) => createEngine({ engine, ...options }),
    probe() {
      probed ??= probe()
      return probed
    },
  },
  checkpoints: new CheckpointClient(storage),
  runs: new KeptRunClient(storage),
  fetchBuiltin: (onProgress) => builtinWeights(base, { onProgress }),
  photos() {
    if (!photos) throw new Error('no loader is connected')
    return photos
  },
  keeping: browserKeeping(),
  emit: (event: TrainEvent) => events?.postMessage(event),
})

const api: TrainerApi = {
  async begin(pageAddress) {
    base = pageAddress
  },
  async connectLoaders(ports) {
    photos = new PhotoLoader(ports)
  },
  async connectEvents(port) {
    events = port
  },
  probe: () => trainer.probe(),
  run: (request) => trainer.run(request),
  restore: (request, predictions) => trainer.restore(request, predictions),
  keptRuns: () => trainer.keptRuns(),
  openRun: (id) => trainer.openRun(id),
  keepRun: () => trainer.keepRun(),
  runPredictions: (id) => trainer.runPredictions(id),
  renameRun: (id, name) => trainer.renameRun(id, name),
  removeRun: (id) => trainer.removeRun(id),
  pause: async () => trainer.pause(),
  resume: async () => trainer.resume(),
  stop: async () => trainer.stop(),
  setLocked: async (locked) => trainer.setLocked(locked),
  resumable: () => trainer.resumable(),
  discard: (checkpointKey) => trainer.discard(checkpointKey),
  tryDepths: (dataset) => trainer.tryDepths(dataset),
  forgetPhotos: async () => trainer.forgetPhotos(),
  nameClasses: async (classes) => trainer.nameClasses(classes),
  async bestWeights() {
    // A copy: the trainer keeps the file that it gives.
    const bytes = trainer.bestWeights().slice()
    return transfer(bytes, [bytes.buffer])
  },
  loadForClassifying: async (name, bytes) => trainer.loadForClassifying(name, new Uint8Array(bytes)),
  forgetLoaded: async () => trainer.forgetLoaded(),
  classify: (pixels, size) => trainer.classify(pixels, size),
  classifyPhotos: (samples, top) => trainer.classifyPhotos(samples, top),
  describeWeights: async () => trainer.describeWeights(),
  predict: (dataset, split) => trainer.predict(dataset, split),
  engine: async () => trainer.engine(),
}

expose(api)
