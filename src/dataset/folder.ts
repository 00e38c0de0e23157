/** From a drop, a picker or a file input to a list of files. Reads no photo. */
import { directoryOpen } from 'browser-fs-access'
import { isZip } from './formats.ts'
import { Gathering, type GatherOptions } from './gathering.ts'
import type { GatheredFolder } from './types.ts'
import { walkZip } from './zip/walk.ts'

export type { GatherOptions, GatherProgress } from './gathering.ts'

/**
 * What was dropped: a folder; several folders, which are then the classes or the splits; plain files, which stand
 * beside them. A zip that was dropped itself counts as a folder. Call it in the drop event itself: the browser empties the transfer when the event is over, so
 * everything is taken from it before the first await. Folders that cannot be read become problems.
 */
export function gatherDrop(transfer: DataTransfer, options: GatherOptions = {}): Promise<GatheredFolder> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file').map(takeItem)
  return gatherItems(items, options)
}

/** What was dropped at an earlier visit, where the browser kept its handles and may read them. */
export function gatherHandles(
  handles: readonly FileSystemHandle[],
  options: GatherOptions = {},
): Promise<GatheredFolder> {
  return gatherItems(
    handles.map((handle) => Promise.resolve(handle)),
    options,
  )
}

/** A folder that a picker gave. */
export function gatherDirectory(
  directory: FileSystemDirectoryHandle,
  options: GatherOptions = {},
): Promise<GatheredFolder> {
  return gatherItems([Promise.resolve(directory)], options)
}

/**
 * The files of an `<input webkitdirectory>`, or plain files. Zips among plain files count as folders; one that lies
 * in a folder is not opened.
 */
export async function gatherFiles(
  files: Iterable<File>,
  options: GatherOptions = {},
): Promise<GatheredFolder> {
  const gathering = new Gathering(options)
  const all = [...files]
  const zips = all.filter((file) => !file.webkitRelativePath && isZip(file.name))
  const tops = new Set(zips.map(({ name }) => withoutZip(name)))
  const listed = all
    .filter((file) => !zips.includes(file))
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
  for (const { path } of listed) if (path.includes('/')) tops.add(path.slice(0, path.indexOf('/')))
  const single = tops.size === 1
  for (const { file, path } of listed) {
    gathering.file(single && path.includes('/') ? path.slice(path.indexOf('/') + 1) : path, {
      kind: 'file',
      file,
    })
    await gathering.breathe()
  }
  for (const zip of zips) await walkZip(zip, single ? '' : withoutZip(zip.name), gathering, language())
  return gathering.finish(folderName([...tops]))
}

/**
 * Asks the person for a folder: with a directory picker where the browser has one, else with a file input. Call it
 * in a click. @returns null where the person cancels.
 */
export async function pickFolder(options: GatherOptions = {}): Promise<GatheredFolder | null> {
  try {
    if (window.showDirectoryPicker)
      return await gatherDirectory(await window.showDirectoryPicker({ id: 'photos' }), options)
    const files = await directoryOpen({ recursive: true })
    return await gatherFiles(
      files.filter((file) => file instanceof File),
      options,
    )
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null
    throw error
  }
}

type Dropped = FileSystemHandle | FileSystemEntry | File

/** Takes one item out of the transfer: a handle, else (or where asking for it fails) an entry, else a file. */
function takeItem(item: DataTransferItem): Promise<Dropped | null> {
  const entry = item.webkitGetAsEntry?.() ?? null
  const file = item.getAsFile()
  const fallback = entry ?? file
  if (!item.getAsFileSystemHandle) return Promise.resolve(fallback)
  return item.getAsFileSystemHandle().then(
    (handle) => handle ?? fallback,
    () => fallback,
  )
}

async function gatherItems(
  items: readonly Promise<Dropped | null>[],
  options: GatherOptions,
): Promise<GatheredFolder> {
  const dropped = (await Promise.all(items)).filter((item) => item !== null)
  const folders = dropped.filter((item) => isDirectory(item) || isZip(item.name))
  const gathering = new Gathering(options)
  // One folder: paths are relative to it. Several: to the folder that would hold them.
  for (const folder of folders) {
    const path = folders.length === 1 ? '' : withoutZip(folder.name)
    if (isDirectory(folder)) await walk(folder, path, gathering)
    else await openZip(folder, path, gathering)
  }
  for (const item of dropped) if (!folders.includes(item)) await walk(item, item.name, gathering)
  const folder = await gathering.finish(folderName(folders.map(({ name }) => withoutZip(name))))
  return dropped.length > 0 && dropped.every(isHandle) ? { ...folder, handles: dropped } : folder
}

async function openZip(item: Dropped, path: string, gathering: Gathering): Promise<void> {
  try {
    const file = isFileHandle(item) ? await item.getFile() : isFileEntry(item) ? await entryFile(item) : item
    if (file instanceof File) await walkZip(file, path, gathering, language())
  } catch (error) {
    gathering.failed(item.name, error)
  }
}

const withoutZip = (name: string): string => (isZip(name) ? name.slice(0, -4) : name)

/** For file names in a zip that do not say how they are written. */
const language = (): string => navigator.language

function folderName(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')}, …` : names.join(', ')
}

type DroppedDirectory = FileSystemDirectoryHandle | FileSystemDirectoryEntry

function isDirectory(item: Dropped): item is DroppedDirectory {
  return 'isDirectory' in item ? item.isDirectory : 'kind' in item && item.kind === 'directory'
}

const isHandle = (item: Dropped): item is FileSystemHandle => 'kind' in item
const isFileHandle = (item: Dropped): item is FileSystemFileHandle => 'kind' in item && item.kind === 'file'
const isFileEntry = (item: Dropped): item is FileSystemFileEntry => 'isFile' in item && item.isFile

/** Notes a file, or a directory with all that it holds. `path` is '' for the root. */
async function walk(item: Dropped, path: string, gathering: Gathering): Promise<void> {
  try {
    if (isDirectory(item)) {
      if (path !== '' && !gathering.directory(path)) return
      const children = 'createReader' in item ? readEntries(item) : item.values()
      for await (const child of children)
        await walk(child, path === '' ? child.name : `${path}/${child.name}`, gathering)
    } else if (isFileHandle(item)) gathering.file(path, { kind: 'handle', handle: item })
    else if (isFileEntry(item)) gathering.file(path, { kind: 'file', file: await entryFile(item) })
    else if (item instanceof File) gathering.file(path, { kind: 'file', file: item })
  } catch (error) {
    gathering.failed(path === '' ? item.name : path, error)
  }
  await gathering.breathe()
}

/** A directory entry's children; the reader gives them in portions (100 in Chromium) until one is empty. */
async function* readEntries(directory: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = directory.createReader()
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (portion.length === 0) return
    yield* portion
  }
}

const entryFile = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject))
