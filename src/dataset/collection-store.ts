/**
 * Keeps collections in the browser's own file system (OPFS), one folder each: `collection.json` beside
 * `class-1/recording-2/0007.jpg`. Lives in a worker, so that neither JPEG nor the disk hold up the page. The files are
 * the truth about photos, the manifest about names: a tab that is closed while it records loses nothing that was
 * written.
 */
import type { CollectedClass, CollectedPhoto, Collection, CollectionInfo } from './collection.ts'
import { COLLECTIONS } from './collection-folder.ts'
import { type CollectionManifest, parseManifest } from './collection-manifest.ts'
import { isPhoto } from './formats.ts'
import type { GatheredFolder, PhotoSource } from './types.ts'

const MANIFEST = 'collection.json'
/** Of what a camera gives: no visible loss, a tenth of the bytes. */
const FRAME_QUALITY = 0.92
const THUMBNAIL_QUALITY = 0.8

/** `full`: the disk, or the browser's share of it. `none`: this browser (or this window) keeps no files. */
export type KeepFailure = 'full' | 'none'

/** Where a photo lies now: in memory only, where it could not be kept. */
export interface KeptPhoto {
  source: PhotoSource
  failure: KeepFailure | null
}

export class CollectionStore {
  readonly #root: Promise<FileSystemDirectoryHandle | null>
  #last: Promise<void> = Promise.resolve()

  /** @param storage the browser's file system; rejects where there is none. */
  constructor(storage: () => Promise<FileSystemDirectoryHandle> = () => navigator.storage.getDirectory()) {
    // A browser without this interface has no `getDirectory` at all: that is a rejection here too.
    this.#root = Promise.resolve()
      .then(storage)
      .then((root) => root.getDirectoryHandle(COLLECTIONS, { create: true }))
      .catch(() => null)
  }

  /** Writes and deletes one after the other, as they were asked for. */
  #inOrder<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task)
    this.#last = result.then(
      () => {},
      () => {},
    )
    return result
  }

  /** Whether photos survive the tab. */
  async keepsFiles(): Promise<boolean> {
    return (await this.#root) !== null
  }

  /** Newest first. A folder without a readable manifest is passed over. */
  async list(): Promise<CollectionInfo[]> {
    const infos: CollectionInfo[] = []
    for (const id of await this.#ids()) {
      const folder = await this.#folder(id)
      const manifest = await readManifest(folder).catch(() => null)
      if (!manifest) continue
      const classes = await readClasses(folder, manifest)
      const photos = classes.reduce((sum, each) => sum + each.photos.length, 0)
      infos.push({ id, name: manifest.name, photos, savedAt: manifest.savedAt })
    }
    return infos.sort((a, b) => b.savedAt.localeCompare(a.savedAt))
  }

  /** Also deletes what was removed and not brought back. @throws where it is not there or not readable. */
  async open(id: string): Promise<Collection> {
    return this.#inOrder(async () => {
      const folder = await this.#folder(id)
      const manifest = await readManifest(folder)
      for (const path of manifest.removed) await removePath(folder, path)
      for (const name of await namesIn(folder))
        if (name !== MANIFEST && !manifest.classes.some(({ key }) => key === name))
          await folder.removeEntry(name, { recursive: true })
      const { name, nextClass } = manifest
      return { id, name, nextClass, classes: await readClasses(folder, manifest) }
    })
  }

  /** Names and order; the photos are there already. */
  async save(id: string, manifest: CollectionManifest): Promise<void> {
    return this.#inOrder(async () => {
      const root = await this.#root
      if (!root) return
      const folder = await root.getDirectoryHandle(id, { create: true })
      await writeFile(
        await folder.getFileHandle(MANIFEST, { create: true }),
        new Blob([JSON.stringify(manifest)]),
      )
    })
  }

  /** Keeps a photo's bytes at `class-1/recording-2/0007.jpg` of a collection. */
  async keep(id: string, path: string, bytes: Blob): Promise<KeptPhoto> {
    return this.#inOrder(async () => {
      const name = path.slice(path.lastIndexOf('/') + 1)
      const inMemory: PhotoSource = { kind: 'file', file: new File([bytes], name, { type: bytes.type }) }
      const root = await this.#root
      if (!root) return { source: inMemory, failure: 'none' }
      try {
        const folder = await root.getDirectoryHandle(id, { create: true })
        const handle = await (await directoryOf(folder, path, true)).getFileHandle(name, { create: true })
        try {
          await writeFile(handle, bytes)
        } catch (error) {
          await removePath(folder, path)
          throw error
        }
        return { source: { kind: 'handle', handle }, failure: null }
      } catch (error) {
        const full = error instanceof DOMException && error.name === 'QuotaExceededError'
        return { source: inMemory, failure: full ? 'full' : 'none' }
      }
    })
  }

  /** A camera's frame as JPEG, and a thumbnail of it, at most `side` px. Closes the frame. */
  async keepFrame(
    id: string,
    path: string,
    frame: ImageBitmap,
    side: number,
  ): Promise<KeptPhoto & { thumbnail: Blob }> {
    const scale = side / Math.max(frame.width, frame.height)
    const [bytes, thumbnail] = await Promise.all([
      encode(frame, 1, FRAME_QUALITY),
      encode(frame, Math.min(1, scale), THUMBNAIL_QUALITY),
    ])
    frame.close()
    return { ...(await this.keep(id, path, bytes)), thumbnail }
  }

  /** Deletes photos or whole classes; what is not there is passed over. */
  async remove(id: string, paths: readonly string[]): Promise<void> {
    return this.#inOrder(async () => {
      if (!(await this.#ids()).includes(id)) return
      const folder = await this.#folder(id)
      for (const path of paths) await removePath(folder, path)
    })
  }

  /** The whole collection. */
  async removeAll(id: string): Promise<void> {
    return this.#inOrder(async () => {
      const root = await this.#root
      await root?.removeEntry(id, { recursive: true }).catch(passOverMissing)
    })
  }

  async #ids(): Promise<string[]> {
    const root = await this.#root
    return root ? namesIn(root) : []
  }

  async #folder(id: string): Promise<FileSystemDirectoryHandle> {
    const root = await this.#root
    if (!root) throw new Error('this browser keeps no files')
    return root.getDirectoryHandle(id)
  }
}

async function encode(frame: ImageBitmap, scale: number, quality: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(frame.width * scale)),
    Math.max(1, Math.round(frame.height * scale)),
  )
  const context = canvas.getContext('2d', { alpha: false })
  if (context) context.imageSmoothingQuality = 'high'
  context?.drawImage(frame, 0, 0, canvas.width, canvas.height)
  return canvas.convertToBlob({ type: 'image/jpeg', quality })
}

async function readManifest(folder: FileSystemDirectoryHandle): Promise<CollectionManifest> {
  return parseManifest(await (await (await folder.getFileHandle(MANIFEST)).getFile()).text())
}

const naturally = new Intl.Collator('en', { numeric: true })

async function readClasses(
  folder: FileSystemDirectoryHandle,
  { classes, removed }: CollectionManifest,
): Promise<CollectedClass[]> {
  const gone = new Set(removed)
  const read = classes.map(async (each): Promise<CollectedClass> => {
    const directory = await folder.getDirectoryHandle(each.key).catch(passOverMissing)
    const found = directory ? await photosIn(directory, '') : []
    const photos = found
      .filter(({ path }) => !gone.has(`${each.key}/${path}`))
      .sort((a, b) => naturally.compare(a.path, b.path))
    // The manifest may be older than the last photos.
    const past = (pattern: RegExp) => found.map(({ path }) => Number(pattern.exec(path)?.[1] ?? 0))
    return {
      ...each,
      photos,
      nextRecording: Math.max(each.nextRecording, ...past(/^recording-(\d+)\//).map((number) => number + 1)),
      nextPhoto: Math.max(each.nextPhoto, ...past(/^photo-(\d+)\./).map((number) => number + 1)),
    }
  })
  return Promise.all(read)
}

async function photosIn(directory: FileSystemDirectoryHandle, prefix: string): Promise<CollectedPhoto[]> {
  const photos: CollectedPhoto[] = []
  for await (const [name, handle] of directory.entries()) {
    if (isDirectory(handle)) photos.push(...(await photosIn(handle, `${prefix}${name}/`)))
    else if (isPhoto(name) && isFile(handle))
      photos.push({ path: `${prefix}${name}`, source: { kind: 'handle', handle } })
  }
  return photos
}

const isDirectory = (handle: FileSystemHandle): handle is FileSystemDirectoryHandle =>
  handle.kind === 'directory'
const isFile = (handle: FileSystemHandle): handle is FileSystemFileHandle => handle.kind === 'file'

/** The directory in which the last part of a path lies. */
async function directoryOf(
  folder: FileSystemDirectoryHandle,
  path: string,
  create: boolean,
): Promise<FileSystemDirectoryHandle> {
  let directory = folder
  for (const part of path.split('/').slice(0, -1))
    directory = await directory.getDirectoryHandle(part, { create })
  return directory
}

async function removePath(folder: FileSystemDirectoryHandle, path: string): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  try {
    await (await directoryOf(folder, path, false)).removeEntry(name, { recursive: true })
  } catch (error) {
    passOverMissing(error)
  }
}

function passOverMissing(error: unknown): void {
  if (!(error instanceof DOMException) || error.name !== 'NotFoundError') throw error
}

/** Synchronous access handles are what every browser has in its workers; Safari has no other. */
async function writeFile(handle: FileSystemFileHandle, bytes: Blob): Promise<void> {
  const data = new Uint8Array(await bytes.arrayBuffer())
  const file = await handle.createSyncAccessHandle()
  try {
    file.truncate(0)
    const written = file.write(data, { at: 0 })
    if (written < data.length) throw new DOMException('the disk is full', 'QuotaExceededError')
    file.flush()
  } finally {
    file.close()
  }
}

async function namesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = []
  for await (const name of folder.keys()) names.push(name)
  return names
}

/** What a collection's photos can be asked for, and the zip that they make. */
export interface CollectionKeeper
  extends Pick<
    CollectionStore,
    'keepsFiles' | 'list' | 'open' | 'save' | 'keep' | 'keepFrame' | 'remove' | 'removeAll'
  > {
  zip(folder: Pick<GatheredFolder, 'entries' | 'namesFiles'>): Promise<Blob>
}
