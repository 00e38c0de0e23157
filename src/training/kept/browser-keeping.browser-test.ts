import { type Remote, wrap } from 'comlink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KeepingTestApi } from '../testing/keeping.worker.ts'

let worker: Worker
let keeping: Remote<KeepingTestApi>

function start(): void {
  worker = new Worker(new URL('../testing/keeping.worker.ts', import.meta.url), { type: 'module' })
  keeping = wrap<KeepingTestApi>(worker)
}

async function names(): Promise<string[]> {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('kept-activations', { create: true })
  const found: string[] = []
  for await (const name of folder.keys()) found.push(name)
  return found
}

beforeEach(async () => {
  start()
  await keeping.removeLeft()
})
afterEach(() => worker.terminate())

test('rows come back from where they were put, and the file goes when it is closed', async () => {
  const file = await keeping.open(1e6)
  const rows = [1, 2, 3].map((value) => new Uint8Array(1000).fill(value))
  const places: (number | null)[] = []
  for (const row of rows) places.push(await keeping.append(file, row))
  expect(places).toEqual([0, 1000, 2000])
  expect(await keeping.read(file, 1000, 1000)).toEqual(rows[1])
  expect(await keeping.read(file, 2500, 1000)).toBeNull()
  expect(await names()).toHaveLength(1)
  await keeping.close(file)
  expect(await names()).toEqual([])
})

test('what is over the limit is not taken, and what was taken before stays', async () => {
  const file = await keeping.open(1500)
  const row = new Uint8Array(1000).fill(7)
  expect(await keeping.append(file, row)).toBe(0)
  expect(await keeping.append(file, row)).toBeNull()
  expect(await keeping.read(file, 0, 1000)).toEqual(row)
  await keeping.close(file)
})

test('what a killed run has left is removed, what another has open is not', async () => {
  await keeping.open(1e6)
  worker.terminate()
  start()
  // The killed worker may hold its file for a moment more.
  await expect
    .poll(async () => {
      await keeping.removeLeft()
      return (await names()).length
    })
    .toBe(0)
  const file = await keeping.open(1e6)
  const row = new Uint8Array(10).fill(1)
  await keeping.append(file, row)
  await keeping.removeLeft()
  expect(await keeping.read(file, 0, 10)).toEqual(row)
  expect(await names()).toHaveLength(1)
  await keeping.close(file)
})
