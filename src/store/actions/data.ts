/** Opening a folder: by drop, picker, file input or the sample photos. */
import { keptResize } from '../../augment/index.ts'
import { applyNames, type GatheredFolder, readDataset, resplit } from '../../dataset/index.ts'
import type { Dataset, NamesFile, Split } from '../../dataset/types.ts'
import { fnv1a } from '../../random/index.ts'
import { mergeEvents } from '../merge-events.ts'
import { isActive } from '../run-state.ts'
import { services } from '../services.ts'
import { initialState, patchData, useApp } from '../state.ts'
import { clearThumbnails, THUMBNAIL_SIDE } from '../thumbnails.ts'
import { measureMachine, proposePreset } from './recipe.ts'
import { clearRun, resumeAwaited } from './training.ts'
import { predictWithFile } from './weights.ts'

/** Must be called within the drop event: what was dropped is gone after it. */
export function openDrop(transfer: DataTransfer): Promise<void> {
  const gathered = services().gatherDrop(transfer, (found) => patchData({ found }))
  return open(() => gathered.then(read))
}

/** In a browser with a folder picker of its own. */
export function openPicked(): Promise<void> {
  return open(async () => {
    const folder = await services().pickFolder((found) => patchData({ found }))
    return folder && read(folder)
  })
}

export function openFiles(files: Iterable<File>): Promise<void> {
  return open(async () => read(await services().gatherFiles(files)))
}

export function openSamples(): Promise<void> {
  return open(() => services().sampleDataset((found) => patchData({ found })), true)
}

function read(folder: GatheredFolder): Dataset {
  const { seed, validationShare } = useApp.getState().recipe
  return readDataset(folder, { seed, validationShare })
}

/** @param load null: the person changed their mind. */
async function open(load: () => Promise<Dataset | null>, isSample = false): Promise<void> {
  const before = useApp.getState()
  if (isActive(before.run.status) || before.data.status === 'reading') return
  const back = before.data.dataset ? 'ready' : 'none'
  patchData({ status: 'reading', found: 0, error: null, rejected: [] })
  try {
    const dataset = await load()
    if (!dataset || dataset.classes.length === 0) {
      patchData({ status: back, rejected: dataset?.problems ?? [] })
      return
    }
    clearThumbnails()
    clearRun()
    patchData({
      status: 'ready',
      dataset,
      unreadable: [],
      isSample,
      checkpointKey: isSample ? SAMPLES_KEY : checkpointKey(dataset),
    })
    useApp.setState({ panel: 'data' })
    proposePreset()
    void prepareThumbnails(dataset)
    await Promise.all([measureMachine(), resumeAwaited(), predictWithFile()])
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    patchData({ status: back, error: { code: isSample ? 'samples' : 'unreadable', detail } })
  }
}

let preparing: AbortController | null = null

/** Decodes all photos once, in the background, for thumbnails and training; lists those that cannot be read. */
async function prepareThumbnails(dataset: Dataset): Promise<void> {
  preparing?.abort()
  const stop = new AbortController()
  preparing = stop
  const total = dataset.samples.length
  const { augmentation, evaluation, seed } = useApp.getState().recipe
  const sizes = [
    keptResize({ kind: 'train', augmentation, seed, stage: 'head', epoch: 1 }),
    keptResize({ kind: 'evaluate', evaluation }),
    { kind: 'long-at-most', side: THUMBNAIL_SIDE },
  ] as const
  const told = mergeEvents<number>((done) => {
    if (!stop.signal.aborted) patchData({ decoding: { done: done[done.length - 1], total } })
  })
  try {
    const unreadable = await services().prepare(dataset.samples, sizes, told.push, stop.signal)
    told.flush()
    if (!stop.signal.aborted) patchData({ decoding: null, unreadable })
  } catch (error) {
    if (stop.signal.aborted) return
    patchData({ decoding: null, error: { code: 'unreadable', detail: String(error) } })
  }
}

/** A `cat_to_name.json` that comes after the folder. */
export async function nameClasses(file: File): Promise<void> {
  const names: NamesFile = { path: file.name, text: await file.text() }
  const { dataset } = useApp.getState().data
  if (dataset) patchData({ dataset: applyNames(dataset, names) })
}

/** After another seed or share was chosen. */
export function splitAgain(seed: number, validationShare: number): void {
  const { dataset } = useApp.getState().data
  if (dataset) patchData({ dataset: resplit(dataset, seed, validationShare) })
}

/** Back to the first page. */
export function closeDataset(): void {
  if (isActive(useApp.getState().run.status)) return
  preparing?.abort()
  clearThumbnails()
  clearRun()
  patchData(initialState.data)
}

/** Whether a run's photos are the sample photos, which need no folder. */
export const isSampleRun = (key: string): boolean => key === SAMPLES_KEY

const SAMPLES_KEY = 'samples'

/** The same photos in the same classes give the same key, wherever the folder lies. */
export function checkpointKey(dataset: Dataset): string {
  const paths = dataset.samples.map((sample) => `${sample.label}/${sample.path}`).join('\n')
  return `${dataset.name}-${fnv1a(paths).toString(16).padStart(8, '0')}`.replace(/[^\w.-]+/g, '_')
}

export function splitCounts(dataset: Dataset): Record<Split, number> {
  const counts = { train: 0, valid: 0, test: 0 }
  for (const sample of dataset.samples) counts[sample.split]++
  return counts
}
