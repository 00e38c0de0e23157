import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { photoCounts } from './counts.ts'
import { readDataset } from './read-dataset.ts'
import { folderOf, jpegs } from './testing.ts'
import type { Dataset } from './types.ts'

const options = { seed: 1, validationShare: 0.2 }
const read = (paths: readonly string[], more = {}) => readDataset(folderOf(paths, more), options)
const ids = (dataset: Dataset) => dataset.classes.map(({ id }) => id)
const codes = (dataset: Dataset) => dataset.problems.map(({ code }) => code).sort()
const fatal = (dataset: Dataset) => dataset.problems.filter((p) => p.fatal).map(({ code }) => code)
const problemOf = (dataset: Dataset, code: string) => dataset.problems.find((p) => p.code === code)?.values

describe('a folder with splits', () => {
  it('reads train and val, with test beside them', () => {
    const dataset = read([
      ...jpegs('train/ants', 3),
      ...jpegs('train/bees', 2),
      ...jpegs('val/ants', 1),
      ...jpegs('val/bees', 1),
      ...jpegs('test/bees', 4),
    ])
    expect(ids(dataset)).toEqual(['ants', 'bees'])
    expect(photoCounts(dataset)).toEqual([
      { train: 3, valid: 1, test: 0 },
      { train: 2, valid: 1, test: 4 },
    ])
    expect(dataset.splitBySeed).toBe(false)
    expect(dataset.problems).toEqual([])
  })

  it.each([
    ['train', 'valid', 'test'],
    ['Training', 'Validation', 'Testing'],
    ['TRAIN', 'VAL', 'TEST'],
  ])('takes %s, %s and %s as splits', (train, valid, test) => {
    const dataset = read(
      [train, valid, test].flatMap((split) => ['a', 'b'].flatMap((c) => `${split}/${c}/1.png`)),
    )
    expect(dataset.samples.map(({ split, path }) => [split, path])).toEqual(
      ['a', 'b'].flatMap((c) => {
        const rows = [
          ['train', `${train}/${c}/1.png`],
          ['valid', `${valid}/${c}/1.png`],
          ['test', `${test}/${c}/1.png`],
        ]
        return rows.sort((x, y) => (x[1] < y[1] ? -1 : 1))
      }),
    )
  })

  it('splits train by seed where nothing validates, and leaves test alone', () => {
    const dataset = read([...jpegs('train/a', 20), ...jpegs('train/b', 20), ...jpegs('test/a', 5)])
    expect(dataset.splitBySeed).toBe(true)
    const [a, b] = photoCounts(dataset)
    expect(a.test).toBe(5)
    expect(a.train + a.valid).toBe(20)
    expect(b.valid).toBeGreaterThanOrEqual(2)
    expect(b.valid).toBeLessThanOrEqual(6)
  })

  it('names classes that only one of train and validation has, and leaves out what cannot be learned', () => {
    const dataset = read([
      ...jpegs('train/a', 2),
      ...jpegs('train/b', 2),
      ...jpegs('valid/a', 2),
      ...jpegs('valid/wasps', 3),
    ])
    expect(ids(dataset)).toEqual(['a', 'b'])
    expect(problemOf(dataset, 'class-missing-in-train')).toEqual({ count: 1, names: 'wasps', photos: 3 })
    expect(problemOf(dataset, 'class-missing-in-valid')).toEqual({ count: 1, names: 'b' })
    expect(dataset.samples.some(({ path }) => path.includes('wasps'))).toBe(false)
    expect(fatal(dataset)).toEqual([])
  })

  it('cannot train on validation and test folders alone', () => {
    expect(fatal(read(['valid/a/1.jpg', 'valid/b/1.jpg', 'test/a/1.jpg']))).toEqual(['no-training-photos'])
  })
})

describe('class folders only', () => {
  it('are the classes, also where one of them is named train', () => {
    const dataset = read([...jpegs('train', 5), ...jpegs('bus', 5), ...jpegs('car', 5)])
    expect(ids(dataset)).toEqual(['bus', 'car', 'train'])
    expect(dataset.splitBySeed).toBe(true)
  })

  it('include what lies in folders inside a class', () => {
    const dataset = read(['a/2020/1.jpg', 'a/2021/may/2.jpg', 'a/3.jpg', 'b/1.jpg', 'b/2.jpg'])
    expect(photoCounts(dataset).map((c) => c.train + c.valid)).toEqual([3, 2])
  })

  it('are one class whether their name is composed or decomposed', () => {
    const dataset = read(['train/café/1.jpg', 'train/tea/1.jpg', 'valid/cafe\u0301/1.jpg', 'valid/tea/1.jpg'])
    expect(ids(dataset)).toEqual(['café', 'tea'])
    expect(dataset.problems).toEqual([])
  })

  it.each([
    [
      'a wrapping folder',
      ['flowers/rose/1.jpg', 'flowers/rose/2.jpg', 'flowers/lily/1.jpg', 'flowers/lily/2.jpg'],
    ],
    ['two of them', ['x/y/rose/1.jpg', 'x/y/rose/2.jpg', 'x/y/lily/1.jpg', 'x/y/lily/2.jpg', 'readme.txt']],
  ])('are found inside %s', (_, paths) => {
    const dataset = read(paths)
    expect(ids(dataset)).toEqual(['lily', 'rose'])
    expect(fatal(dataset)).toEqual([])
  })

  it('are found below splits inside a wrapping folder that has a cover photo', () => {
    const splits = ['train', 'valid'].flatMap((s) => ['a', 'b'].map((c) => `set/${s}/${c}/1.jpg`))
    const dataset = read([...splits, 'set/cover.jpg'])
    expect(ids(dataset)).toEqual(['a', 'b'])
    expect(problemOf(dataset, 'loose-photos')).toEqual({ count: 1, example: 'set/cover.jpg' })
  })
})

describe('order', () => {
  it('of classes is by code points', () => {
    const names = ['11', '2', '1', '100', '10', 'b', 'B', 'é', '\u{1F41D}', '\uFF21']
    const dataset = read(names.flatMap((name) => jpegs(name, 2)))
    expect(ids(dataset)).toEqual(['1', '10', '100', '11', '2', 'B', 'b', 'é', '\uFF21', '\u{1F41D}'])
  })

  it('of samples is by class, then by path in code points', () => {
    const paths = ['b/10.jpg', 'b/2.jpg', 'a/\u{1F41D}.jpg', 'a/\uFF21.jpg', 'a/Z/1.jpg', 'a/a.jpg']
    expect(read(paths).samples.map(({ path }) => path)).toEqual([
      'a/Z/1.jpg',
      'a/a.jpg',
      'a/\uFF21.jpg',
      'a/\u{1F41D}.jpg',
      'b/10.jpg',
      'b/2.jpg',
    ])
  })

  it('and splits do not depend on the order in which files are found', () => {
    const paths = [...jpegs('a', 9), ...jpegs('b', 4), ...jpegs('c/d', 5), 'x.txt', 'c/no.jxl']
    const expected = read(paths)
    fc.assert(
      fc.property(fc.shuffledSubarray(paths, { minLength: paths.length }), (shuffledPaths) => {
        expect(read(shuffledPaths)).toEqual(expected)
      }),
    )
  })
})

describe('what is no photo', () => {
  it('is passed over and counted: hidden files, caches, other files', () => {
    const dataset = read([
      ...jpegs('a', 2),
      ...jpegs('b', 2),
      '.DS_Store',
      'a/._0.jpg',
      'a/Thumbs.db',
      '__MACOSX/a/0.jpg',
      '.git/a/0.jpg',
      'notes.txt',
      'b/labels.json',
    ])
    expect(dataset.ignored).toBe(7)
    expect(dataset.samples.length).toBe(4)
    expect(dataset.problems).toEqual([])
  })

  it('takes JPEG, PNG, WebP, AVIF, GIF and BMP, whatever the case of the extension', () => {
    const names = ['1.jpg', '2.JPEG', '3.png', '4.WebP', '5.avif', '6.GIF', '7.bmp']
    expect(read(names.flatMap((name) => [`a/${name}`, `b/${name}`])).samples.length).toBe(14)
  })

  it('lists pictures that browsers do not decode, by format', () => {
    const dataset = read([...jpegs('a', 2), ...jpegs('b', 2), 'a/1.jxl', 'b/1.JXL', 'b/1.psd'])
    expect(problemOf(dataset, 'unsupported-format')).toEqual({ count: 3, formats: 'JPEG XL 2, Photoshop 1' })
    expect(fatal(dataset)).toEqual([])
  })

  it('is told from photos that lie outside the class folders', () => {
    const dataset = read([...jpegs('a', 2), ...jpegs('b', 2), 'z.jpg', 'cover.jpg'])
    expect(problemOf(dataset, 'loose-photos')).toEqual({ count: 2, example: 'cover.jpg' })
    expect(fatal(dataset)).toEqual([])
  })
})

describe('what keeps a run from starting', () => {
  it.each([
    ['nothing at all', [], ['empty']],
    ['files without a photo', ['a/x.txt', 'b/y.pdf'], ['no-images']],
    ['photos of other formats only', ['a/1.jxl', 'b/2.nef'], ['no-images']],
    ['loose photos only', ['1.jpg', '2.jpg'], ['loose-photos']],
    ['one class only', jpegs('a', 4), ['loose-photos', 'one-class']],
    ['one photo of each class', ['a/1.jpg', 'b/1.jpg'], ['no-validation-photos']],
  ])('%s', (_, paths, expected) => {
    const found = fatal(read(paths))
    expect(found.length).toBe(1)
    expect(expected).toContain(found[0])
  })

  it('more than 10,000 classes', () => {
    const paths = Array.from({ length: 10_001 }, (_, i) => `${i}/1.jpg`)
    expect(codes(read(paths))).toContain('too-many-classes')
  })
})

describe('what a run can live with', () => {
  it('is a class of a single photo: it trains, and the class is named', () => {
    const dataset = read([...jpegs('a', 4), 'b/1.jpg'])
    expect(problemOf(dataset, 'no-validation-photos')).toEqual({ count: 1, names: 'b' })
    expect(photoCounts(dataset)[1]).toEqual({ train: 1, valid: 0, test: 0 })
    expect(fatal(dataset)).toEqual([])
  })

  it('is a class folder without photos: it is left out, and named', () => {
    const folder = folderOf([...jpegs('a', 4), ...jpegs('b', 4), 'c/readme.txt'])
    folder.directories.push('d', '.hidden')
    const dataset = readDataset(folder, options)
    expect(ids(dataset)).toEqual(['a', 'b'])
    expect(problemOf(dataset, 'empty-class')).toEqual({ count: 2, names: 'c, d' })
  })

  it('is a directory that could not be read', () => {
    const denied = { code: 'permission-denied', fatal: false, values: { path: 'c' } }
    expect(read([...jpegs('a', 4), ...jpegs('b', 4)], { problems: [denied] }).problems).toEqual([denied])
  })
})

describe('names', () => {
  const names = (text: string, path = 'cat_to_name.json') => ({ namesFiles: [{ path, text }] })

  it('come from cat_to_name.json beside the splits', () => {
    const paths = [...jpegs('1', 4), ...jpegs('10', 4), 'cat_to_name.json']
    const dataset = read(paths, names('{"1": "pink primrose", "10": "globe thistle"}'))
    expect(dataset.classes).toEqual([
      { id: '1', name: 'pink primrose' },
      { id: '10', name: 'globe thistle' },
    ])
    expect(dataset.ignored).toBe(0)
  })

  it('come from any JSON dictionary that names classes, and other JSON files are stray', () => {
    const paths = [...jpegs('1', 4), ...jpegs('2', 4), 'a.json', 'labels.json']
    const namesFiles = [
      { path: 'a.json', text: '{"images": [1, 2]}' },
      { path: 'labels.json', text: '{"1": "rose"}' },
    ]
    const dataset = read(paths, { namesFiles })
    expect(dataset.classes.map(({ name }) => name)).toEqual(['rose', '2'])
    expect(dataset.problems).toEqual([])
    expect(dataset.ignored).toBe(1)
  })

  it('that are broken leave the folders’ names and say so', () => {
    const dataset = read([...jpegs('1', 4), ...jpegs('2', 4)], names('{"1": '))
    expect(ids(dataset)).toEqual(['1', '2'])
    expect(problemOf(dataset, 'bad-names-file')).toEqual({ path: 'cat_to_name.json', reason: 'syntax' })
    expect(fatal(dataset)).toEqual([])
  })
})

it('reads any list of paths without throwing, and keeps every photo at most once', () => {
  const part = fc.constantFrom(
    'train',
    'val',
    'test',
    'a',
    'b',
    'a.jpg',
    '.x',
    '1.png',
    '2.heic',
    '__proto__',
    'é',
  )
  const paths = fc.array(fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')))
  fc.assert(
    fc.property(paths, fc.nat(), (list, seed) => {
      const dataset = readDataset(folderOf(list), { seed, validationShare: 0.2 })
      const kept = dataset.samples.map(({ path }) => path)
      expect(new Set(kept).size).toBe(kept.length)
      for (const sample of dataset.samples) {
        expect(list).toContain(sample.path)
        expect(dataset.classes[sample.label]).toBeDefined()
      }
      if (dataset.samples.length === 0) expect(fatal(dataset).length).toBeGreaterThan(0)
    }),
  )
})
