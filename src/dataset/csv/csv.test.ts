import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { photoCounts } from '../counts.ts'
import { readDataset } from '../read-dataset.ts'
import { folderOf } from '../testing.ts'
import type { Dataset } from '../types.ts'
import { parseTable } from './parse.ts'

const options = { seed: 1, validationShare: 0.2 }
const flat = Array.from({ length: 20 }, (_, i) => `${i}.jpg`)
const rows = flat.map((path, i) => [path, i % 2 === 0 ? 'cat' : 'dog'])

function read(text: string, photos: readonly string[] = flat, path = 'labels.csv'): Dataset {
  return readDataset(folderOf([...photos, path], { tables: [parseTable({ path, text })] }), options)
}
const lines = (...list: readonly (readonly string[])[]) => list.map((cells) => cells.join(',')).join('\n')
const ids = (dataset: Dataset) => dataset.classes.map(({ id }) => id)
const valuesOf = (dataset: Dataset, code: string) => dataset.problems.find((p) => p.code === code)?.values

describe('a table of file,label', () => {
  it.each([
    ['with a header', `file,label\n${lines(...rows)}`],
    ['without one', lines(...rows)],
    ['with the columns the other way round', lines(...rows.map(([file, label]) => [label, file]))],
    ['of filename and class', `filename,class\n${lines(...rows)}`],
    [
      'of image and category, by Excel',
      `\uFEFFImage;Category\r\n${lines(...rows)
        .replaceAll(',', ';')
        .replaceAll('\n', '\r\n')}`,
    ],
    ['with tabs and quotes', `"file"\t"label"\n${rows.map(([f, l]) => `"${f}"\t"${l}"`).join('\n')}`],
    [
      'with columns of other kinds',
      `id,file_name,width,label\n${rows.map(([f, l], i) => `${i},${f},64,${l}`).join('\n')}`,
    ],
    ['of names without endings', `id,breed\n${rows.map(([f, l]) => `${f.slice(0, -4)},${l}`).join('\n')}`],
    ['with empty lines', `file,label\n\n${lines(...rows)}\n\n`],
  ])('%s gives the classes', (_, text) => {
    const dataset = read(text)
    expect(ids(dataset)).toEqual(['cat', 'dog'])
    expect(dataset.samples.length).toBe(20)
    expect(dataset.samples.find(({ path }) => path === '0.jpg')?.label).toBe(0)
    expect(dataset.samples.find(({ path }) => path === '1.jpg')?.label).toBe(1)
    expect(dataset.problems).toEqual([])
    expect(dataset.splitBySeed).toBe(true)
  })

  it('keeps commas, quotes and line breaks that are quoted', () => {
    const dataset = read(
      `file,label\n${rows.map(([f], i) => `${f},${i % 2 ? '"big, ""old"" dog"' : 'cat'}`).join('\n')}`,
    )
    expect(ids(dataset)).toEqual(['big, "old" dog', 'cat'])
  })

  it('takes the split from its column', () => {
    const split = (i: number) => ['train', 'Training', '', 'val', 'test'][i % 5]
    const dataset = read(`file,label,split\n${rows.map((row, i) => [...row, split(i)].join(',')).join('\n')}`)
    expect(dataset.splitBySeed).toBe(false)
    expect(photoCounts(dataset)).toEqual([
      { train: 6, valid: 2, test: 2 },
      { train: 6, valid: 2, test: 2 },
    ])
  })

  it('lists rows of unknown splits, of files that are missing, without a label, and photos that it leaves out', () => {
    const text = lines(
      ['file', 'label', 'split'],
      ...rows.slice(0, 16).map((row) => [...row, 'train']),
      ['gone.jpg', 'cat', 'train'],
      ['16.jpg', '', 'train'],
      ['17.jpg', 'dog', 'holdout'],
      ['0.jpg', 'dog', 'train'],
    )
    const dataset = read(text)
    expect(valuesOf(dataset, 'csv-missing-files')).toEqual({
      path: 'labels.csv',
      count: 1,
      names: 'gone.jpg',
    })
    expect(valuesOf(dataset, 'csv-bad-rows')).toEqual({ path: 'labels.csv', count: 1, names: '19' })
    expect(valuesOf(dataset, 'csv-unknown-split')).toEqual({ path: 'labels.csv', count: 1, names: 'holdout' })
    expect(valuesOf(dataset, 'csv-repeated')).toEqual({ path: 'labels.csv', count: 1, names: '0.jpg' })
    expect(valuesOf(dataset, 'csv-unlisted')).toEqual({
      path: 'labels.csv',
      count: 2,
      names: '18.jpg, 19.jpg',
    })
    expect(dataset.problems.every(({ fatal }) => !fatal)).toBe(true)
    expect(dataset.samples.length).toBe(16)
    expect(dataset.samples.find(({ path }) => path === '0.jpg')?.label).toBe(0)
  })

  it('counts paths from its own folder', () => {
    const photos = flat.map((path) => `set/images/${path}`)
    expect(read(`file,label\n${lines(...rows)}`, photos, 'set/images/labels.csv').samples.length).toBe(20)
    const up = rows.map(([f, l]) => [`../images/${f}`, l])
    expect(read(lines(...up), photos, 'set/lists/labels.csv').samples.length).toBe(20)
    const windows = rows.map(([f, l]) => [`images\\${f}`, l])
    expect(read(lines(...windows), photos, 'set/labels.csv').samples.length).toBe(20)
    const elsewhere = rows.map(([f, l]) => [`/kaggle/input/${f}`, l])
    expect(read(lines(...elsewhere), photos, 'labels.csv').samples.length).toBe(20)
  })

  it('reads train.csv and valid.csv as the splits', () => {
    const tables = [
      parseTable({ path: 'train.csv', text: `file,label\n${lines(...rows.slice(0, 14))}` }),
      parseTable({ path: 'valid.csv', text: `file,label\n${lines(...rows.slice(14))}` }),
    ]
    const dataset = readDataset(folderOf(flat, { tables }), options)
    expect(dataset.splitBySeed).toBe(false)
    expect(dataset.samples.filter(({ split }) => split === 'valid').length).toBe(6)
    expect(dataset.problems).toEqual([])
  })

  it('goes before folders that are no splits of classes, and says so where the names differ', () => {
    const photos = flat.map((path, i) => `${i < 10 ? 'train' : 'test'}/${path}`)
    const dataset = read(`file,label\n${lines(...rows)}`, photos)
    expect(ids(dataset)).toEqual(['cat', 'dog'])
    expect(valuesOf(dataset, 'csv-used')).toEqual({ path: 'labels.csv', count: 20 })
  })

  it('leaves folders of splits and classes alone', () => {
    const photos = ['train', 'valid'].flatMap((s) => ['a', 'b'].map((c) => `${s}/${c}/${s}${c}.jpg`))
    const dataset = read(`file,label\n${lines(...photos.map((path) => [path, 'x']))}`, photos)
    expect(ids(dataset)).toEqual(['a', 'b'])
  })

  it('of another kind is named only where nothing else gives classes', () => {
    const text = 'path,split,true,predicted\na,b,c,d\n'
    const folders = ['a/1.jpg', 'a/2.jpg', 'b/1.jpg', 'b/2.jpg']
    expect(read(text, folders).problems).toEqual([])
    const dataset = read(text)
    expect(valuesOf(dataset, 'csv-unrecognized')).toEqual({ path: 'labels.csv' })
    expect(dataset.problems.some(({ fatal }) => fatal)).toBe(true)
  })

  it('of any text is read without throwing, and labels each photo at most once', () => {
    const cell = fc.oneof(
      fc.constantFrom('file', 'label', 'split', '0.jpg', '1.jpg', 'train', ''),
      fc.string(),
    )
    const table = fc.array(fc.array(cell, { maxLength: 4 }).map((cells) => cells.join(',')))
    fc.assert(
      fc.property(table, (list) => {
        const { samples } = read(list.join('\n'))
        expect(new Set(samples.map(({ path }) => path)).size).toBe(samples.length)
      }),
    )
  })
})
