/** Zips made on the spot, honest and hostile, dropped and opened. */
import {
  BlobWriter,
  TextReader,
  Uint8ArrayReader,
  ZipWriter,
  type ZipWriterAddDataOptions,
} from '@zip.js/zip.js'
import { expect, it } from 'vitest'
import { gatherFiles } from '../folder.ts'
import { openPhoto } from '../photo-source.ts'
import { readDataset } from '../read-dataset.ts'
import type { Dataset, GatheredFolder } from '../types.ts'
import { ZipEntryError, type ZipEntrySource } from './entry.ts'

interface Packed {
  name: string
  content?: string | Uint8Array
  options?: ZipWriterAddDataOptions
}

const options = { seed: 1, validationShare: 0.2 }

async function zipOf(entries: readonly (string | Packed)[], zip64 = false): Promise<File> {
  const writer = new ZipWriter(new BlobWriter(), { zip64 })
  for (const entry of entries) {
    const { name, content = name, options: how } = typeof entry === 'string' ? { name: entry } : entry
    const reader = typeof content === 'string' ? new TextReader(content) : new Uint8ArrayReader(content)
    await writer.add(name, reader, how)
  }
  return new File([await writer.close()], 'photos.zip')
}

/** Photos of two classes, ten each, whose bytes are their names. */
const photos = ['cats', 'dogs'].flatMap((name) => Array.from({ length: 10 }, (_, i) => `${name}/${i}.jpg`))

const gather = async (zip: File) => await gatherFiles([zip])
const problemOf = ({ problems }: Dataset | GatheredFolder, code: string) =>
  problems.find((problem) => problem.code === code)
const textOf = async (dataset: Dataset, path: string) => {
  const sample = dataset.samples.find((candidate) => candidate.path === path)
  return await (await openPhoto(sample!.source)).text()
}
const entryOf = (folder: GatheredFolder, path: string): ZipEntrySource => {
  const source = folder.entries.find((entry) => entry.path === path)?.source
  if (source?.kind !== 'zip') throw new Error(`${path} is not in the zip`)
  return source
}

it('is a folder: classes, names and photos that open, packed or stored, here and in a worker', async () => {
  const stored = { name: 'dogs/big.jpg', content: 'stored as it is', options: { level: 0 } }
  const zip = await zipOf([...photos, stored, { name: 'cat_to_name.json', content: '{"cats": "Cat"}' }])
  const dataset = readDataset(await gather(zip), options)
  expect(dataset.name).toBe('photos')
  expect(dataset.classes.map(({ name }) => name)).toEqual(['Cat', 'dogs'])
  expect(dataset.problems).toEqual([])
  expect(dataset.samples.length).toBe(21)
  expect(await textOf(dataset, 'cats/3.jpg')).toBe('cats/3.jpg')
  expect(await textOf(dataset, 'dogs/big.jpg')).toBe('stored as it is')
  expect(structuredClone(dataset.samples[0].source)).toEqual(dataset.samples[0].source)
})

it('is opened as zip64, inside a wrapping folder, and beside what macOS packs along', async () => {
  const zip = await zipOf([...photos.map((path) => `set/${path}`), '__MACOSX/set/cats/._0.jpg'], true)
  const dataset = readDataset(await gather(zip), options)
  expect(dataset.classes.map(({ id }) => id)).toEqual(['cats', 'dogs'])
  expect(dataset.samples.length).toBe(20)
  expect(dataset.ignored).toBe(1)
})

it('has its names in the encoding that they were written in', async () => {
  const zip = await zipOf([...photos, '猫/1.jpg', '猫/2.jpg', 'Äpfel/1.jpg', 'Äpfel/2.jpg'])
  const dataset = readDataset(await gather(zip), options)
  expect(dataset.classes.map(({ id }) => id)).toEqual(['cats', 'dogs', 'Äpfel', '猫'])
})

it('with paths that lead out of it loses those files only', async () => {
  const bytes = new Uint8Array(await (await zipOf(photos)).arrayBuffer())
  rename(bytes, 'dogs/9.jpg', '../../.jpg')
  rename(bytes, 'cats/9.jpg', 'C:\\cat.jpg')
  const folder = await gather(new File([bytes], 'photos.zip'))
  expect(problemOf(folder, 'zip-unsafe-path')?.values).toMatchObject({ count: 2 })
  expect(folder.entries.length).toBe(18)
})

it('that is locked says so, and keeps what is not', async () => {
  const locked = { name: 'cats/secret.jpg', options: { password: 'a', zipCrypto: true } }
  const some = readDataset(await gather(await zipOf([...photos, locked])), options)
  expect(problemOf(some, 'zip-encrypted')).toEqual({
    code: 'zip-encrypted',
    fatal: false,
    values: { count: 1, names: 'cats/secret.jpg' },
  })
  expect(some.samples.length).toBe(20)
  const none = readDataset(await gather(await zipOf([locked])), options)
  expect(none.problems.map(({ code, fatal }) => [code, fatal])).toEqual([['zip-encrypted', true]])
})

it('that would fill the memory is not unpacked', async () => {
  const bomb = { name: 'cats/bomb.jpg', content: new Uint8Array(40 << 20) }
  const folder = await gather(await zipOf([...photos, bomb]))
  expect(problemOf(folder, 'zip-too-large')?.values).toMatchObject({ count: 1, names: 'cats/bomb.jpg' })
  expect(folder.entries.length).toBe(20)
})

it('that lies about a size is found out before more is unpacked', async () => {
  const folder = await gather(await zipOf([{ name: 'cats/bomb.jpg', content: new Uint8Array(8 << 20) }]))
  const entry = entryOf(folder, 'cats/bomb.jpg')
  await expect(openPhoto({ ...entry, size: 1000 })).rejects.toBeInstanceOf(ZipEntryError)
  await expect(openPhoto({ ...entry, size: (8 << 20) + 1 })).rejects.toBeInstanceOf(ZipEntryError)
  expect((await openPhoto(entry)).size).toBe(8 << 20)
})

it('that is damaged inside loses the damaged photo', async () => {
  const zip = await zipOf([
    { name: 'cats/x.jpg', content: 'x'.repeat(500), options: { level: 0 } },
    ...photos,
  ])
  const bytes = new Uint8Array(await zip.arrayBuffer())
  bytes[100] ^= 1
  const folder = await gather(new File([bytes], 'photos.zip'))
  await expect(openPhoto(entryOf(folder, 'cats/x.jpg'))).rejects.toBeInstanceOf(ZipEntryError)
  expect(await (await openPhoto(entryOf(folder, 'cats/2.jpg'))).text()).toBe('cats/2.jpg')
})

it.each([
  ['is cut off', async () => (await zipOf(photos)).slice(0, 900)],
  ['is no zip', async () => new Blob(['Rar! something else'])],
  ['is empty', async () => new Blob([])],
])('that %s is named, and nothing else is said', async (_, make) => {
  const dataset = readDataset(await gather(new File([await make()], 'photos.zip')), options)
  expect(dataset.problems.map(({ code, fatal }) => [code, fatal])).toEqual([['zip-broken', true]])
  expect(dataset.problems[0].values.name).toBe('photos.zip')
})

it('inside a folder is named and not opened', async () => {
  const inner = await zipOf(photos)
  const dataset = readDataset(await gather(await zipOf([...photos, { name: 'cats/more.zip' }])), options)
  expect(problemOf(dataset, 'archive-inside')?.values).toEqual({ count: 1, names: 'cats/more.zip' })
  expect(dataset.samples.length).toBe(20)
  const several = await gatherFiles([new File([inner], 'train.zip'), new File([inner], 'valid.zip')])
  expect(readDataset(several, options).splitBySeed).toBe(false)
})

/** Overwrites a name in both lists of a zip by one of the same length. */
function rename(bytes: Uint8Array, from: string, to: string): void {
  const [old, other] = [from, to].map((text) => new TextEncoder().encode(text))
  for (let i = 0; i + old.length <= bytes.length; i++)
    if (old.every((byte, k) => bytes[i + k] === byte)) bytes.set(other, i)
}
