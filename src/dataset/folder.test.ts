import { describe, expect, it } from 'vitest'
import { gatherFiles } from './folder.ts'

/** What a file input gives: files that know their path below the chosen folder. */
function fileAt(path: string, text = ''): File {
  const file = new File([text], path.slice(path.lastIndexOf('/') + 1))
  return Object.defineProperty(file, 'webkitRelativePath', { value: path.includes('/') ? path : '' })
}

const pathsOf = (folder: { entries: { path: string }[] }) => folder.entries.map(({ path }) => path)

describe('the files of a file input', () => {
  it('stand below the chosen folder, which gives the name', async () => {
    const folder = await gatherFiles([fileAt('pets/cat/1.jpg'), fileAt('pets/dog/2.jpg')])
    expect(folder.name).toBe('pets')
    expect(pathsOf(folder)).toEqual(['cat/1.jpg', 'dog/2.jpg'])
  })

  it('of several folders stand below these', async () => {
    const folder = await gatherFiles([fileAt('cat/1.jpg'), fileAt('dog/2.jpg')])
    expect(folder.name).toBe('cat, dog')
    expect(pathsOf(folder)).toEqual(['cat/1.jpg', 'dog/2.jpg'])
  })

  it('without a folder keep their names', async () => {
    expect(pathsOf(await gatherFiles([fileAt('1.jpg'), fileAt('names.json')]))).toEqual([
      '1.jpg',
      'names.json',
    ])
  })

  it('give the text of JSON files near the top, and of no other', async () => {
    const folder = await gatherFiles([
      fileAt('pets/cat_to_name.json', '{"cat": "Cat"}'),
      fileAt('pets/train/cat/labels/deep.json', '{}'),
      fileAt('pets/.hidden.json', '{}'),
      fileAt('pets/huge.json', ' '.repeat((1 << 20) + 1)),
      fileAt('pets/cat/1.jpg'),
    ])
    expect(folder.namesFiles).toEqual([{ path: 'cat_to_name.json', text: '{"cat": "Cat"}' }])
  })
})

describe('10,000 files', () => {
  const files = Array.from({ length: 10_000 }, (_, i) => fileAt(`many/${i % 100}/${i}.jpg`))

  it('let other tasks run in between and report how many were counted', async () => {
    let turns = 0
    let over = false
    const turn = () => {
      turns++
      if (!over) setImmediate(turn)
    }
    setImmediate(turn)
    const counts: number[] = []
    const folder = await gatherFiles(files, { onProgress: ({ photos }) => counts.push(photos) })
    over = true
    expect(folder.entries.length).toBe(10_000)
    expect(counts.at(-1)).toBe(10_000)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(turns).toBeGreaterThan(0)
  })

  it('can be left half way', async () => {
    const leave = new AbortController()
    const onProgress = () => leave.abort()
    await expect(gatherFiles(files, { signal: leave.signal, onProgress })).rejects.toThrow(/abort/i)
  })
})
