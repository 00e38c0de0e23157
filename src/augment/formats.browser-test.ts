/** Files of many formats, made by Pillow, libtiff and libheif (tests/fixtures/make_photos.py), give Pillow's pixels. */
import { describe, expect, it } from 'vitest'
import { ByteBudget } from './byte-budget.ts'
import { decodePhoto } from './decode.ts'
import type { LibraryFormat } from './decoders/index.ts'
import { PhotoError } from './photo-error.ts'
import type { Pixels } from './types.ts'

const files = import.meta.glob<string>('../../tests/fixtures/photos/*', {
  query: '?url',
  import: 'default',
  eager: true,
})
const WIDTH = 48
const HEIGHT = 32

async function bytesOf(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(files[`../../tests/fixtures/photos/${name}`])
  return new Uint8Array(await response.arrayBuffer())
}

/** A file's pixels, 48 px wide, under a name and type that say nothing. */
async function pixelsOf(bytes: Uint8Array<ArrayBuffer>, told: LibraryFormat[] = []): Promise<Pixels> {
  const [pixels] = await decodePhoto(
    new File([bytes], 'photo.jpg', { type: 'image/jpeg' }),
    [{ kind: 'long-at-most', side: WIDTH }],
    new ByteBudget(1e9),
    (format) => told.push(format),
  )
  expect([pixels.width, pixels.height]).toEqual([WIDTH, HEIGHT])
  return pixels
}

/** The largest and the mean difference of two pictures, in steps of 255. */
async function difference(name: string, expected: string): Promise<{ most: number; mean: number }> {
  const [a, b] = [await pixelsOf(await bytesOf(name)), await pixelsOf(await bytesOf(expected))]
  const differences = Array.from(a.data, (value, i) => Math.abs(value - b.data[i]))
  return {
    most: Math.max(...differences),
    mean: differences.reduce((sum, value) => sum + value, 0) / differences.length,
  }
}

const reasonOf = async (bytes: Uint8Array<ArrayBuffer>) =>
  await pixelsOf(bytes).then(
    () => 'decoded',
    (error: unknown) => (error instanceof PhotoError ? error.code : String(error)),
  )

describe('TIFF', () => {
  it.each([
    ['rgb-raw.tif', 'scene.png'],
    ['rgb-lzw.tif', 'scene.png'],
    ['rgb-lzw-predictor.tif', 'scene.png'],
    ['rgb-deflate.tif', 'scene.png'],
    ['rgb-packbits.tif', 'scene.png'],
    ['rgb-tiled.tif', 'scene.png'],
    ['rgb-planar.tif', 'scene.png'],
    ['rgb-big.tif', 'scene.png'],
    ['rgb-16.tif', 'scene.png'],
    ['rgb-16-big-endian.tif', 'scene.png'],
    ['rgb-orientation-3.tif', 'scene.png'],
    ['rgb-orientation-5.tif', 'scene.png'],
    ['rgb-orientation-6.tif', 'scene.png'],
    ['rgb-orientation-8.tif', 'scene.png'],
    ['gray.tif', 'gray.png'],
    ['gray-16.tif', 'gray.png'],
    ['gray-inverted.tif', 'gray.png'],
    ['bits.tif', 'bits.png'],
    ['palette.tif', 'palette.png'],
    ['cmyk.tif', 'cmyk.png'],
    ['cmyk-16.tif', 'cmyk.png'],
    ['rgba.tif', 'on-white.png'],
  ])('%s gives the pixels of %s to the bit', async (name, expected) => {
    expect(await difference(name, expected)).toEqual({ most: 0, mean: 0 })
  })

  it.each(['rgb-jpeg.tif', 'ycbcr-jpeg.tif'])('%s, packed as JPEG, is close', async (name) => {
    expect((await difference(name, 'scene.png')).mean).toBeLessThan(5)
  })
})

describe('a TIFF for measuring', () => {
  it('has no brightness of its own, and is named as such', async () => {
    expect(await reasonOf(await bytesOf('float.tif'))).toBe('unsupported-kind')
  })
})

describe('HEIC', () => {
  it.each(['scene.heic', 'rotated.heic'])('%s stands upright, in its colours', async (name) => {
    expect((await difference(name, 'scene.png')).mean).toBeLessThan(3)
  })

  it('is decoded by the library where the browser cannot, which is told with its time', async () => {
    const told: LibraryFormat[] = []
    await pixelsOf(await bytesOf('scene.heic'), told)
    expect(told).toEqual(['heic'])
  })
})

describe('what the browser decodes itself', () => {
  it.each([
    ['scene.avif', 'scene.png', 4],
    ['scene.webp', 'scene.png', 5],
    ['scene.gif', 'scene.png', 5],
    ['rgb-16.png', 'scene.png', 0.6],
    ['cmyk.jpg', 'cmyk.png', 4],
  ])('%s has the colours of %s', async (name, expected, tolerance) => {
    expect((await difference(name, expected)).mean).toBeLessThan(tolerance)
  })
})

describe('a file that ends too early', () => {
  it.each([
    'rgb-deflate.tif',
    'rgb-tiled.tif',
    'scene.heic',
    'scene.avif',
    'scene.gif',
    'scene.webp',
    'cmyk.jpg',
  ])('is named as such: %s', async (name) => {
    const bytes = await bytesOf(name)
    for (const share of [0.5, 0.9]) {
      const cut = bytes.slice(0, Math.floor(bytes.length * share))
      expect(await reasonOf(cut), `${share}`).toBe('cut-off')
    }
  })

  it('and one whose inside is damaged is named too', async () => {
    const bytes = await bytesOf('rgb-lzw.tif')
    bytes.fill(0xff, 8, 300)
    expect(['damaged', 'cut-off']).toContain(await reasonOf(bytes))
    const heic = await bytesOf('scene.heic')
    heic.fill(0, heic.length - 200)
    expect(['damaged', 'decoded']).toContain(await reasonOf(heic))
  })
})
