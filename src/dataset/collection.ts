/**
 * Classes made by hand: names, and photos from a camera or from files. Immutable data and functions over it; where the
 * bytes lie is the business of `collection-store.ts`.
 */
import { isHidden, isPhoto } from './formats.ts'
import { groupBy } from './group-by.ts'
import { splitOf } from './layout.ts'
import { type ReadOptions, readDataset } from './read-dataset.ts'
import type { Dataset, FolderEntry, GatheredFolder, NamesFile, PhotoSource } from './types.ts'

export interface CollectedPhoto {
  /** Unique within its class: `recording-2/0007.jpg`, or `photo-0003.png` where it came as a file. */
  path: string
  source: PhotoSource
}

export interface CollectedClass {
  /** Unique within the collection and never used again: where its photos lie. */
  key: string
  /** As the person wrote it. */
  name: string
  /** In the order in which they came. */
  photos: readonly CollectedPhoto[]
  /** The number that the next recording gets; a number is never used again. */
  nextRecording: number
  /** The number that the next single photo gets. */
  nextPhoto: number
}

export interface Collection {
  id: string
  name: string
  /** In the order in which they were made. */
  classes: readonly CollectedClass[]
  nextClass: number
}

/** What a list of collections says of one. */
export interface CollectionInfo {
  id: string
  name: string
  photos: number
  /** ISO 8601. */
  savedAt: string
}

/** Fewer photos beside the largest recording say little of how well a class is recognised. */
const ENOUGH_TESTS = 3
/** A class with fewer photos can be trained, but is hardly worth it. */
export const ENOUGH_PHOTOS = 10

/** An empty collection of as many classes as there are names. */
export function newCollection(id: string, name: string, classNames: readonly string[]): Collection {
  return classNames.reduce(addClass, { id, name, classes: [], nextClass: 1 })
}

export function addClass(collection: Collection, name: string): Collection {
  const key = `class-${collection.nextClass}`
  const added = { key, name, photos: [], nextRecording: 1, nextPhoto: 1 }
  return { ...collection, classes: [...collection.classes, added], nextClass: collection.nextClass + 1 }
}

export function removeClass(collection: Collection, key: string): Collection {
  return { ...collection, classes: collection.classes.filter((each) => each.key !== key) }
}

/** Changes one class; a key that is not there changes nothing. */
export function changeClass(
  collection: Collection,
  key: string,
  change: (before: CollectedClass) => CollectedClass,
): Collection {
  return {
    ...collection,
    classes: collection.classes.map((each) => (each.key === key ? change(each) : each)),
  }
}

export type NameFault = 'empty' | 'taken'

/** The name as it is kept: composed (NFC), without space at its ends or twice in a row. */
export const tidyName = (name: string): string => name.normalize().trim().replace(/\s+/g, ' ')

/** What keeps a class from being called so. `Cat` and `cat` would be one folder on many systems: one name. */
export function nameFault(collection: Collection, key: string, name: string): NameFault | null {
  const wanted = tidyName(name).toLocaleLowerCase()
  if (wanted === '') return 'empty'
  const taken = collection.classes.some(
    (each) => each.key !== key && each.name.toLocaleLowerCase() === wanted,
  )
  return taken ? 'taken' : null
}

/** The lowest number that makes `nameOf(number)` a name that no class has. */
export function freeName(collection: Collection, nameOf: (number: number) => string): string {
  let number = 1
  while (nameFault(collection, '', nameOf(number)) !== null) number++
  return nameOf(number)
}

/** Names of devices that Windows gives to no file, with or without an ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i
/** Refused by Windows; the slash everywhere. Control characters too. */
const REFUSED = /[<>:"/\\|?*\p{Cc}]/gu
const LONGEST_FOLDER = 60

/**
 * A folder's name for each class, that every file system takes, that is distinct in any case, and that a reader of the
 * folder takes neither for a split (`train`) nor for something that systems leave about.
 */
export function classFolders(classes: readonly Pick<CollectedClass, 'name'>[]): string[] {
  const taken = new Set<string>()
  return classes.map(({ name }) => {
    const plain = [...name.replace(REFUSED, '_')]
      .slice(0, LONGEST_FOLDER)
      .join('')
      .replace(/[. ]+$/, '')
    const reserved = isHidden(plain) || splitOf(plain) !== undefined || DEVICE.test(plain) || plain === ''
    const safe = reserved ? `_${plain}` : plain
    let folder = safe
    for (let copy = 2; taken.has(folder.toLowerCase()); copy++) folder = `${safe}-${copy}`
    taken.add(folder.toLowerCase())
    return folder
  })
}

/** The dictionary from folder to class name, where the two differ somewhere: a `cat_to_name.json`. */
function namesFile(folders: readonly string[], { classes }: Collection): NamesFile[] {
  const renamed = folders.flatMap((folder, i) =>
    folder === classes[i].name ? [] : [[folder, classes[i].name]],
  )
  if (renamed.length === 0) return []
  return [{ path: 'cat_to_name.json', text: `${JSON.stringify(Object.fromEntries(renamed), null, 2)}\n` }]
}

/**
 * The collection as the folder that its zip holds: `<class>/recording-2/0007.jpg`, with class names in
 * `cat_to_name.json` where a folder cannot be called like its class.
 */
export function asFolder(collection: Collection): GatheredFolder {
  const folders = classFolders(collection.classes)
  const entries = collection.classes.flatMap(({ photos }, i) =>
    photos.map(({ path, source }): FolderEntry => ({ path: `${folders[i]}/${path}`, source })),
  )
  return {
    name: collection.name,
    entries,
    directories: folders,
    namesFiles: namesFile(folders, collection),
    problems: [],
    ignored: 0,
  }
}

/** The collection as any dropped folder: read from its zip it is the same dataset. */
export function collectionDataset(collection: Collection, options: ReadOptions): Dataset {
  return readDataset(asFolder(collection), options)
}

export type Missing = 'photos' | 'recording'

/**
 * What a class still lacks to be worth a training run: photos, or a second recording, without which none of its
 * photos can validate. Null where it has enough.
 */
export function missingIn({ photos }: Pick<CollectedClass, 'photos'>): Missing | null {
  if (photos.length < ENOUGH_PHOTOS) return 'photos'
  const largest = Math.max(...partsOf(photos).map((part) => part.photos.length))
  return photos.length - largest < ENOUGH_TESTS ? 'recording' : null
}

/** What one class's photos fall into: recordings with all their frames, single photos. In their order. */
export function partsOf(photos: readonly CollectedPhoto[]): { name: string; photos: CollectedPhoto[] }[] {
  const parts = groupBy(photos, ({ path }) => path.slice(0, path.indexOf('/') + 1) || path)
  return [...parts].map(([name, members]) => ({ name, photos: members }))
}

export const recordingPath = (recording: number, frame: number): string =>
  `recording-${recording}/${String(frame).padStart(4, '0')}.jpg`

/**
 * Where a file is kept: its ending stays, since it says what a file is to other programs. Null where neither its name
 * nor its type says that it is a photo.
 */
export function photoPath(number: number, file: Pick<File, 'name' | 'type'>): string | null {
  const stem = `photo-${String(number).padStart(4, '0')}`
  const named = `${stem}${/\.[a-z0-9]{1,5}$/i.exec(file.name)?.[0].toLowerCase() ?? ''}`
  if (isPhoto(named)) return named
  // Pasted pictures may have no name; the type of others says more than an unknown ending.
  const typed = `${stem}.${/^image\/(\w+)$/.exec(file.type)?.[1] ?? ''}`
  return isPhoto(typed) ? typed : null
}

export const photoCount = ({ classes }: Pick<Collection, 'classes'>): number =>
  classes.reduce((sum, { photos }) => sum + photos.length, 0)

/** What was taken out and may be put back. */
export type Removal =
  | { kind: 'class'; removed: CollectedClass; index: number }
  | { kind: 'photos'; key: string; removed: readonly { photo: CollectedPhoto; index: number }[] }

/** @returns the collection without the class, and what puts it back; null where there is no such class. */
export function takeClass(collection: Collection, key: string): [Collection, Removal] | null {
  const index = collection.classes.findIndex((each) => each.key === key)
  if (index === -1) return null
  return [removeClass(collection, key), { kind: 'class', removed: collection.classes[index], index }]
}

/** @returns the collection without these photos of a class, and what puts them back; null where none is there. */
export function takePhotos(
  collection: Collection,
  key: string,
  paths: ReadonlySet<string>,
): [Collection, Removal] | null {
  const photos = collection.classes.find((each) => each.key === key)?.photos ?? []
  const removed = photos.flatMap((photo, index) => (paths.has(photo.path) ? [{ photo, index }] : []))
  if (removed.length === 0) return null
  const without = changeClass(collection, key, (before) => ({
    ...before,
    photos: before.photos.filter(({ path }) => !paths.has(path)),
  }))
  return [without, { kind: 'photos', key, removed }]
}

/** Puts back what was taken out, where it stood; what came meanwhile stays. A class whose name was given away gets a number. */
export function putBack(collection: Collection, removal: Removal): Collection {
  if (removal.kind === 'photos')
    return changeClass(collection, removal.key, (before) => {
      const photos = [...before.photos]
      for (const { photo, index } of removal.removed) photos.splice(index, 0, photo)
      return { ...before, photos }
    })
  const { removed, index } = removal
  const name = freeName(collection, (number) => (number === 1 ? removed.name : `${removed.name} ${number}`))
  return { ...collection, classes: collection.classes.toSpliced(index, 0, { ...removed, name }) }
}

/** Where what was taken out lies, below the collection's folder. */
export const pathsOf = (removal: Removal): string[] =>
  removal.kind === 'class'
    ? [removal.removed.key]
    : removal.removed.map(({ photo }) => `${removal.key}/${photo.path}`)
