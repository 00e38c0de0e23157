import fc from 'fast-check'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import type { Sample } from '../dataset/types.ts'
import { ByteBudget } from './byte-budget.ts'
import { readImageHeader } from './image-header.ts'
import { loaderCount, portions } from './loader-pool.ts'
import { ownerOf } from './owner.ts'
import { reassemble } from './photo-loader.ts'

describe('an image header', () => {
  const png = Uint8Array.from(PNG.sync.write(new PNG({ width: 7, height: 5 })))
  // A JPEG's segments: start, frame header of 9 x 6 px, scan with a stuffed byte and a restart, end.
  const frame = [0xff, 0xc0, 0, 11, 8, 0, 6, 0, 9, 1, 1, 0x11, 0]
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]
  const jpeg = Uint8Array.of(0xff, 0xd8, ...frame, ...scan, 0xff, 0xd9)

  it('tells format, size and that the file is whole', () => {
    expect(readImageHeader(png)).toEqual({ format: 'png', size: { width: 7, height: 5 }, truncated: false })
    expect(readImageHeader(jpeg)).toEqual({ format: 'jpeg', size: { width: 9, height: 6 }, truncated: false })
  })
  it('tells that a file is cut off, wherever the cut is', () => {
    for (let end = 2; end < jpeg.length; end++)
      expect(readImageHeader(jpeg.subarray(0, end))?.truncated).toBe(true)
    for (let end = 8; end < png.length - 12; end++)
      expect(readImageHeader(png.subarray(0, end))?.truncated).toBe(true)
  })
  it('does not take the end of an embedded thumbnail for the end of the picture', () => {
    const thumbnail = [0xff, 0xe1, 0, 8, 0xff, 0xd8, 0xff, 0xd9, 0, 0]
    const withThumbnail = Uint8Array.of(0xff, 0xd8, ...thumbnail, ...frame, ...scan)
    expect(readImageHeader(withThumbnail)?.truncated).toBe(true)
  })
  it('of other bytes is null or harmless', () => {
    expect(readImageHeader(new TextEncoder().encode('no picture'))).toBeNull()
    const starts = [
      [0xff, 0xd8],
      [...png.subarray(0, 8)],
      [...Buffer.from('GIF89a')],
      [...Buffer.from('BM')],
      [],
    ]
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        readImageHeader(Uint8Array.of(...start, ...rest))
      }),
    )
  })
})

describe('a byte budget', () => {
  it('runs what fits at once, in order, and a larger piece alone', async () => {
    const budget = new ByteBudget(10)
    const log: string[] = []
    const finish: (() => void)[] = []
    const work = (name: string) => () =>
      new Promise<void>((resolve) => {
        log.push(name)
        finish.push(resolve)
      })
    const all = [
      budget.with(6, work('a')),
      budget.with(4, work('b')),
      budget.with(50, work('c')),
      budget.with(1, work('d')),
    ]
    await Promise.resolve()
    await new Promise((resolve) => setTimeout(resolve))
    expect(log).toEqual(['a', 'b'])
    finish[0]()
    finish[1]()
    await Promise.all(all.slice(0, 2))
    await new Promise((resolve) => setTimeout(resolve))
    expect(log).toEqual(['a', 'b', 'c'])
    finish[2]()
    await all[2]
    await new Promise((resolve) => setTimeout(resolve))
    expect(log).toEqual(['a', 'b', 'c', 'd'])
    finish[3]()
    await all[3]
  })
  it('gives the bytes back where the work fails', async () => {
    const budget = new ByteBudget(10)
    await expect(
      budget.with(10, async () => {
        throw new Error('broken')
      }),
    ).rejects.toThrow('broken')
    expect(await budget.with(10, async () => 'next')).toBe('next')
  })
})

describe('loaders', () => {
  it('are one for each core but one, 1 to 8', () => {
    expect([1, 2, 4, 9, 64].map(loaderCount)).toEqual([1, 1, 3, 8, 8])
  })
  it('decode slow formats last and one by one, but one of them first, so that its time is known', () => {
    const sample = (path: string): Sample => ({
      path,
      split: 'train',
      label: 0,
      source: { kind: 'url', url: path },
    })
    const quick = Array.from({ length: 20 }, (_, i) => sample(`${i}.jpg`))
    const slow = ['a.heic', 'b.HEIF', 'c.tif'].map(sample)
    const paths = portions([slow[0], ...quick, ...slow.slice(1)]).map((part) => part.map(({ path }) => path))
    expect(paths.map(({ length }) => length)).toEqual([1, 16, 4, 1, 1])
    expect([paths[0], paths[3], paths[4]]).toEqual([['a.heic'], ['b.HEIF'], ['c.tif']])
    expect(portions(quick).map(({ length }) => length)).toEqual([16, 4])
  })
  it('share photos about evenly, the same way each time', () => {
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 4000; i++) counts[ownerOf(`train/ants/IMG_${i}.jpg`, 4)]++
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
    expect(ownerOf('train/ants/1.jpg', 4)).toBe(ownerOf('train/ants/1.jpg', 4))
  })
  it('answers are put together in the order that was asked for, without the failed', () => {
    const photo = (value: number) => new Array(12).fill(value)
    const parts = [
      {
        indices: [0, 3],
        batch: {
          pixels: Uint8Array.from([...photo(1), ...photo(4)]),
          size: 2,
          rows: Int32Array.of(0, 1),
          failed: [],
        },
      },
      {
        indices: [1, 2],
        batch: {
          pixels: Uint8Array.from(photo(3)),
          size: 2,
          rows: Int32Array.of(1),
          failed: [{ index: 0, reason: 'the file is empty' }],
        },
      },
      { indices: [], batch: null },
    ]
    expect(reassemble(parts, 2)).toEqual({
      pixels: Uint8Array.from([...photo(1), ...photo(3), ...photo(4)]),
      size: 2,
      rows: Int32Array.of(0, 2, 3),
      failed: [{ index: 1, reason: 'the file is empty' }],
    })
  })
})
