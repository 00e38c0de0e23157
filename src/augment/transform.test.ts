import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mulberry32 } from '../random/index.ts'
import { presetRecipe } from '../recipe/index.ts'
import { applyTransform, augment, keptResize, keptSize, randomResizedRegion } from './transform.ts'
import type { Pixels, Transform } from './types.ts'

const off = { brightness: 0, contrast: 0, saturation: 0, hue: 0 }
const course = presetRecipe('course').augmentation
const still = { ...course, horizontalFlip: 0, verticalFlip: 0, jitter: off, grayscale: 0 }
const centered = {
  ...still,
  geometry: { kind: 'resize-rotate-crop', resize: 96, rotation: 0, crop: 64 },
} as const

/** Smooth colours with a byte of its own in every pixel's neighbourhood. */
function photo(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < data.length; i++) data[i] = 128 + 100 * Math.sin(i / 17) + 20 * Math.cos(i / 1.7)
  return { width, height, data }
}

const train = (epoch: number, seed = 1): Extract<Transform, { kind: 'train' }> => ({
  kind: 'train',
  augmentation: course,
  seed,
  stage: 'head',
  epoch,
})

describe('the stream of an augmentation', () => {
  const kept = photo(96, 96)
  const first = applyTransform(kept, 'a.jpg', train(1))
  it('is that of seed, stage, epoch and path', () => {
    expect(applyTransform(kept, 'a.jpg', train(1))).toEqual(first)
    expect(applyTransform(kept, 'b.jpg', train(1))).not.toEqual(first)
    expect(applyTransform(kept, 'a.jpg', train(2))).not.toEqual(first)
    expect(applyTransform(kept, 'a.jpg', train(1, 2))).not.toEqual(first)
    expect(applyTransform(kept, 'a.jpg', { ...train(1), stage: 'all' })).not.toEqual(first)
  })
  it('leaves the kept photo as it was', () => {
    expect(kept).toEqual(photo(96, 96))
  })
})

describe('an augmentation', () => {
  const kept = photo(96, 96)
  it('with everything off is the validation crop', () => {
    const evaluated = applyTransform(kept, 'a.jpg', {
      kind: 'evaluate',
      evaluation: presetRecipe('course').evaluation,
    })
    expect(augment(kept, centered, mulberry32(1)).data).toEqual(evaluated)
  })
  it('flips about half of the photos each way', () => {
    const both = { ...centered, horizontalFlip: 0.5, verticalFlip: 0.5 }
    const seen = new Map<string, number>()
    for (let seed = 0; seed < 400; seed++) {
      const key = augment(kept, both, mulberry32(seed)).data.subarray(0, 30).join()
      seen.set(key, (seen.get(key) ?? 0) + 1)
    }
    expect(seen.size).toBe(4)
    for (const count of seen.values()) expect(Math.abs(count - 100)).toBeLessThan(40)
  })
  it('keeps its other draws where one operation is switched off', () => {
    const seed = 5
    const withoutJitter = augment(kept, { ...course, jitter: off, grayscale: 0 }, mulberry32(seed))
    const onlyBrightness = { ...course, jitter: { ...off, brightness: 1e-9 }, grayscale: 0 }
    const darkened = augment(kept, onlyBrightness, mulberry32(seed))
    const difference = darkened.data.map((value, i) => Math.abs(value - withoutJitter.data[i]))
    expect(Math.max(...difference)).toBeLessThanOrEqual(1)
  })
  it('of brightness stays within 1 - b to 1 + b and reaches near both ends', () => {
    const grey: Pixels = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(100) }
    const bright = { ...centered, jitter: { ...off, brightness: 0.2 } }
    const values = Array.from({ length: 300 }, (_, seed) => augment(grey, bright, mulberry32(seed)).data[0])
    expect(Math.min(...values)).toBeGreaterThanOrEqual(79)
    expect(Math.min(...values)).toBeLessThanOrEqual(82)
    expect(Math.max(...values)).toBeLessThanOrEqual(120)
    expect(Math.max(...values)).toBeGreaterThanOrEqual(117)
  })
  it('turns a photo grey with the given probability', () => {
    const grey = { ...centered, grayscale: 0.25 }
    let count = 0
    for (let seed = 0; seed < 400; seed++) {
      const { data } = augment(kept, grey, mulberry32(seed))
      if (data.every((value, i) => value === data[i - (i % 3)])) count++
    }
    expect(Math.abs(count - 100)).toBeLessThan(40)
  })
})

describe('random resized crops', () => {
  it('lie inside the photo and have an area and a ratio within their ranges', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 600 }),
        fc.integer({ min: 40, max: 600 }),
        fc.integer(),
        (width, height, seed) => {
          const region = randomResizedRegion(width, height, [0.35, 1], [3 / 4, 4 / 3], mulberry32(seed))
          expect(region.left).toBeGreaterThanOrEqual(0)
          expect(region.top).toBeGreaterThanOrEqual(0)
          expect(region.left + region.width).toBeLessThanOrEqual(width)
          expect(region.top + region.height).toBeLessThanOrEqual(height)
          // Half a pixel of rounding on either side.
          expect((region.width + 0.5) / (region.height - 0.5)).toBeGreaterThan(3 / 4)
          expect((region.width - 0.5) / (region.height + 0.5)).toBeLessThan(4 / 3)
        },
      ),
    )
  })
  it('fall back to the largest central crop of a photo that is too long for any other', () => {
    const region = randomResizedRegion(1000, 30, [0.9, 1], [3 / 4, 4 / 3], mulberry32(1))
    expect(region).toEqual({ left: 480, top: 0, width: 40, height: 30 })
    const tall = randomResizedRegion(30, 1000, [0.9, 1], [3 / 4, 4 / 3], mulberry32(1))
    expect(tall).toEqual({ left: 0, top: 480, width: 30, height: 40 })
  })
})

describe('the kept size', () => {
  it('is the resize of the transform; random resized crops keep the short side at most 1.7 crops', () => {
    expect(keptResize(train(1))).toEqual({ kind: 'both', side: 96 })
    const best = presetRecipe('best')
    expect(keptResize({ kind: 'evaluate', evaluation: best.evaluation })).toEqual({
      kind: 'short',
      side: 256,
    })
    const random = keptResize({ ...train(1), augmentation: best.augmentation })
    expect(random).toEqual({ kind: 'short-at-most', side: 381 })
    expect(keptSize(4000, 3000, random)).toEqual({ width: 508, height: 381 })
    expect(keptSize(500, 375, random)).toEqual({ width: 500, height: 375 })
  })
  it('of a short side cuts the long side off as torchvision does', () => {
    expect(keptSize(500, 333, { kind: 'short', side: 256 })).toEqual({ width: 384, height: 256 })
    expect(keptSize(333, 500, { kind: 'short', side: 256 })).toEqual({ width: 256, height: 384 })
  })
})
