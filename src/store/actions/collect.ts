/** Classes made by hand: opening, photos in and out, names, and the dataset that they become. */
import { transfer } from 'comlink'
import {
  addClass,
  asFolder,
  type CollectedPhoto,
  type Collection,
  type CollectionInfo,
  changeClass,
  classFolders,
  collectionDataset,
  freeName,
  manifestOf,
  type NameFault,
  nameFault,
  newCollection,
  openPhoto,
  pathsOf,
  photoCount,
  photoPath,
  putBack,
  type Removal,
  recordingPath,
  takeClass,
  takePhotos,
  tidyName,
} from '../../dataset/index.ts'
import type { Dataset } from '../../dataset/types.ts'
import { type CollectState, collectedPath } from '../collect-state.ts'
import { isActive } from '../run-state.ts'
import { services } from '../services.ts'
import { useApp } from '../state.ts'
import { giveThumbnail, THUMBNAIL_SIDE } from '../thumbnails.ts'
import { openProjectOf } from './project-record.ts'

/** Collections of this page of which photos are in memory only, as they were when they were left. */
const unkept = new Map<string, Collection>()

/** Ends the claim on the collection that is being edited. */
let release: (() => void) | null = null

/** A new collection of empty classes, in the page's words. */
export async function startCollection(name: string, classNames: readonly string[]): Promise<void> {
  const id = `${Date.now().toString(36)}-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`
  release = await services().lockCollection(id)
  await show(newCollection(id, name, classNames), true)
}

/** Opens a collection to change it. A run keeps the photos that it began with, so it is refused while one goes. */
export async function editCollection(id: string): Promise<void> {
  if (isActive(useApp.getState().run.status)) {
    useApp.setState({ collectError: 'training' })
    return
  }
  const lock = await services().lockCollection(id)
  if (!lock) {
    useApp.setState({ collectError: 'elsewhere' })
    return
  }
  try {
    const collection = withListedNames(await read(id))
    release = lock
    await show(collection, false)
  } catch {
    lock()
    useApp.setState({ collectError: 'gone' })
  }
}

async function show(collection: Collection, isNew: boolean): Promise<void> {
  const keeps = await services().collections((keeper) => keeper.keepsFiles())
  useApp.setState({
    collectError: null,
    collect: {
      collection,
      selected: collection.classes[0]?.key ?? '',
      isNew,
      unkept: keeps ? null : 'none',
      undo: null,
      refused: [],
      failure: null,
    },
  })
}

/** With the names that classes were given in the list of data, where the collection is what is open there. */
function withListedNames(collection: Collection): Collection {
  const state = useApp.getState()
  if (openProjectOf(state)?.collection !== collection.id) return collection
  const names = new Map(state.data.dataset?.classes.map(({ id, name }) => [id, name]))
  const folders = classFolders(collection.classes)
  return collection.classes.reduce((named, { key }, i) => {
    const name = names.get(folders[i])
    if (name === undefined || nameFault(named, key, name) !== null) return named
    return changeClass(named, key, (each) => ({ ...each, name: tidyName(name) }))
  }, collection)
}

const read = async (id: string): Promise<Collection> =>
  unkept.get(id) ?? services().collections((keeper) => keeper.open(id))

/** Kept collections that hold photos, newest first. */
export async function listCollections(): Promise<CollectionInfo[]> {
  const all = (await services().hasCollections())
    ? await services().collections((keeper) => keeper.list())
    : []
  const kept = all.filter(({ id, photos }) => photos > 0 && !unkept.has(id))
  const now = new Date().toISOString()
  const inMemory = [...unkept.values()].map((collection) => ({
    id: collection.id,
    name: collection.name,
    photos: photoCount(collection),
    savedAt: now,
  }))
  return [...inMemory, ...kept]
}

/** @throws where it is not there any more. */
export async function openCollection(id: string): Promise<Dataset> {
  return collectionDataset(await read(id), useApp.getState().recipe)
}

/** Every copy of its photos. */
export async function deleteCollection(id: string): Promise<void> {
  if (useApp.getState().collect?.collection.id === id) leaveCollection()
  unkept.delete(id)
  await services().collections((keeper) => keeper.removeAll(id))
}

/** The state while a collection is open, with changes merged; nothing where none is. */
function patch(change: (state: CollectState) => Partial<CollectState>): void {
  useApp.setState(({ collect }) => ({ collect: collect && { ...collect, ...change(collect) } }))
}

/** Changes the collection and writes its names down. */
function change(edit: (collection: Collection) => Collection): void {
  patch(({ collection }) => ({ collection: edit(collection) }))
  save()
}

function save(): void {
  const { collect } = useApp.getState()
  if (!collect) return
  const { collection, undo } = collect
  const removed = undo?.kind === 'photos' ? pathsOf(undo) : []
  services()
    .collections((keeper) => keeper.save(collection.id, manifestOf(collection, removed, new Date())))
    .catch(() => patch(() => ({ unkept: 'full' })))
}

export const selectClass = (key: string): void => patch(() => ({ selected: key }))

export const renameCollection = (name: string): void => {
  const tidy = tidyName(name)
  if (tidy !== '') change((collection) => ({ ...collection, name: tidy }))
}

/** @param nameOf a name for a number: `Class 3` */
export function addCollectedClass(nameOf: (number: number) => string): void {
  change((collection) => addClass(collection, freeName(collection, nameOf)))
  patch(({ collection }) => ({ selected: collection.classes.at(-1)?.key }))
}

/** @returns why the class may not be called so; it keeps its name then. */
export function renameCollectedClass(key: string, name: string): NameFault | null {
  const { collect } = useApp.getState()
  const fault = collect ? nameFault(collect.collection, key, name) : null
  if (fault === null)
    change((collection) => changeClass(collection, key, (each) => ({ ...each, name: tidyName(name) })))
  return fault
}

export const removeCollectedClass = (key: string): void => remove((collection) => takeClass(collection, key))

export const removeCollectedPhotos = (key: string, paths: ReadonlySet<string>): void =>
  remove((collection) => takePhotos(collection, key, paths))

/** Takes something out; what was taken out before is deleted now, since there is one step back. */
function remove(take: (collection: Collection) => [Collection, Removal] | null): void {
  const { collect } = useApp.getState()
  const taken = collect && take(collect.collection)
  if (!taken) return
  forgetRemoved()
  const [collection, undo] = taken
  patch(({ selected }) => {
    const stays = collection.classes.some(({ key }) => key === selected)
    return { collection, undo, selected: stays ? selected : (collection.classes[0]?.key ?? '') }
  })
  save()
}

export function undoRemoval(): void {
  const { collect } = useApp.getState()
  if (!collect?.undo) return
  const { undo } = collect
  patch(() => ({ undo: null }))
  change((collection) => putBack(collection, undo))
  if (undo.kind === 'class') selectClass(undo.removed.key)
}

/** Deletes what was taken out for good. */
export function forgetRemoved(): void {
  const { collect } = useApp.getState()
  if (!collect?.undo) return
  const paths = pathsOf(collect.undo)
  patch(() => ({ undo: null }))
  save()
  void services()
    .collections((keeper) => keeper.remove(collect.collection.id, paths))
    .catch(() => {})
}

/** The number of a class's next recording: each is a group of frames that stays together. */
export function beginRecording(key: string): number {
  const { collect } = useApp.getState()
  const number = collect?.collection.classes.find((each) => each.key === key)?.nextRecording ?? 1
  change((collection) => changeClass(collection, key, (each) => ({ ...each, nextRecording: number + 1 })))
  return number
}

/** Keeps one frame of a recording. The bitmap is given away. */
export async function keepFrame(
  key: string,
  recording: number,
  frame: number,
  bitmap: ImageBitmap,
): Promise<void> {
  const { collect } = useApp.getState()
  if (!collect) return
  const { id } = collect.collection
  const path = recordingPath(recording, frame)
  try {
    const kept = await services().collections((keeper) =>
      keeper.keepFrame(id, `${key}/${path}`, transfer(bitmap, [bitmap]), THUMBNAIL_SIDE),
    )
    giveThumbnail(collectedPath(id, key, path), kept.thumbnail)
    addPhoto(id, key, { path, source: kept.source }, kept.failure)
  } catch (error) {
    patch(() => ({ failure: error instanceof Error ? error.message : String(error) }))
  }
}

function addPhoto(id: string, key: string, photo: CollectedPhoto, failure: CollectState['unkept']): void {
  patch(({ collection, unkept }) =>
    collection.id === id
      ? {
          collection: changeClass(collection, key, (each) => ({ ...each, photos: [...each.photos, photo] })),
          unkept: failure ?? unkept,
        }
      : {},
  )
}

/** Files into a class, as they are; those that are no photos are named. */
export async function addFiles(key: string, files: readonly File[]): Promise<void> {
  const { collect } = useApp.getState()
  if (!collect) return
  const { id } = collect.collection
  const refused: string[] = []
  patch(() => ({ refused, failure: null }))
  for (const file of files) {
    const number = nextPhoto(key)
    const path = photoPath(number, file)
    if (path === null) {
      refused.push(file.name)
      continue
    }
    patch(({ collection }) => ({
      collection: changeClass(collection, key, (each) => ({ ...each, nextPhoto: number + 1 })),
    }))
    try {
      const { source, failure } = await services().collections((keeper) =>
        keeper.keep(id, `${key}/${path}`, file),
      )
      addPhoto(id, key, { path, source }, failure)
    } catch (error) {
      patch(() => ({ failure: error instanceof Error ? error.message : String(error) }))
    }
  }
  patch(() => ({ refused: [...refused] }))
  save()
}

const nextPhoto = (key: string): number =>
  useApp.getState().collect?.collection.classes.find((each) => each.key === key)?.nextPhoto ?? 1

/** What was dropped on a class: files, folders with all that they hold. Call it within the drop event. */
export async function addDrop(key: string, transfer: DataTransfer): Promise<void> {
  const gathered = services().gatherDrop(transfer, () => {})
  try {
    const { entries } = await gathered
    const files = entries.map(async ({ path, source }) => {
      const bytes = await openPhoto(source)
      return new File([bytes], path.slice(path.lastIndexOf('/') + 1), { type: bytes.type })
    })
    await addFiles(key, await Promise.all(files))
  } catch (error) {
    patch(() => ({ failure: error instanceof Error ? error.message : String(error) }))
  }
}

/** The whole collection as a zip that this page opens again. @throws where a photo is gone */
export async function zipCollection(): Promise<{ name: string; zip: Blob } | null> {
  const { collect } = useApp.getState()
  if (!collect) return null
  const folder = asFolder(collect.collection)
  return { name: `${folder.name}.zip`, zip: await services().collections((keeper) => keeper.zip(folder)) }
}

/** Puts the collection away, where one is open: another dataset takes its place. */
export function leaveCollection(): void {
  forgetRemoved()
  const { collect } = useApp.getState()
  if (collect) {
    const { collection } = collect
    const inMemory = collection.classes.some(({ photos }) =>
      photos.some(({ source }) => source.kind === 'file'),
    )
    if (inMemory) unkept.set(collection.id, collection)
    else unkept.delete(collection.id)
    save()
  }
  release?.()
  release = null
  useApp.setState({ collect: null })
}
