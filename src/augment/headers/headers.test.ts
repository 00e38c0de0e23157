import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readImageHeader } from '../image-header.ts'

const folder = new URL('../../../tests/fixtures/photos/', import.meta.url)
const fixtures = readdirSync(folder).map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(new URL(name, folder))),
}))
const bytesOf = (name: string) => fixtures.find((fixture) => fixture.name === name)!.bytes

describe('an image header', () => {
  it.each([
    ['scene.heic', 'heic', 96, 64],
    ['rotated.heic', 'heic', 64, 96],
    ['scene.avif', 'avif', 96, 64],
    ['scene.gif', 'gif', 48, 32],
    ['scene.webp', 'webp', 48, 32],
    ['rgb-16-big-endian.tif', 'tiff', 48, 32],
    ['rgb-big.tif', 'tiff', 48, 32],
    ['rgb-tiled.tif', 'tiff', 48, 32],
    ['rgb-orientation-6.tif', 'tiff', 32, 48],
    ['cmyk.jpg', 'jpeg', 48, 32],
  ])('of %s names its format and its size as stored', (name, format, width, height) => {
    expect(readImageHeader(bytesOf(name))).toEqual({ format, size: { width, height }, truncated: false })
  })

  it('knows the codec of a container that names none', () => {
    const heic = bytesOf('scene.heic').slice()
    const brands = new TextEncoder().encode('mif1')
    heic.set(brands, 8)
    heic.set(brands, 20)
    expect(readImageHeader(heic)?.format).toBe('heic')
    const film = Uint8Array.from([...[0, 0, 0, 16], ...Buffer.from('ftypisom'), ...[0, 0, 0, 0]])
    expect(readImageHeader(film)).toBeNull()
  })

  it.each(fixtures)('of $name tells wherever the file is cut off', ({ bytes }) => {
    const whole = readImageHeader(bytes)
    expect(whole?.truncated).toBe(false)
    // Lists, end marks and paddings may follow the picture; half of a file never holds it.
    for (let end = 16; end <= bytes.length / 2; end += 1 + Math.floor(bytes.length / 300))
      expect(readImageHeader(bytes.subarray(0, end))?.truncated ?? true).toBe(true)
  })

  it('of a container whose first box has an impossible length holds no picture', () => {
    const bytes = new Uint8Array([0, 0, 0, 2, ...new TextEncoder().encode('ftypheic'), 0, 0, 0, 0])
    expect(readImageHeader(bytes)).toBeNull()
  })

  it('of damaged files is harmless', () => {
    const damaged = fc
      .tuple(fc.constantFrom(...fixtures), fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 12 }))
      .map(([{ bytes }, changes]) => {
        const copy = bytes.slice(0, 4096)
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value
        return copy
      })
    fc.assert(
      fc.property(damaged, (bytes) => void readImageHeader(bytes)),
      { numRuns: 2000 },
    )
  })
})
