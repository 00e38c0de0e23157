/** What a person tries: single photos, and whole folders at a time. */
import { classifyFolder, folderCsvHead, folderCsvRow, TABLE_TOP } from '../../classify/folder.ts'
import { isHidden, isPhoto } from '../../dataset/formats.ts'
import type { GatheredFolder, PhotoSource, Sample } from '../../dataset/types.ts'
import type { PhotoAnswer } from '../../training/trainer-api.ts'
import { isBusy, whenFree } from '../free.ts'
import { mergeEvents } from '../merge-events.ts'
import { messageOf } from '../message-of.ts'
import { type FolderJob, useResults } from '../results.ts'
import { services } from '../services.ts'
import { type ClassifiedPhoto, useApp } from '../state.ts'
import { leaveDepths } from './depth.ts'
import { showTab } from './view.ts'

/** Classes shown for each photo. */
const TOP = 5
/** Photos asked for in one call: the first answers come soon. */
const AT_ONCE = 8
/** The newest ones stay; a folder at a time gives a table instead. */
export const MOST_TRIED = 200

let nextId = 1

/** A photo of no dataset: split and label mean nothing. */
const sampleOf = (path: string, source: PhotoSource): Sample => ({ path, split: 'test', label: 0, source })

/** Classifies photos a few at a time; the newest stand first. */
export async function tryPhotos(files: readonly File[]): Promise<void> {
  const added = files.slice(0, MOST_TRIED).map((file): ClassifiedPhoto => {
    const id = nextId++
    const sample = sampleOf(`tried/${id}/${file.name}`, { kind: 'file', file })
    return { id, name: file.name, sample, result: null, error: null }
  })
  useApp.setState(({ tried }) => ({ tried: [...added, ...tried].slice(0, MOST_TRIED) }))
  await leaveDepths()
  for (let from = 0; from < added.length; from += AT_ONCE) {
    const part = added.slice(from, from + AT_ONCE).map(({ sample }) => sample)
    await whenFree()
    const answers = await services()
      .trainer.classifyPhotos(part, TOP)
      .catch((error: unknown) => part.map(({ path }) => ({ path, reason: messageOf(error) })))
    const byPath = new Map<string, PhotoAnswer>(answers.map((answer) => [answer.path, answer]))
    useApp.setState(({ tried }) => ({ tried: tried.map((photo) => answered(photo, byPath)) }))
  }
}

function answered(photo: ClassifiedPhoto, answers: ReadonlyMap<string, PhotoAnswer>): ClassifiedPhoto {
  const answer = answers.get(photo.sample.path)
  if (!answer) return photo
  return 'top' in answer ? { ...photo, result: answer } : { ...photo, error: answer.reason }
}

export const clearTried = (): void => useApp.setState({ tried: [] })

export const setThreshold = (threshold: number): void => useApp.setState({ threshold })

/** Shows the webcam and starts it: one click from the trained network to its answer. */
export function tryWebcam(): void {
  void leaveDepths()
  useResults.setState({ webcamWanted: true })
  showTab('try')
}

/** Whether the webcam is to start now; asked once. */
export function takeWebcamWish(): boolean {
  const { webcamWanted } = useResults.getState()
  useResults.setState({ webcamWanted: false })
  return webcamWanted
}

/** Errors shown on the page; the table lists all. */
const SHOWN_ERRORS = 100

let folderStop: AbortController | null = null

/** Must be called within the drop event: what was dropped is gone after it. */
export function classifyDroppedFolder(transfer: DataTransfer): Promise<void> {
  const gathered = services().gatherDrop(transfer, foundFiles)
  return classifyGathered(() => gathered)
}

/** In a browser with a folder picker of its own. */
export function classifyPickedFolder(): Promise<void> {
  return classifyGathered(() => services().pickFolder(foundFiles))
}

export function classifyFolderFiles(files: Iterable<File>): Promise<void> {
  return classifyGathered(() => services().gatherFiles(files, foundFiles))
}

/** The table keeps the rows so far. */
export const cancelFolder = (): void => folderStop?.abort()

/** Forgets the table. */
export function clearFolder(): void {
  folderStop?.abort()
  useResults.setState({ folder: null })
}

const foundFiles = (found: number) => patchFolder({ found })

function patchFolder(change: Partial<FolderJob>): void {
  useResults.setState(({ folder }) => (folder ? { folder: { ...folder, ...change } } : {}))
}

async function classifyGathered(gather: () => Promise<GatheredFolder | null>): Promise<void> {
  void leaveDepths()
  const { classifier } = useApp.getState()
  if (!classifier || isFolderRunning(useResults.getState().folder)) return
  const stop = new AbortController()
  folderStop = stop
  const before = useResults.getState().folder
  useResults.setState({ folder: newJob(classifier.classes) })
  try {
    const folder = await gather()
    if (!folder) return useResults.setState({ folder: before })
    if (!stop.signal.aborted) await classifyEntries(folder, stop.signal)
  } catch (error) {
    patchFolder({ status: 'failed', failure: messageOf(error) })
  }
}

export const isFolderRunning = (job: FolderJob | null): boolean =>
  job !== null && (job.status === 'listing' || job.status === 'classifying' || job.status === 'waiting')

function newJob(classes: readonly string[]): FolderJob {
  return {
    name: '',
    status: 'listing',
    found: 0,
    done: 0,
    total: 0,
    elapsed: 0,
    tally: new Array<number>(classes.length).fill(0),
    classes,
    unreadable: 0,
    errors: [],
    table: null,
    failure: null,
  }
}

async function classifyEntries({ name, entries }: GatheredFolder, signal: AbortSignal): Promise<void> {
  const samples = entries
    .filter(({ path }) => isPhoto(path) && !path.split('/').some(isHidden))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, source }) => sampleOf(path, source))
  patchFolder({ name, status: 'classifying', total: samples.length })
  const table = new FolderTable(useApp.getState().classifier?.classes.length ?? 0)
  const told = mergeEvents<null>(() => patchFolder(table.progress()))
  const ready = async () => {
    if (!isBusy(useApp.getState().run.status)) return
    const since = performance.now()
    patchFolder({ status: 'waiting' })
    await whenFree(signal)
    table.waited += performance.now() - since
    patchFolder({ status: 'classifying' })
  }
  const classify = (list: readonly Sample[]) => services().trainer.classifyPhotos(list, TABLE_TOP)
  let failure: string | null = null
  try {
    for await (const answers of classifyFolder({ samples, classify, ready, signal })) {
      table.add(answers)
      told.push(null)
    }
  } catch (error) {
    failure = messageOf(error)
  }
  told.flush()
  const status = failure !== null ? 'failed' : signal.aborted ? 'cancelled' : 'completed'
  patchFolder({ ...table.progress(), status, failure, table: table.file() })
}

/** The rows so far, as text: some hundred bytes a photo; no pixel is held. */
class FolderTable {
  readonly #rows: string[] = [folderCsvHead()]
  readonly #tally: number[]
  readonly #errors: { path: string; reason: string }[] = []
  readonly #startedAt = performance.now()
  /** Milliseconds in which training had the network. */
  waited = 0
  #done = 0
  #unreadable = 0

  constructor(classes: number) {
    this.#tally = new Array<number>(classes).fill(0)
  }

  add(answers: readonly PhotoAnswer[]): void {
    this.#rows.push(answers.map(folderCsvRow).join(''))
    for (const answer of answers) {
      this.#done++
      if ('top' in answer) this.#tally[answer.top[0].label]++
      else if (++this.#unreadable <= SHOWN_ERRORS) this.#errors.push(answer)
    }
  }

  progress(): Pick<FolderJob, 'done' | 'tally' | 'unreadable' | 'errors' | 'elapsed'> {
    return {
      done: this.#done,
      tally: [...this.#tally],
      unreadable: this.#unreadable,
      errors: [...this.#errors],
      elapsed: performance.now() - this.#startedAt - this.waited,
    }
  }

  file(): Blob {
    return new Blob(this.#rows, { type: 'text/csv' })
  }
}
