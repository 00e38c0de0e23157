import { expect, test } from 'vitest'
import { findLeaks } from './leaks.ts'
import type { Sample, Split } from './types.ts'

const photo = (split: Split, path: string, text: string): Sample => ({
  path: `${split}/ants/${path}`,
  split,
  label: 0,
  source: { kind: 'file', file: new File([text], path) },
})

test('a validation photo with the bytes of a training photo is found under any name', async () => {
  const found = await findLeaks([
    photo('train', '1.jpg', 'red ant'),
    photo('train', '2.jpg', 'tan ant'),
    photo('valid', 'copy.jpg', 'tan ant'),
    photo('valid', '1.jpg', 'new ant'),
  ])
  expect(found).toEqual([
    {
      code: 'leaked-photos',
      fatal: false,
      values: { count: 1, example: 'valid/ants/copy.jpg', other: 'train/ants/2.jpg' },
    },
  ])
})

test('one name or one size does not make two photos one', async () => {
  const found = await findLeaks([photo('train', '1.jpg', 'red ant'), photo('valid', '1.jpg', 'tan ant')])
  expect(found).toEqual([])
})

test('copies within train, and test photos, are no leak into validation', async () => {
  const found = await findLeaks([
    photo('train', '1.jpg', 'red ant'),
    photo('train', '2.jpg', 'red ant'),
    photo('test', '3.jpg', 'red ant'),
    photo('valid', '4.jpg', 'other'),
  ])
  expect(found).toEqual([])
})

test('only photos of a size that stands on both sides are read', async () => {
  const read: string[] = []
  const watched = (split: Split, path: string, text: string): Sample => {
    const file = new File([text], path)
    const arrayBuffer = file.arrayBuffer.bind(file)
    file.arrayBuffer = () => {
      read.push(path)
      return arrayBuffer()
    }
    return { path, split, label: 0, source: { kind: 'file', file } }
  }
  await findLeaks([
    watched('train', 'a.jpg', 'four'),
    watched('train', 'b.jpg', 'five5'),
    watched('valid', 'c.jpg', 'nine'),
    watched('valid', 'd.jpg', 'sixsix'),
  ])
  expect(read.sort()).toEqual(['a.jpg', 'c.jpg'])
})
