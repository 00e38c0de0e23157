import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addClass,
  asFolder,
  type Collection,
  changeClass,
  classFolders,
  collectionDataset,
  ENOUGH_PHOTOS,
  freeName,
  missingIn,
  nameFault,
  newCollection,
  photoPath,
  putBack,
  recordingPath,
  takeClass,
  takePhotos,
} from './collection.ts'
import { manifestOf, parseManifest } from './collection-manifest.ts'
import { splitOf } from './layout.ts'
import { readDataset } from './read-dataset.ts'
import { recordingOf } from './recordings.ts'

const options = { seed: 4, validationShare: 0.2 }
const numbered = (number: number) => `Class ${number}`

/** A collection of classes with recordings of so many frames each. */
function recorded(classes: Record<string, readonly number[]>): Collection {
  const names = Object.keys(classes)
  return names.reduce(
    (collection, name, i) =>
      changeClass(collection, `class-${i + 1}`, (each) => ({
        ...each,
        photos: classes[name].flatMap((frames, recording) =>
          Array.from({ length: frames }, (_, frame) => {
            const path = recordingPath(recording + 1, frame + 1)
            return { path, source: { kind: 'url' as const, url: `${name}/${path}` } }
          }),
        ),
      })),
    newCollection('id', 'My photos', names),
  )
}

const nameOfAny = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
  fc.constantFrom(
    'train',
    'Valid',
    'test',
    'CON',
    'con.jpg',
    '.hidden',
    '__MACOSX',
    'Thumbs.db',
    'a/b',
    'a:b',
    'a_b',
  ),
  fc.constantFrom('recording-1', '猫', 'é', '...', ' ', 'A', 'a'),
)

describe('classes made by hand', () => {
  it('become the dataset that their folder is, with recordings on one side each', () => {
    const dataset = collectionDataset(recorded({ cup: [12, 14, 9], pen: [20, 10, 11] }), options)
    expect(dataset.classes.map(({ name }) => name)).toEqual(['cup', 'pen'])
    expect(dataset.samples).toHaveLength(76)
    expect(dataset.problems).toEqual([])
    const sides = new Map<string, Set<string>>()
    for (const { path, split, label } of dataset.samples) {
      const recording = recordingOf(path, dataset.classes[label].id) ?? path
      sides.set(recording, (sides.get(recording) ?? new Set()).add(split))
    }
    expect([...sides.values()].every((split) => split.size === 1)).toBe(true)
    expect(dataset.samples.some(({ split }) => split === 'valid')).toBe(true)
  })

  it('with one class that holds photos are one class, not classes called like its recordings', () => {
    const { classes, problems } = collectionDataset(recorded({ cup: [12, 14], pen: [] }), options)
    expect(classes.map(({ name }) => name)).toEqual(['cup'])
    expect(problems.map(({ code }) => code)).toEqual(['one-class', 'empty-class'])
  })

  it('keep any name, through the folder and its names file', () => {
    fc.assert(
      fc.property(fc.uniqueArray(nameOfAny, { minLength: 2, maxLength: 6 }), (wished) => {
        const names = wished.filter((name) => name.normalize().trim() !== '')
        const distinct = names.reduce(
          (made, name) => {
            const tidy = name.normalize().trim().replace(/\s+/g, ' ')
            return nameFault(made, '', tidy) === null ? addClass(made, tidy) : made
          },
          newCollection('id', 'all', []),
        )
        if (distinct.classes.length < 2) return
        const filled = distinct.classes.reduce(
          (made, { key }) =>
            changeClass(made, key, (each) => ({
              ...each,
              photos: [1, 2].map((n) => ({
                path: recordingPath(n, 1),
                source: { kind: 'url' as const, url: `${key}/${n}` },
              })),
            })),
          distinct,
        )
        const dataset = readDataset(asFolder(filled), options)
        const nameOf = new Map(
          dataset.samples.map(({ source, label }) => [source, dataset.classes[label].name]),
        )
        for (const { name, photos } of filled.classes)
          for (const { source } of photos) expect(nameOf.get(source)?.trim()).toBe(name.trim())
      }),
    )
  })

  it('have folders that every file system takes, distinct in any case, and that are no splits', () => {
    fc.assert(
      fc.property(fc.array(nameOfAny, { maxLength: 8 }), (names) => {
        const folders = classFolders(names.map((name) => ({ name })))
        expect(new Set(folders.map((folder) => folder.toLowerCase())).size).toBe(names.length)
        for (const folder of folders) {
          expect(folder).toMatch(/^[^<>:"/\\|?*\p{Cc}]+$/u)
          expect(folder).not.toMatch(/^\.|[. ]$|^(con|nul)(\.|$)/i)
          expect(splitOf(folder)).toBeUndefined()
        }
      }),
    )
  })
})

describe('names', () => {
  const two = newCollection('id', 'all', ['Cat', 'Dog'])

  it('are refused where they are empty or taken, whatever their case and spaces', () => {
    expect(nameFault(two, 'class-2', ' cat ')).toBe('taken')
    expect(nameFault(two, 'class-2', '  ')).toBe('empty')
    expect(nameFault(two, 'class-1', 'cat')).toBeNull()
  })

  it('of a new class are the first that is free', () => {
    const classes = newCollection('id', 'all', ['Class 1', 'class 2'])
    expect(freeName(classes, numbered)).toBe('Class 3')
    expect(addClass(classes, 'x').classes.at(-1)?.key).toBe('class-3')
  })
})

describe('what is taken out', () => {
  const collection = recorded({ cup: [3, 2], pen: [2] })

  it('comes back where it stood, and what came meanwhile stays', () => {
    const [without, removal] = takeClass(collection, 'class-1') ?? []
    expect(without?.classes.map(({ name }) => name)).toEqual(['pen'])
    expect(without && removal && putBack(without, removal)).toEqual(collection)

    const paths = new Set(['recording-1/0002.jpg', 'recording-2/0001.jpg'])
    const [fewer, photos] = takePhotos(collection, 'class-1', paths) ?? []
    expect(fewer?.classes[0].photos).toHaveLength(3)
    expect(fewer && photos && putBack(fewer, photos)).toEqual(collection)
  })

  it('gets another name where its own was given away', () => {
    const [without, removal] = takeClass(collection, 'class-1') ?? []
    const back = without && removal && putBack(addClass(without, 'Cup'), removal)
    expect(back?.classes.map(({ name }) => name)).toEqual(['cup 2', 'pen', 'Cup'])
  })

  it('is nothing where nothing of that name is there', () => {
    expect(takeClass(collection, 'class-9')).toBeNull()
    expect(takePhotos(collection, 'class-1', new Set(['recording-9/0001.jpg']))).toBeNull()
  })
})

describe('what is missing', () => {
  it('is photos first, then a second recording', () => {
    const { classes } = recorded({ a: [3, 3], b: [ENOUGH_PHOTOS], c: [20, 2], d: [6, 4] })
    expect(classes.map(missingIn)).toEqual(['photos', 'recording', 'recording', null])
  })
})

describe('a file', () => {
  it('keeps its ending, or gets its type’s; what is no photo is refused', () => {
    expect(photoPath(3, { name: 'IMG_1.PNG', type: 'image/png' })).toBe('photo-0003.png')
    expect(photoPath(3, { name: 'image', type: 'image/jpeg' })).toBe('photo-0003.jpeg')
    expect(photoPath(3, { name: 'notes.txt', type: 'text/plain' })).toBeNull()
    expect(photoPath(3, { name: 'drawing.svg', type: 'image/svg+xml' })).toBeNull()
  })
})

describe('the manifest', () => {
  it('says names and numbers, and is refused where it is damaged', () => {
    const manifest = manifestOf(recorded({ cup: [2] }), ['class-1/recording-1/0002.jpg'], new Date(0))
    expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest)
    expect(() => parseManifest(JSON.stringify({ ...manifest, classes: [{ key: '../x' }] }))).toThrow()
    expect(() => parseManifest('{')).toThrow()
  })
})
