/** Opening a folder: by drop, picker, file input or the sample photos. */
import { keptResize, loaderCount } from '../../augment/index.ts'
import { libraryFormat } from '../../dataset/formats.ts'
import { applyNames, type GatheredFolder, readDataset, renameClass, resplit } from '../../dataset/index.ts'
import type { Dataset, NamesFile, Problem } from '../../dataset/types.ts'
import type { Project } from '../../projects/index.ts'
import { mergeEvents } from '../merge-events.ts'
import { isActive } from '../run-state.ts'
import { services } from '../services.ts'
import { slowPhotos } from '../slow-photos.ts'
import { initialState, patchData, useApp } from '../state.ts'
import { clearThumbnails, THUMBNAIL_SIDE } from '../thumbnails.ts'
import { leaveCollection } from './collect.ts'
import { photosKey, SAMPLES_KEY } from './dataset-facts.ts'
import {
  changeProject,
  enterProject,
  keepProject,
  lookAtOtherTabs,
  type Origin,
  restoreRecipe,
} from './project-record.ts'
import { measureMachine, proposePreset } from './recipe.ts'
import { showNewestRun } from './runs.ts'
import { clearRun, nameRunClasses, resumeAwaited } from './training.ts'
import { predictWithFile } from './weights.ts'

/** Must be called within the drop event: what was dropped is gone after it. */
export function openDrop(transfer: DataTransfer): Promise<void> {
  if (isBusy()) return Promise.resolve()
  const gathered = services().gatherDrop(transfer, countFound)
  return open(() => gathered.then(read))
}

/**
 * In a browser with a folder picker of its own.
 * @param wanted the project whose folder was asked for
 */
export function openPicked(wanted?: Project): Promise<void> {
  return open(
    async () => {
      const folder = await services().pickFolder(countFound)
      return folder && read(folder)
    },
    { wanted },
  )
}

export function openFiles(files: Iterable<File>, wanted?: Project): Promise<void> {
  return open(async () => read(await services().gatherFiles(files, countFound)), { wanted })
}

/** What was dropped at an earlier visit; it may be read again. */
export function openHandles(handles: readonly FileSystemHandle[]): Promise<void> {
  return open(async () => read(await services().gatherHandles(handles, countFound)))
}

export function openSamples(): Promise<void> {
  const load = async (): Promise<Opened> => {
    return { ...read(await services().gatherSamples(countFound)), origin: { kind: 'samples' } }
  }
  return open(load, { failure: 'samples' })
}

/** Classes made by hand; given again with more photos, they stay the same project. */
export function openDataset(dataset: Dataset | Promise<Dataset>, origin: Origin): Promise<void> {
  return open(async () => ({ dataset: await dataset, origin }))
}

interface Opened {
  dataset: Dataset
  origin: Origin
}

function read(folder: GatheredFolder): Opened {
  const { seed, validationShare } = useApp.getState().recipe
  const dataset = readDataset(folder, { seed, validationShare })
  const { handles = [] } = folder
  return { dataset, origin: { kind: /\.zip$/i.test(folder.name) ? 'zip' : 'folder', handles } }
}

const countFound = (found: number) => patchData({ found })

/** Nothing is opened while a run goes on, or another folder is read; the first is said. */
function isBusy(): boolean {
  const { run, data } = useApp.getState()
  if (isActive(run.status)) patchData({ notice: { code: 'busy', name: data.dataset?.name ?? '' } })
  return isActive(run.status) || data.status === 'reading'
}

/** A folder that could not be read looks empty, too: only the first is the reason. */
function withoutEmpty(problems: readonly Problem[]): readonly Problem[] {
  const isUnread = problems.some(({ code }) => code === 'permission-denied' || code === 'folder-vanished')
  return isUnread ? problems.filter(({ code }) => code !== 'empty') : problems
}

interface Asked {
  /** The project whose folder the person was asked for. */
  wanted?: Project
  /** What it is called when it goes wrong. */
  failure?: 'unreadable' | 'samples'
}

/** @param load null: the person changed their mind */
async function open(load: () => Promise<Opened | null>, asked: Asked = {}): Promise<void> {
  if (isBusy()) return
  const { wanted, failure = 'unreadable' } = asked
  const before = useApp.getState()
  const back = before.data.dataset ? 'ready' : 'none'
  patchData({ status: 'reading', found: 0, error: null, rejected: [], notice: null })
  try {
    const opened = await load()
    if (!opened) {
      patchData({ status: back })
      choseNothing(wanted)
      return
    }
    if (opened.dataset.classes.length === 0) {
      patchData({ status: back, rejected: withoutEmpty(opened.dataset.problems) })
      return
    }
    await enter(opened, wanted)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    patchData({ status: back, error: { code: failure, detail } })
  }
}

async function enter(opened: Opened, wanted?: Project): Promise<void> {
  const { origin } = opened
  leaveCollection()
  const isSample = origin.kind === 'samples'
  const key = isSample ? SAMPLES_KEY : photosKey(opened.dataset)
  const { dataset, project, checkpointKey, otherTab } = await enterProject(opened.dataset, origin, key)
  const { data, classifier, recipe: read } = useApp.getState()
  restoreRecipe(project)
  clearThumbnails()
  clearRun()
  // A name may stand for another photo now.
  void services().trainer.forgetPhotos()
  // The same classes with more photos: what was learned so far goes on answering.
  if (project && project.id === data.project) useApp.setState({ classifier })
  const { seed, validationShare } = useApp.getState().recipe
  const isSplit = seed === read.seed && validationShare === read.validationShare
  const isOther = wanted !== undefined && wanted.id !== project?.id
  patchData({
    status: 'ready',
    dataset: isSplit ? dataset : resplit(dataset, seed, validationShare),
    unreadable: [],
    leaked: [],
    isSample,
    checkpointKey,
    project: project?.id ?? '',
    otherTab: otherTab ? 'open' : null,
    notice: isOther ? { code: 'other-folder', name: wanted.name } : null,
  })
  useApp.setState({ panel: 'data', forgotten: null })
  if (project) keepProject(project)
  proposePreset()
  if (otherTab) void lookAtOtherTabs()
  void lookAtPhotos(dataset)
  await Promise.all([measureMachine(), resumeAwaited(), predictWithFile(), showNewestRun()])
}

let looking: AbortController | null = null

/** In the background: all photos are decoded once, and compared where validation photos may train too. */
async function lookAtPhotos(dataset: Dataset): Promise<void> {
  looking?.abort()
  const stop = new AbortController()
  looking = stop
  await Promise.all([prepareThumbnails(dataset, stop), compareSplits(dataset, stop)])
}

async function compareSplits({ samples }: Dataset, stop: AbortController): Promise<void> {
  const leaked = await services().findLeaks(samples, stop.signal)
  if (!stop.signal.aborted) patchData({ leaked })
}

/** For thumbnails and training; lists the photos that cannot be read. */
async function prepareThumbnails(dataset: Dataset, stop: AbortController): Promise<void> {
  const total = dataset.samples.length
  const { augmentation, evaluation, seed } = useApp.getState().recipe
  const sizes = [
    keptResize({ kind: 'train', augmentation, seed, stage: 'head', epoch: 1 }),
    keptResize({ kind: 'evaluate', evaluation }),
    { kind: 'long-at-most', side: THUMBNAIL_SIDE },
  ] as const
  const hasSlow = dataset.samples.some(({ path }) => libraryFormat(path) !== undefined)
  const told = mergeEvents<number>((done) => {
    if (stop.signal.aborted) return
    patchData({ decoding: { done: done[done.length - 1], total } })
    if (hasSlow) void measureSlow(dataset, stop)
  })
  if (total > 0) patchData({ decoding: { done: 0, total } })
  try {
    const unreadable = await services().prepare(dataset.samples, sizes, told.push, stop.signal)
    told.flush()
    if (!stop.signal.aborted) patchData({ decoding: null, slow: [], unreadable })
  } catch (error) {
    if (stop.signal.aborted) return
    patchData({ decoding: null, slow: [], error: { code: 'unreadable', detail: String(error) } })
  }
}

async function measureSlow({ samples }: Dataset, stop: AbortController): Promise<void> {
  const times = await services().libraryTimes()
  const { decoding } = useApp.getState().data
  if (stop.signal.aborted || !decoding) return
  const loaders = loaderCount(navigator.hardwareConcurrency ?? 2)
  patchData({ slow: slowPhotos(samples, times, decoding.total - decoding.done, loaders) })
}

/** A `cat_to_name.json` that comes after the folder. */
export async function nameClasses(file: File): Promise<void> {
  const names: NamesFile = { path: file.name, text: await file.text() }
  const { dataset } = useApp.getState().data
  if (dataset) rename(dataset, applyNames(dataset, names))
}

/** Names one class; an empty name gives its folder's name back. Returns whether no other class has that name. */
export function nameClass(id: string, name: string): boolean {
  const { dataset } = useApp.getState().data
  const renamed = dataset && renameClass(dataset, id, name)
  if (renamed) rename(dataset, renamed)
  return renamed !== null
}

/** New names stay with the project, and go into the weights and the answers of the run that is shown. */
function rename(before: Dataset, dataset: Dataset): void {
  patchData({ dataset })
  const changed = dataset.classes.filter(({ name }, label) => before.classes[label].name !== name)
  if (changed.length === 0) return
  const given = new Map(changed.map(({ id, name }) => [id, name]))
  changeProject(({ names }) => ({ names: [...new Map([...names, ...given])] }))
  nameRunClasses()
}

/** Back to the first page. */
export function closeDataset(): void {
  if (isActive(useApp.getState().run.status)) return
  looking?.abort()
  clearThumbnails()
  clearRun()
  patchData(initialState.data)
  void services().tabs.leave()
}

/** A picker was closed without a choice. */
export const choseNothing = (wanted?: Project): void =>
  patchData({ notice: { code: 'nothing-chosen', name: wanted?.name ?? '' } })

export const dismissNotice = (): void => patchData({ notice: null })

/** Something was dropped that is no file: text, a link, a picture of another page. */
export const refuseDrop = (): void => patchData({ notice: { code: 'not-files', name: '' } })
