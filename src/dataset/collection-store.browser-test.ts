import { wrap } from 'comlink'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CollectionKeeper } from './collection-store.ts'
import { type Collection, manifestOf, newCollection, openPhoto } from './index.ts'

const id = 'test-collection'
const date = new Date('2026-01-02T03:04:05Z')
const photo = (text: string) => new Blob([text], { type: 'image/jpeg' })

let keeper: CollectionKeeper

/** A picture whose left half is red. */
async function frame(width: number, height: number): Promise<ImageBitmap> {
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  context.fillStyle = '#f00'
  context.fillRect(0, 0, width / 2, height)
  return canvas.transferToImageBitmap()
}

const pathsOf = ({ classes }: Collection) => classes.map(({ photos }) => photos.map(({ path }) => path))

beforeAll(() => {
  keeper = wrap<CollectionKeeper>(
    new Worker(new URL('./collection.worker.ts', import.meta.url), { type: 'module' }),
  )
})

beforeEach(() => keeper.removeAll(id))

describe('a collection in the browser’s own file system', () => {
  const made = newCollection(id, 'My photos', ['cup', 'pen'])

  test('is opened again with its names and photos, in the order of their numbers', async () => {
    for (const path of [
      'class-1/recording-10/0001.jpg',
      'class-1/recording-2/0001.jpg',
      'class-2/photo-0001.png',
    ])
      expect((await keeper.keep(id, path, photo(path))).failure).toBeNull()
    await keeper.save(id, manifestOf(made, [], date))
    const opened = await keeper.open(id)
    expect(opened.classes.map(({ name }) => name)).toEqual(['cup', 'pen'])
    expect(pathsOf(opened)).toEqual([['recording-2/0001.jpg', 'recording-10/0001.jpg'], ['photo-0001.png']])
    expect(await (await openPhoto(opened.classes[1].photos[0].source)).text()).toBe('class-2/photo-0001.png')
    // The manifest knew of neither: numbers are not used twice all the same.
    expect(opened.classes.map(({ nextRecording, nextPhoto }) => [nextRecording, nextPhoto])).toEqual([
      [11, 1],
      [1, 2],
    ])
    expect(await keeper.list()).toContainEqual({
      id,
      name: 'My photos',
      photos: 3,
      savedAt: date.toISOString(),
    })
  })

  test('forgets photos and classes that were removed, also where the tab was closed before they were deleted', async () => {
    for (const path of [
      'class-1/recording-1/0001.jpg',
      'class-1/recording-1/0002.jpg',
      'class-2/photo-0001.png',
    ])
      await keeper.keep(id, path, photo(path))
    const one = { ...made, classes: made.classes.slice(0, 1) }
    await keeper.save(id, manifestOf(one, ['class-1/recording-1/0001.jpg'], date))
    expect(pathsOf(await keeper.open(id))).toEqual([['recording-1/0002.jpg']])
    await keeper.save(id, manifestOf(made, [], date))
    expect(pathsOf(await keeper.open(id))).toEqual([['recording-1/0002.jpg'], []])
    await keeper.remove(id, ['class-1/recording-1/0002.jpg', 'class-9/none.jpg'])
    expect(pathsOf(await keeper.open(id))).toEqual([[], []])
  })

  test('keeps a frame as a JPEG of its size, with a small thumbnail', async () => {
    const { source, thumbnail, failure } = await keeper.keepFrame(
      id,
      'class-1/recording-1/0001.jpg',
      await frame(320, 240),
      128,
    )
    expect(failure).toBeNull()
    const kept = await createImageBitmap(await openPhoto(source))
    expect([kept.width, kept.height]).toEqual([320, 240])
    const small = await createImageBitmap(thumbnail)
    expect([small.width, small.height]).toEqual([128, 96])
    const context = new OffscreenCanvas(320, 240).getContext('2d')
    context?.drawImage(kept, 0, 0)
    const red = (x: number) => context?.getImageData(x, 100, 1, 1).data[0] ?? -1
    // What is kept is not mirrored.
    expect(red(20)).toBeGreaterThan(200)
    expect(red(300)).toBeLessThan(50)
  })

  test('becomes a zip with its photos and names', async () => {
    await keeper.keep(id, 'class-1/photo-0001.jpg', photo('one'))
    await keeper.save(id, manifestOf(made, [], date))
    const [{ photos }] = (await keeper.open(id)).classes
    const entries = photos.map(({ source, path }) => ({ path: `cup/${path}`, source }))
    const zip = await keeper.zip({
      entries,
      namesFiles: [{ path: 'cat_to_name.json', text: '{"cup":"Cup"}' }],
    })
    const text = await zip.text()
    expect(zip.type).toBe('application/zip')
    expect(text).toContain('cup/photo-0001.jpg')
    expect(text).toContain('{"cup":"Cup"}')
  })

  test('that is not there, or whose manifest is damaged, is refused', async () => {
    await expect(keeper.open('nothing')).rejects.toThrow()
    await keeper.keep(id, 'collection.json', photo('{'))
    await expect(keeper.open(id)).rejects.toThrow()
    expect((await keeper.list()).some((each) => each.id === id)).toBe(false)
  })
})
