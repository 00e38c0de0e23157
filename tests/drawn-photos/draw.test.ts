import { describe, expect, it } from 'vitest'
import { DRAWN_CLASSES, drawPhoto } from './draw.ts'
import { drawnPhotos } from './photo-set.ts'
import { blurred } from './surface.ts'

const SIZE = 48

/** Mean and deviation of the colour bytes. */
function statistics(pixels: Uint8ClampedArray): { mean: number; deviation: number } {
  const colors = pixels.filter((_, i) => i % 4 !== 3)
  const mean = colors.reduce((sum, value) => sum + value, 0) / colors.length
  const variance = colors.reduce((sum, value) => sum + (value - mean) ** 2, 0) / colors.length
  return { mean, deviation: Math.sqrt(variance) }
}

describe.each(DRAWN_CLASSES)('a drawn photo of a %s', (className) => {
  it('is the same at every call and unlike its neighbour', () => {
    const photo = drawPhoto(className, 0, SIZE)
    expect(photo.length).toBe(SIZE * SIZE * 4)
    expect(drawPhoto(className, 0, SIZE)).toEqual(photo)
    expect(drawPhoto(className, 1, SIZE)).not.toEqual(photo)
  })

  it('is opaque, neither black nor white, and shows something', () => {
    for (let index = 0; index < 16; index++) {
      const photo = drawPhoto(className, index, SIZE)
      expect(photo.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true)
      const { mean, deviation } = statistics(photo)
      expect(mean).toBeGreaterThan(20)
      expect(mean).toBeLessThan(235)
      expect(deviation).toBeGreaterThan(4)
    }
  })
})

it('has no photo of a class that it does not know', () => {
  expect(() => drawPhoto('toString', 0, SIZE)).toThrow(/toString/)
})

it('counts photos by class and path, each path once', () => {
  const photos = drawnPhotos(3, 2)
  expect(photos.length).toBe(5 * DRAWN_CLASSES.length)
  expect(new Set(photos.map(({ path }) => path)).size).toBe(photos.length)
  const order = (photo: { label: number; path: string }) => `${photo.label} ${photo.path}`
  expect(photos.map(order)).toEqual(photos.map(order).toSorted())
  expect(DRAWN_CLASSES).toEqual(DRAWN_CLASSES.toSorted())
})

it('blurs without making a picture brighter or darker, and leaves the picture it was given', () => {
  const size = 9
  const dot = new Float32Array(size * size)
  dot[4 * size + 4] = 1
  const soft = blurred(dot, size, 1)
  expect(soft.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5)
  expect(soft[4 * size + 4]).toBeCloseTo(1 / 9, 5)
  expect(dot[4 * size + 4]).toBe(1)
})
