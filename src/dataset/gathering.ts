/** The list of files that grows while folders are walked. Keeps the page responsive. */
import { isHidden, isJson, isPhoto, isTable } from './formats.ts'
import { openPhoto } from './photo-source.ts'
import { problem } from './problems.ts'
import { decodeText } from './text.ts'
import type { FolderEntry, GatheredFolder, NamesFile, PhotoSource, Problem } from './types.ts'

export interface GatherProgress {
  /** Files seen so far. */
  files: number
  /** Of these, photos. */
  photos: number
}

export interface GatherOptions {
  /** Called while files are counted, at most about 30 times a second, and once at the end. */
  onProgress?: (progress: GatherProgress) => void
  /** Ends the walk: the promise rejects with the signal's reason. */
  signal?: AbortSignal
}

/** How long (ms) the walk may hold the thread before it lets the page draw. */
const TURN = 10
const PROGRESS_INTERVAL = 33

/** Names files and tables stand near the top and are few; annotation files of other kinds can be many and huge. */
const TEXT_DEPTH = 3
const MOST_TEXTS = 16
const NAMES_BYTES = 1 << 20
const TABLE_BYTES = 64 << 20

export class Gathering {
  readonly #folder: GatheredFolder = {
    name: '',
    entries: [],
    directories: [],
    namesFiles: [],
    problems: [],
    ignored: 0,
  }
  readonly #options: GatherOptions
  #photos = 0
  #turnStart = performance.now()
  #reported = 0

  constructor(options: GatherOptions) {
    this.#options = options
  }

  file(path: string, source: PhotoSource): void {
    this.#folder.entries.push({ path, source })
    if (isPhoto(path)) this.#photos++
  }

  /** Notes a directory. @returns whether to walk it: hidden ones are passed over and counted as one. */
  directory(path: string): boolean {
    if (isHidden(path.slice(path.lastIndexOf('/') + 1))) {
      this.#folder.ignored++
      return false
    }
    this.#folder.directories.push(path)
    return true
  }

  /** Notes a directory that could not be read. @throws what is no answer of the file system. */
  failed(path: string, error: unknown): void {
    if (!(error instanceof DOMException) || error.name === 'AbortError') throw error
    const code = error.name === 'NotFoundError' ? 'folder-vanished' : 'permission-denied'
    this.#folder.problems.push(problem(code, { path, reason: error.name }))
  }

  problem(found: Problem): void {
    this.#folder.problems.push(found)
  }

  /** Lets the page draw where the walk has held the thread for long. @throws where the walk was ended. */
  async breathe(): Promise<void> {
    this.#options.signal?.throwIfAborted()
    const now = performance.now()
    if (now - this.#reported > PROGRESS_INTERVAL) this.#report(now)
    if (now - this.#turnStart < TURN) return
    await nextTask()
    this.#turnStart = performance.now()
  }

  /** Reads the names files and tables and gives the result. */
  async finish(name: string): Promise<GatheredFolder> {
    this.#folder.name = name
    this.#folder.namesFiles = await readTexts(this.#folder.entries, isJson, NAMES_BYTES, (blob) =>
      blob.text(),
    )
    const tables = await readTexts(this.#folder.entries, isTable, TABLE_BYTES, tableText)
    if (tables.length > 0) {
      const { parseTable } = await import('./csv/parse.ts')
      this.#folder.tables = tables.map(parseTable)
    }
    this.#report(performance.now())
    return this.#folder
  }

  #report(now: number): void {
    this.#reported = now
    this.#options.onProgress?.({ files: this.#folder.entries.length, photos: this.#photos })
  }
}

/** Resolves in a task of its own. A timer would wait a second in a hidden tab. */
function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}

/** The texts of the files that `isWanted` by their paths, the ones nearest to the top first. */
async function readTexts(
  entries: readonly FolderEntry[],
  isWanted: (path: string) => boolean,
  mostBytes: number,
  read: (blob: Blob) => Promise<string>,
): Promise<NamesFile[]> {
  const depth = (path: string) => path.split('/').length
  const candidates = entries
    .filter(({ path }) => isWanted(path) && depth(path) <= TEXT_DEPTH && !path.split('/').some(isHidden))
    .sort((a, b) => depth(a.path) - depth(b.path) || (a.path < b.path ? -1 : 1))
    .slice(0, MOST_TEXTS)
  const files: NamesFile[] = []
  for (const { path, source } of candidates) {
    try {
      const blob = await openPhoto(source)
      if (blob.size <= mostBytes) files.push({ path, text: await read(blob) })
    } catch {
      // A file that cannot be read names nothing; the folder's own names stay.
    }
  }
  return files
}

/** Spreadsheets write tables in the encodings of their systems. */
async function tableText(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  return decodeText(bytes, navigator.language) ?? new TextDecoder('windows-1252').decode(bytes)
}
