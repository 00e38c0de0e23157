import { beforeEach, describe, expect, test, vi } from 'vitest'
import { CollectionStore } from '../../dataset/collection-store.ts'
import { zipFolder } from '../../dataset/collection-zip.ts'
import { type CollectionKeeper, type CollectionManifest, recordingPath } from '../../dataset/index.ts'
import { idleRun } from '../run-state.ts'
import { provideServices } from '../services.ts'
import { initialState, useApp } from '../state.ts'
import { fakeServices, fakeTrainer, photoFile } from '../testing.ts'
import {
  addCollectedClass,
  addFiles,
  beginRecording,
  deleteCollection,
  editCollection,
  forgetRemoved,
  keepFrame,
  listCollections,
  openCollection,
  removeCollectedClass,
  removeCollectedPhotos,
  renameCollectedClass,
  startCollection,
  undoRemoval,
} from './collect.ts'
import { closeCollection, finishCollection } from './collected.ts'

/** A frame, as far as these tests need one. */
class Frame {
  readonly width = 4
  readonly height = 3
  close() {}
}

let kept: string[]
let saved: CollectionManifest[]
let removed: string[]
let refuses: 'full' | null
let locked: boolean
let trained: number

beforeEach(async () => {
  kept = []
  saved = []
  removed = []
  refuses = null
  locked = false
  trained = 0
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => {} }))
  useApp.setState(initialState, true)
  // Without a file system, photos stay in memory.
  const store = new CollectionStore(() => Promise.reject(new Error('no files here')))
  const keep = async (_: string, path: string, bytes: Blob) => {
    kept.push(path)
    const source = { kind: 'file' as const, file: new File([bytes], path) }
    return { source, failure: refuses }
  }
  const keeper: CollectionKeeper = {
    keepsFiles: async () => true,
    list: () => store.list(),
    open: (id) => store.open(id),
    save: async (_, manifest) => void saved.push(manifest),
    keep,
    keepFrame: async (id, path) => ({
      ...(await keep(id, path, new Blob(['x']))),
      thumbnail: new Blob(['x']),
    }),
    remove: async (_, paths) => void removed.push(...paths),
    removeAll: async (id) => void removed.push(id),
    zip: zipFolder,
  }
  provideServices(
    fakeServices({
      collections: (call) => call(keeper),
      lockCollection: async () => (locked ? null : () => {}),
      trainer: fakeTrainer({ run: async () => void trained++ }),
    }),
  )
  await startCollection('My photos', ['Class 1', 'Class 2'])
})

const opened = () => {
  const { collect } = useApp.getState()
  if (!collect) throw new Error('no collection is open')
  return collect
}
const photosOf = (key: string) =>
  opened()
    .collection.classes.find((each) => each.key === key)
    ?.photos.map(({ path }) => path)
/** What the list says of a collection. */
const listed = async (id: string) => (await listCollections()).filter((each) => each.id === id)
const names = () => opened().collection.classes.map(({ name }) => name)

/** Records as a person who holds the button for so many frames. */
async function record(key: string, frames: number): Promise<void> {
  const number = beginRecording(key)
  for (let frame = 1; frame <= frames; frame++) await keepFrame(key, number, frame, new Frame())
}

describe('recording', () => {
  test('puts each hold into a recording of its own, in its class', async () => {
    await record('class-1', 2)
    await record('class-1', 1)
    await record('class-2', 1)
    expect(photosOf('class-1')).toEqual([
      'recording-1/0001.jpg',
      'recording-1/0002.jpg',
      'recording-2/0001.jpg',
    ])
    expect(photosOf('class-2')).toEqual(['recording-1/0001.jpg'])
    expect(kept[3]).toBe('class-2/recording-1/0001.jpg')
  })

  test('goes on in memory where the disk is full, and says so', async () => {
    refuses = 'full'
    await record('class-1', 2)
    expect(photosOf('class-1')).toHaveLength(2)
    expect(opened().unkept).toBe('full')
  })
})

describe('files', () => {
  test('are taken with their endings; what is no photo is named, and the rest is taken all the same', async () => {
    await addFiles('class-2', [photoFile('a.jpg'), new File(['x'], 'notes.txt'), photoFile('b.png')])
    expect(photosOf('class-2')).toEqual(['photo-0001.jpg', 'photo-0002.png'])
    expect(opened().refused).toEqual(['notes.txt'])
  })
})

describe('classes', () => {
  test('of one name are refused, and keep the names they had', () => {
    expect(renameCollectedClass('class-2', 'class 1 ')).toBe('taken')
    expect(renameCollectedClass('class-1', 'Cup')).toBeNull()
    expect(names()).toEqual(['Cup', 'Class 2'])
    expect(saved.at(-1)?.classes.map(({ name }) => name)).toEqual(['Cup', 'Class 2'])
  })

  test('are added with the first free name, and chosen', () => {
    addCollectedClass((number) => `Class ${number}`)
    expect(names()).toEqual(['Class 1', 'Class 2', 'Class 3'])
    expect(opened().selected).toBe('class-3')
  })

  test('that were removed come back whole; nothing is deleted before that is given up', async () => {
    await record('class-1', 2)
    removeCollectedClass('class-1')
    expect(names()).toEqual(['Class 2'])
    expect(opened().selected).toBe('class-2')
    expect(removed).toEqual([])
    undoRemoval()
    expect(names()).toEqual(['Class 1', 'Class 2'])
    expect(photosOf('class-1')).toHaveLength(2)

    removeCollectedClass('class-1')
    forgetRemoved()
    expect(removed).toEqual(['class-1'])
    expect(opened().undo).toBeNull()
  })

  test('photos that were removed are written down as such, so that a reload does not bring them back', async () => {
    await record('class-1', 3)
    removeCollectedPhotos('class-1', new Set([recordingPath(1, 2)]))
    expect(photosOf('class-1')).toEqual(['recording-1/0001.jpg', 'recording-1/0003.jpg'])
    expect(saved.at(-1)?.removed).toEqual(['class-1/recording-1/0002.jpg'])
    undoRemoval()
    expect(photosOf('class-1')).toEqual([1, 2, 3].map((frame) => recordingPath(1, frame)))
    expect(saved.at(-1)?.removed).toEqual([])
  })
})

describe('a collection', () => {
  const fill = async () => {
    for (const key of ['class-1', 'class-2']) {
      await record(key, 6)
      await record(key, 5)
    }
  }

  test('becomes the page’s dataset and is trained with, whole recordings on one side', async () => {
    await fill()
    await finishCollection({ train: true })
    const { data, collect } = useApp.getState()
    expect(collect).toBeNull()
    expect(data.dataset?.classes.map(({ name }) => name)).toEqual(['Class 1', 'Class 2'])
    const sides = new Set(
      data.dataset?.samples.map(({ path, split }) => `${path.replace(/\/[^/]*$/, '')} ${split}`),
    )
    expect(sides.size).toBe(4)
    expect(trained).toBe(1)
  })

  test('stays the same project when photos are added, and cannot be changed while a run goes', async () => {
    await fill()
    const { id } = opened().collection
    await finishCollection({ train: false })
    const before = useApp.getState().data
    useApp.setState({ run: { ...idleRun, status: 'running' } })
    await editCollection(id)
    expect(useApp.getState().collect).toBeNull()
    expect(useApp.getState().collectError).toBe('training')

    useApp.setState({ run: idleRun })
    await editCollection(id)
    await record('class-1', 4)
    await closeCollection()
    const { data } = useApp.getState()
    expect(data.project).toBe(before.project)
    expect(data.checkpointKey).not.toBe(before.checkpointKey)
    expect(data.dataset?.samples).toHaveLength(26)
  })

  test('that is left as it was leaves the run and its results', async () => {
    await fill()
    const { id } = opened().collection
    await finishCollection({ train: false })
    const run = { ...idleRun, status: 'completed' as const }
    useApp.setState({ run })
    await editCollection(id)
    await closeCollection()
    expect(useApp.getState().run).toBe(run)
    await editCollection(id)
    await record('class-2', 1)
    await closeCollection()
    expect(useApp.getState().run.status).toBe('idle')
  })

  test('is listed and opened again where only memory keeps it, until it is deleted', async () => {
    await fill()
    const { id } = opened().collection
    await closeCollection()
    expect(await listed(id)).toMatchObject([{ id, name: 'My photos', photos: 22 }])
    expect((await openCollection(id)).samples).toHaveLength(22)
    await deleteCollection(id)
    expect(await listed(id)).toEqual([])
    expect(removed).toEqual([id])
    await expect(openCollection(id)).rejects.toThrow()
  })

  test('without a photo is not kept', async () => {
    const { id } = opened().collection
    await closeCollection()
    expect(removed).toEqual([id])
    expect(await listed(id)).toEqual([])
  })

  test('that is open in another tab, or gone, is said to be so', async () => {
    await closeCollection()
    locked = true
    await editCollection('x')
    expect(useApp.getState().collectError).toBe('elsewhere')
    locked = false
    await editCollection('x')
    expect(useApp.getState().collectError).toBe('gone')
  })
})
