import { afterEach, beforeEach, expect, it } from 'vitest'
import { gatherDirectory, gatherDrop } from './folder.ts'
import { openPhoto } from './photo-source.ts'
import { readDataset } from './read-dataset.ts'

const FOLDER = 'dataset-folder-test'
const options = { seed: 1, validationShare: 0.2 }
let root: FileSystemDirectoryHandle

async function write(path: string, text: string): Promise<void> {
  const parts = path.split('/')
  let directory = root
  for (const part of parts.slice(0, -1))
    directory = await directory.getDirectoryHandle(part, { create: true })
  const file = await (await directory.getFileHandle(parts.at(-1)!, { create: true })).createWritable()
  await file.write(text)
  await file.close()
}

beforeEach(async () => {
  const storage = await navigator.storage.getDirectory()
  root = await storage.getDirectoryHandle(FOLDER, { create: true })
  for (const split of ['train', 'val'])
    for (const name of ['1', '2'])
      for (const photo of ['a.jpg', 'deep/b.png', '.hidden.jpg'])
        await write(`${split}/${name}/${photo}`, `${split} ${name} ${photo}`)
  await write('cat_to_name.json', '{"1": "rose", "2": "lily"}')
  await root.getDirectoryHandle('.git', { create: true })
})

afterEach(async () => {
  const storage = await navigator.storage.getDirectory()
  await storage.removeEntry(FOLDER, { recursive: true })
})

it('reads a directory handle into a dataset whose photos open, here and in a worker', async () => {
  const dataset = readDataset(await gatherDirectory(root), options)
  expect(dataset.name).toBe(FOLDER)
  expect(dataset.classes).toEqual([
    { id: '1', name: 'rose' },
    { id: '2', name: 'lily' },
  ])
  expect(dataset.problems).toEqual([])
  expect(dataset.ignored).toBe(5)
  expect(dataset.samples.map(({ path }) => path)).toEqual(
    ['1', '2'].flatMap((name) => [
      `train/${name}/a.jpg`,
      `train/${name}/deep/b.png`,
      `val/${name}/a.jpg`,
      `val/${name}/deep/b.png`,
    ]),
  )
  const sample = dataset.samples[3]
  expect(await (await openPhoto(sample.source)).text()).toBe('val 1 deep/b.png')

  const code = `onmessage = async ({ data }) => postMessage(await (await data.handle.getFile()).text())`
  const worker = new Worker(URL.createObjectURL(new Blob([code])))
  const answer = new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data)
  })
  worker.postMessage(sample.source)
  expect(await answer).toBe('val 1 deep/b.png')
  worker.terminate()
})

it('lists the children of a folder that vanishes as a problem and keeps the rest', async () => {
  const gone = await root.getDirectoryHandle('gone', { create: true })
  const values = root.values.bind(root)
  await root.removeEntry('gone')
  Object.defineProperty(root, 'values', {
    value: async function* () {
      yield gone
      yield* values()
    },
  })
  const folder = await gatherDirectory(root)
  expect(folder.problems).toEqual([
    { code: 'folder-vanished', fatal: false, values: { path: 'gone', reason: 'NotFoundError' } },
  ])
  expect(readDataset(folder, options).samples.length).toBe(8)
})

it('turns a directory that may not be read into a problem', async () => {
  const denied = await root.getDirectoryHandle('denied', { create: true })
  Object.defineProperty(denied, 'values', {
    value: () => {
      throw new DOMException('no', 'NotAllowedError')
    },
  })
  const folder = await gatherDirectory(denied)
  expect(folder.problems.map(({ code, values }) => [code, values.path])).toEqual([
    ['permission-denied', 'denied'],
  ])
  expect(readDataset(folder, options).problems.some(({ fatal }) => fatal)).toBe(true)
})

/** A drop as a browser gives it: items that answer only while the event lasts. */
function transferOf(handles: FileSystemHandle[], files: File[]): { transfer: DataTransfer; end: () => void } {
  let live = true
  const during = <T>(value: T): T | null => (live ? value : null)
  const items = [
    ...handles.map((handle) => ({
      kind: 'file',
      getAsFileSystemHandle: () => Promise.resolve(during(handle)),
      webkitGetAsEntry: () => null,
      getAsFile: () => null,
    })),
    ...files.map((file) => ({ kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => during(file) })),
    { kind: 'string' },
  ]
  const transfer = Object.defineProperty(new DataTransfer(), 'items', { value: items })
  return {
    transfer,
    end: () => {
      live = false
    },
  }
}

it('takes everything from a drop before the event is over', async () => {
  const names = new File(['{"1": "tulip"}'], 'names.json')
  const { transfer, end } = transferOf([root], [names])
  const gathered = gatherDrop(transfer)
  end()
  const folder = await gathered
  expect(folder.name).toBe(FOLDER)
  expect(folder.entries.map(({ path }) => path)).toContain('train/1/a.jpg')
  expect(folder.namesFiles.map(({ path }) => path).sort()).toEqual(['cat_to_name.json', 'names.json'])
})

it('takes several folders dropped together as the splits, or as the classes', async () => {
  const train = await root.getDirectoryHandle('train')
  const val = await root.getDirectoryHandle('val')
  const splits = readDataset(await gatherDrop(transferOf([train, val], []).transfer), options)
  expect(splits.splitBySeed).toBe(false)
  expect(splits.samples.length).toBe(8)

  const classFolders = [await train.getDirectoryHandle('1'), await train.getDirectoryHandle('2')]
  const classes = readDataset(await gatherDrop(transferOf(classFolders, []).transfer), options)
  expect(classes.name).toBe('1, 2')
  expect(classes.classes.map(({ id }) => id)).toEqual(['1', '2'])
  expect(classes.splitBySeed).toBe(true)
})

it('walks the entries that a browser without handles gives', async () => {
  /** A FileSystemEntry over a handle; its reader gives two children at a time. */
  async function entryOf(handle: FileSystemHandle): Promise<object> {
    if (handle instanceof FileSystemFileHandle) {
      const file = await handle.getFile()
      return {
        name: handle.name,
        isFile: true,
        isDirectory: false,
        file: (done: (f: File) => void) => done(file),
      }
    }
    if (!(handle instanceof FileSystemDirectoryHandle)) throw new Error('neither file nor directory')
    const children: object[] = []
    for await (const child of handle.values()) children.push(await entryOf(child))
    const createReader = () => ({
      readEntries: (done: (portion: object[]) => void) => done(children.splice(0, 2)),
    })
    return { name: handle.name, isFile: false, isDirectory: true, createReader }
  }
  const entry = await entryOf(root)
  const items = [{ kind: 'file', webkitGetAsEntry: () => entry, getAsFile: () => null }]
  const folder = await gatherDrop(Object.defineProperty(new DataTransfer(), 'items', { value: items }))
  const dataset = readDataset(folder, options)
  expect(dataset.samples.length).toBe(8)
  expect(dataset.samples.every(({ source }) => source.kind === 'file')).toBe(true)
  expect(dataset.classes.map(({ name }) => name)).toEqual(['rose', 'lily'])
})
