import { afterEach, expect, it, vi } from 'vitest'
import { photoCounts } from './counts.ts'
import { openPhoto } from './photo-source.ts'
import { readDataset } from './read-dataset.ts'
import { gatherSamples } from './samples.ts'

const BASE = `${location.origin}/`
const options = { seed: 1, validationShare: 0.2 }

afterEach(() => vi.restoreAllMocks())

it('says why the file does not come, and tries again when it is asked again', async () => {
  const answers = vi.spyOn(window, 'fetch')
  answers.mockResolvedValueOnce(new Response('not here', { status: 404 }))
  await expect(gatherSamples(BASE)).rejects.toThrow('samples/trashnet-150.zip answered 404.')
  answers.mockRejectedValueOnce(new TypeError('the network is down'))
  await expect(gatherSamples(BASE)).rejects.toThrow(
    /trashnet-150\.zip could not be fetched: the network is down/,
  )
  // What some servers give for every address that they do not know.
  answers.mockResolvedValueOnce(new Response('<!doctype html>'))
  await expect(gatherSamples(BASE)).rejects.toThrow('holds no photos')
  expect((await gatherSamples(BASE)).entries).toHaveLength(150)
})

it('are a dataset of three classes like any other, fetched once from where the page stands', async () => {
  const found: number[] = []
  const folder = await gatherSamples(BASE, { onProgress: ({ files }) => found.push(files) })
  const asked = vi.spyOn(window, 'fetch')
  const dataset = readDataset(await gatherSamples(BASE), options)
  expect(asked).not.toHaveBeenCalled()
  expect(found.at(-1)).toBeGreaterThanOrEqual(150)
  expect(folder.name).toBe('trashnet-150')
  expect(dataset.classes.map(({ name }) => name)).toEqual(['cardboard', 'glass', 'paper'])
  expect(dataset).toMatchObject({ problems: [], ignored: 0, splitBySeed: false })
  for (const { train, valid } of photoCounts(dataset)) expect([train, valid]).toEqual([40, 10])
  for (const { source } of dataset.samples) {
    const bitmap = await createImageBitmap(await openPhoto(source))
    expect([bitmap.width, bitmap.height]).toEqual([256, 192])
    bitmap.close()
  }
})
