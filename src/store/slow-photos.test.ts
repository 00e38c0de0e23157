import { expect, it } from 'vitest'
import type { Sample } from '../dataset/types.ts'
import { slowPhotos } from './slow-photos.ts'

const sample = (path: string): Sample => ({
  path,
  split: 'train',
  label: 0,
  source: { kind: 'url', url: path },
})
const samples = [
  ...Array.from({ length: 12 }, (_, i) => sample(`cats/${i}.HEIC`)),
  ...Array.from({ length: 100 }, (_, i) => sample(`cats/${i}.jpg`)),
  sample('cats/scan.tiff'),
]

it('says nothing where the browser decodes every format itself, or none has been decoded yet', () => {
  expect(slowPhotos(samples, [], 113, 2)).toEqual([])
  expect(
    slowPhotos(samples.slice(12, 50), [{ format: 'heic', photos: 5, milliseconds: 500 }], 38, 2),
  ).toEqual([])
})

it('counts on from the photos decoded so far, on all loaders, and not beyond what is left', () => {
  const times = [{ format: 'heic' as const, photos: 2, milliseconds: 6000 }]
  expect(slowPhotos(samples, times, 112, 2)).toEqual([
    { format: 'HEIC', count: 12, secondsEach: 3, secondsLeft: 18 },
  ])
  expect(slowPhotos(samples, times, 4, 2)[0].secondsLeft).toBe(6)
  expect(slowPhotos(samples, times, 0, 8)[0].secondsLeft).toBe(0)
})
