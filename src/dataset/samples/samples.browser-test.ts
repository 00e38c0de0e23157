import { expect, it } from 'vitest'
import { photoCounts } from '../counts.ts'
import { openPhoto } from '../photo-source.ts'
import { sampleDataset } from './index.ts'
import { SAMPLE_SIZE } from './sample-set.ts'

it('draws a dataset of JPEG files once, with validation photos in every class', async () => {
  const counts: number[] = []
  const dataset = await sampleDataset((done) => counts.push(done))
  expect(await sampleDataset()).toBe(dataset)
  expect(counts).toEqual(Array.from(dataset.samples, (_, i) => i + 1))
  expect(dataset.classes.length).toBe(5)
  for (const { train, valid } of photoCounts(dataset)) expect([train, valid]).toEqual([24, 8])
  for (const sample of dataset.samples.filter((_, i) => i % 20 === 0)) {
    const blob = await openPhoto(sample.source)
    expect(blob.type).toBe('image/jpeg')
    const bitmap = await createImageBitmap(blob)
    expect([bitmap.width, bitmap.height]).toEqual([SAMPLE_SIZE, SAMPLE_SIZE])
    bitmap.close()
  }
})
