import { BlobReader, BlobWriter, Uint8ArrayReader, ZipReader, ZipWriter } from '@zip.js/zip.js'
import { afterEach, describe, expect, it } from 'vitest'
import type { Sample } from '../dataset/types.ts'
import { checksum } from '../dataset/zip/entry.ts'
import { presetRecipe } from '../recipe/index.ts'
import { Loader } from './loader.ts'
import { createLoaders, type LoaderPool, type LoaderPoolOptions } from './loader-pool.ts'
import { PHOTO_FAILURES, photoFailure } from './photo-error.ts'
import { PhotoLoader } from './photo-loader.ts'
import { encode, noisy, quarters, rgbAt, sampleOf, withOrientation } from './testing.ts'
import type { Pixels, Transform } from './types.ts'

const both = (size: number): Transform => ({
  kind: 'evaluate',
  evaluation: { mode: 'both', resize: size, crop: size },
})
const { augmentation } = presetRecipe('course')
const course = (epoch: number): Transform => ({ kind: 'train', augmentation, seed: 3, stage: 'all', epoch })

const close = (color: number[]) => color.map((value) => expect.closeTo(value, -1))

/** The pixels of one photo, or the reason why there are none. */
async function loadOne(sample: Sample, size = 32): Promise<Pixels | string> {
  const loader = new Loader()
  await loader.configure({ index: 0, count: 1, memory: 1e8, disk: 0, decoding: 1e8 })
  const batch = await loader.load([sample], both(size))
  return batch.failed[0]?.reason ?? { width: size, height: size, data: batch.pixels }
}

/** Of a zip's first entry, from the list at its end. */
async function packedSize(zip: File): Promise<number> {
  const [entry] = await new ZipReader(new BlobReader(zip)).getEntries()
  return entry.compressedSize
}

function pixelsOf(result: Pixels | string): Pixels {
  if (typeof result === 'string') throw new Error(result)
  return result
}

describe('decoding', () => {
  it('turns a photo upright as its EXIF orientation says', async () => {
    const jpeg = await encode(quarters(64, 64), 'image/jpeg')
    const upright = pixelsOf(await loadOne(sampleOf('a.jpg', jpeg)))
    expect(rgbAt(upright.data, 32, 4, 4)).toEqual(close([255, 0, 0]))
    const turned = pixelsOf(await loadOne(sampleOf('a.jpg', withOrientation(jpeg, 6))))
    expect(rgbAt(turned.data, 32, 4, 4)).toEqual(close([0, 0, 255]))
    expect(rgbAt(turned.data, 32, 28, 4)).toEqual(close([255, 0, 0]))
  })

  it('lays transparent pictures on white', async () => {
    const canvas = new OffscreenCanvas(32, 32)
    const context = canvas.getContext('2d')!
    context.fillStyle = 'rgba(255, 0, 0, 0.5)'
    context.fillRect(0, 0, 16, 32)
    const { data } = pixelsOf(await loadOne(sampleOf('a.png', await encode(canvas, 'image/png'))))
    expect(rgbAt(data, 32, 24, 16)).toEqual([255, 255, 255])
    const [red, green, blue] = rgbAt(data, 32, 8, 16)
    expect(red).toBe(255)
    expect(Math.abs(green - 127)).toBeLessThanOrEqual(1)
    expect(blue).toBe(green)
  })

  it('changes no byte of a PNG that already has the size', async () => {
    const canvas = noisy(48, 48, 1)
    const { data } = pixelsOf(await loadOne(sampleOf('a.png', await encode(canvas, 'image/png')), 48))
    const rgba = canvas.getContext('2d')!.getImageData(0, 0, 48, 48).data
    expect(data).toEqual(Uint8Array.from(rgba.filter((_, i) => i % 4 !== 3)))
  })

  it('takes a photo of one pixel', async () => {
    const canvas = new OffscreenCanvas(1, 1)
    const context = canvas.getContext('2d')!
    context.fillStyle = '#102030'
    context.fillRect(0, 0, 1, 1)
    const { data } = pixelsOf(await loadOne(sampleOf('a.png', await encode(canvas, 'image/png'))))
    expect(new Set(rgbAt(data, 32, 31, 31))).toEqual(new Set([16, 32, 48]))
  })

  it('reduces a huge photo to the same picture', async () => {
    const jpeg = await encode(quarters(4001, 2503), 'image/jpeg')
    const { data } = pixelsOf(await loadOne(sampleOf('a.jpg', jpeg)))
    expect(rgbAt(data, 32, 4, 4)).toEqual(close([255, 0, 0]))
    expect(rgbAt(data, 32, 14, 14)).toEqual(close([255, 0, 0]))
    expect(rgbAt(data, 32, 17, 14)).toEqual(close([0, 255, 0]))
    expect(rgbAt(data, 32, 31, 31)).toEqual(close([255, 255, 0]))
  })

  it('reads a panorama of 20,000 px back in pieces that fit together', async () => {
    const png = await encode(quarters(20_000, 100), 'image/png')
    const { data } = pixelsOf(await loadOne(sampleOf('a.png', png), 64))
    const row = (y: number) => Array.from({ length: 64 }, (_, x) => rgbAt(data, 64, x, y).join())
    expect(new Set(row(8).slice(0, 31))).toEqual(new Set(['255,0,0']))
    expect(new Set(row(8).slice(33))).toEqual(new Set(['0,255,0']))
    expect(new Set(row(60).slice(0, 31))).toEqual(new Set(['0,0,255']))
  })

  it('unpacks photos of a zip, and names those that are damaged in it', async () => {
    const jpeg = await encode(quarters(64, 64), 'image/jpeg')
    const archive = new File([jpeg], 'photos.zip', { lastModified: 1 })
    const writer = new ZipWriter(new BlobWriter())
    await writer.add('a.jpg', new Uint8ArrayReader(jpeg))
    const zip = new File([await writer.close()], 'photos.zip')
    const entry = { kind: 'zip', offset: 0, method: 'deflated', size: jpeg.length } as const
    const sum = { crc32: checksum(jpeg), compressedSize: await packedSize(zip) }
    const sample = (source: Sample['source']): Sample => ({ path: 'a.jpg', split: 'train', label: 0, source })
    const { data } = pixelsOf(await loadOne(sample({ ...entry, ...sum, archive: zip })))
    expect(rgbAt(data, 32, 4, 4)).toEqual(close([255, 0, 0]))
    for (const damaged of [
      { ...entry, ...sum, archive },
      { ...entry, ...sum, archive: zip, crc32: 1 },
      { ...entry, ...sum, archive: new File([zip.slice(0, 200)], 'photos.zip') },
    ])
      expect(await loadOne(sample(damaged))).toBe(PHOTO_FAILURES['damaged-in-zip'])
  })

  it('says why a photo gives no pixels', async () => {
    const jpeg = await encode(noisy(200, 200, 1), 'image/jpeg')
    const png = await encode(noisy(50, 50, 1), 'image/png')
    const text = new TextEncoder().encode('no picture')
    expect(await loadOne(sampleOf('cut.jpg', jpeg.slice(0, jpeg.length / 2)))).toBe('the file is cut off')
    expect(await loadOne(sampleOf('cut.png', png.slice(0, png.length - 20)))).toBe('the file is cut off')
    expect(await loadOne(sampleOf('text.jpg', text))).toBe(PHOTO_FAILURES['not-an-image'])
    expect(await loadOne(sampleOf('empty.jpg', new Uint8Array()))).toBe('the file is empty')
    const damaged = png.slice()
    damaged.fill(7, 41, 200) // the compressed data
    const reason = await loadOne(sampleOf('damaged.png', damaged))
    expect(photoFailure(String(reason))).toBe('damaged')
  })
})

describe('loaders', () => {
  let pools: LoaderPool[] = []
  const start = async (options: LoaderPoolOptions) => {
    const pool = await createLoaders(options)
    pools.push(pool)
    return { pool, photos: new PhotoLoader(pool.connectPorts()) }
  }
  afterEach(async () => {
    for (const pool of pools) {
      await pool.forget()
      pool.close()
    }
    pools = []
  })

  const photos = async (count: number) => {
    const samples: Sample[] = []
    for (let i = 0; i < count; i++)
      samples.push(sampleOf(`train/a/${i}.jpg`, await encode(noisy(120 + i, 90, i), 'image/jpeg')))
    return samples
  }

  it('give the same bytes, whatever their number', async () => {
    const samples = await photos(24)
    const one = await (await start({ count: 1 })).photos.load(samples, course(1))
    const four = await (await start({ count: 4 })).photos.load(samples, course(1))
    expect(Array.from(four.rows)).toEqual(samples.map((_, i) => i))
    expect(four.pixels).toEqual(one.pixels)
  })

  it('give other pixels in another epoch and the same ones again in the same', async () => {
    const samples = await photos(4)
    const { photos: loader } = await start({ count: 2 })
    const first = await loader.load(samples, course(1))
    expect((await loader.load(samples, course(2))).pixels).not.toEqual(first.pixels)
    expect((await loader.load(samples.toReversed(), course(1))).pixels.slice(-64 * 64 * 3)).toEqual(
      first.pixels.slice(0, 64 * 64 * 3),
    )
  })

  it('list a photo that cannot be read and leave its row out', async () => {
    const samples = await photos(5)
    samples[2] = sampleOf('train/a/text.jpg', new TextEncoder().encode('no picture'))
    const batch = await (await start({ count: 3 })).photos.load(samples, course(1))
    expect(Array.from(batch.rows)).toEqual([0, 1, 3, 4])
    expect(batch.failed).toEqual([{ index: 2, reason: PHOTO_FAILURES['not-an-image'] }])
    expect(batch.pixels.length).toBe(4 * 64 * 64 * 3)
  })

  it('decode each photo once: the second epoch, validation at the same size and thumbnails decode nothing', async () => {
    const samples = await photos(10)
    const { pool, photos: loader } = await start({ count: 2 })
    const unreadable = await pool.prepare(samples, [
      { kind: 'both', side: 96 },
      { kind: 'long-at-most', side: 40 },
    ])
    expect(unreadable).toEqual([])
    expect((await pool.stats()).decoded).toBe(10)
    for (const epoch of [1, 2]) await loader.load(samples, course(epoch))
    await loader.load(samples, { kind: 'evaluate', evaluation: { mode: 'both', resize: 96, crop: 64 } })
    const thumbnail = await createImageBitmap(await pool.thumbnail(samples[0], 40))
    expect([thumbnail.width, thumbnail.height]).toEqual([40, 30])
    expect((await pool.stats()).decoded).toBe(10)
  })

  it('keep photos on disk where memory is full, over a restart too', async () => {
    const samples = await photos(8)
    const limits = { memory: 0, disk: 1e8 }
    const first = await start({ count: 1, limits })
    const pixels = (await first.photos.load(samples, course(1))).pixels
    expect((await first.photos.load(samples, course(1))).pixels).toEqual(pixels)
    expect(await first.pool.stats()).toMatchObject({ decoded: 8, memory: 0 })
    first.pool.close()
    pools = []

    const second = await start({ count: 1, limits })
    expect((await second.photos.load(samples, course(1))).pixels).toEqual(pixels)
    expect((await second.pool.stats()).decoded).toBe(0)
    const changed = [sampleOf(samples[0].path, await encode(noisy(64, 64, 9), 'image/jpeg'), 2)]
    expect((await second.photos.load(changed, course(1))).pixels).not.toEqual(pixels.slice(0, 64 * 64 * 3))
    expect((await second.pool.stats()).decoded).toBe(1)
  })

  it('decode again where neither memory nor disk is left', async () => {
    const samples = await photos(3)
    const { pool, photos: loader } = await start({ count: 1, limits: { memory: 0, disk: 0 } })
    const pixels = (await loader.load(samples, course(1))).pixels
    expect((await loader.load(samples, course(1))).pixels).toEqual(pixels)
    expect(await pool.stats()).toEqual({ decoded: 6, memory: 0, disk: 0 })
  })

  it('decode a photo that is larger than their budgets one at a time', async () => {
    const samples = await photos(6)
    const { photos: loader } = await start({ count: 3, limits: { decoding: 1000 } })
    let free: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      free = resolve
    })
    // Held before a loader asks: requests of the page and of its workers come in no order.
    await new Promise<void>((granted) => {
      void navigator.locks.request('tabtune-huge-photo', () => {
        granted()
        return held
      })
    })
    const loading = loader.load(samples, course(1))
    const waiting = async () => (await navigator.locks.query()).pending?.length
    // Three workers start and read first, on whatever machine.
    await expect.poll(waiting).toBe(6)
    free()
    expect((await loading).failed).toEqual([])
  })

  it('bring batches in order while the next ones load', async () => {
    const samples = await photos(9)
    const { photos: loader } = await start({ count: 2 })
    const lists = [samples.slice(0, 4), samples.slice(4, 8), samples.slice(8)]
    const got: Uint8Array[] = []
    for await (const batch of loader.batches(lists, course(1), 2)) got.push(batch.pixels)
    expect(got.map((pixels) => pixels.length / (64 * 64 * 3))).toEqual([4, 4, 1])
    expect(got[1]).toEqual((await loader.load(lists[1], course(1))).pixels)
  })

  it('preview the very pixels that training sees', async () => {
    const [sample] = await photos(1)
    const { pool, photos: loader } = await start({ count: 1 })
    const images = await pool.preview(sample, augmentation, 3, 2)
    const trained = await loader.load([sample], {
      kind: 'train',
      augmentation,
      seed: 3,
      stage: 'head',
      epoch: 2,
    })
    expect(Uint8Array.from(images[1].data.filter((_, i) => i % 4 !== 3))).toEqual(trained.pixels)
  })
})
