/** A JPEG's planes become the very pixels that the browser's bitmap has. */
import { describe, expect, it } from 'vitest'
import { resizeBitmap } from './decode.ts'
import { withPlanes } from './jpeg-planes.ts'
import { resizeFromPlanes } from './pillow-resize.ts'
import type { Size } from './pixels.ts'
import { encode, noisy, withOrientation } from './testing.ts'

const files = import.meta.glob<string>('../../tests/fixtures/photos/ycc-*.jpg', {
  query: '?url',
  import: 'default',
  eager: true,
})
const subsampled = Object.keys(files)

/**
 * How much the planes' picture, in another size, differs at most from the one by way of a bitmap and a canvas; null
 * where there are no planes.
 */
async function difference(bytes: Uint8Array<ArrayBuffer>, to: Size): Promise<number | null> {
  const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: 'none' })
  const [{ data: expected }] = resizeBitmap(bitmap, [to])
  const ours = await withPlanes(bytes, bitmap, (planes) => resizeFromPlanes(planes, to).data)
  if (!ours) return null
  expect(ours.length).toBe(expected.length)
  return ours.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0)
}

async function bytesOf(file: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch(file)).arrayBuffer())
}

describe("a JPEG's planes give the bitmap's pixels", () => {
  it.each([
    [64, 48],
    [65, 47],
    [97, 33],
    [8, 8],
    [5, 1],
    [1201, 433],
  ])('%i x %i px', async (width, height) => {
    const bytes = await encode(noisy(width, height, 2), 'image/jpeg')
    expect(await difference(bytes, { width, height })).toBe(0)
    expect(await difference(bytes, { width: Math.ceil(width / 3), height: Math.ceil(height / 2) })).toBe(0)
  })

  it.each(subsampled)('%s', async (file) => {
    expect(await difference(await bytesOf(files[file]), { width: 93, height: 61 })).toBe(0)
  })

  it('and are refused where they are too narrow for that, or the photo must be turned', async () => {
    const use = () => 'used'
    const narrow = await encode(noisy(4, 40, 2), 'image/jpeg')
    expect(await withPlanes(narrow, { width: 4, height: 40 }, use)).toBeNull()
    const jpeg = await encode(noisy(40, 30, 2), 'image/jpeg')
    expect(await withPlanes(jpeg, { width: 40, height: 30 }, use)).toBe('used')
    expect(await withPlanes(withOrientation(jpeg, 6), { width: 40, height: 30 }, use)).toBeNull()
  })
})
