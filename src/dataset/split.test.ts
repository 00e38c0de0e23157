import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDataset } from './read-dataset.ts'
import { resplit, validationPaths } from './split.ts'
import { folderOf, jpegs } from './testing.ts'

const pathsOf = (stems: readonly string[]) => stems.map((stem) => `c/${stem}.jpg`)
const stems = (minLength: number) =>
  fc.uniqueArray(fc.stringMatching(/^[a-zA-Z0-9_]{1,8}$/), { minLength, maxLength: 60 })
const seeds = fc.nat(2 ** 32 - 1)
const shares = fc.double({ min: 0.05, max: 0.5, noNaN: true })

describe('validation photos drawn by seed', () => {
  it('leave at least one photo on each side where a class has two', () => {
    fc.assert(
      fc.property(stems(2), seeds, shares, (names, seed, share) => {
        const valid = validationPaths(pathsOf(names), seed, share)
        expect(valid.size).toBeGreaterThanOrEqual(1)
        expect(valid.size).toBeLessThan(names.length)
      }),
    )
  })

  it('are none where a class has one photo', () => {
    expect(validationPaths(['c/1.jpg'], 1, 0.2).size).toBe(0)
  })

  it('stay near the share in every class', () => {
    for (let seed = 0; seed < 50; seed++) {
      const share = validationPaths(jpegs('c', 100), seed, 0.2).size / 100
      expect(share).toBeGreaterThanOrEqual(0.1)
      expect(share).toBeLessThanOrEqual(0.3)
    }
  })

  it('keep their side when a photo is added, where the class keeps its share', () => {
    let moved = 0
    for (let count = 40; count < 140; count++) {
      const before = validationPaths(jpegs('c', count), 7, 0.2)
      const after = validationPaths(jpegs('c', count + 1), 7, 0.2)
      for (const path of jpegs('c', count)) if (before.has(path) !== after.has(path)) moved++
    }
    expect(moved).toBe(0)
  })

  it('never move more than one other when a photo is added', () => {
    fc.assert(
      fc.property(stems(3), seeds, shares, ([added, ...others], seed, share) => {
        const before = validationPaths(pathsOf(others), seed, share)
        const after = validationPaths(pathsOf([added, ...others]), seed, share)
        const moved = pathsOf(others).filter((path) => before.has(path) !== after.has(path))
        expect(moved.length).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('do not depend on order, nor on the other classes', () => {
    fc.assert(
      fc.property(stems(2), seeds, (names, seed) => {
        const one = validationPaths(pathsOf(names), seed, 0.2)
        expect(validationPaths(pathsOf(names.toReversed()), seed, 0.2)).toEqual(one)
      }),
    )
  })

  it('put a photo and its copy in another format on one side', () => {
    for (let seed = 0; seed < 50; seed++) {
      const valid = validationPaths([...jpegs('c', 20), 'c/3.png', 'c/4.heic'], seed, 0.3)
      expect(valid.has('c/3.png')).toBe(valid.has('c/3.jpg'))
      expect(valid.has('c/4.heic')).toBe(valid.has('c/4.jpg'))
    }
  })

  it('fall on the side that a HEIC file of the name would fall on', () => {
    const heic = jpegs('c', 20).map((path) => path.replace('.jpg', '.heic'))
    const stemsOf = (paths: Set<string>) =>
      [...paths].map((path) => path.slice(0, path.lastIndexOf('.'))).sort()
    expect(stemsOf(validationPaths(heic, 5, 0.2))).toEqual(stemsOf(validationPaths(jpegs('c', 20), 5, 0.2)))
  })
})

describe('another seed', () => {
  const folder = folderOf([...jpegs('a', 30), ...jpegs('b', 30), 'c/1.jpg'])
  const options = { seed: 1, validationShare: 0.2 }

  it('draws other validation photos, as reading the folder with that seed would', () => {
    const first = readDataset(folder, options)
    const second = resplit(first, 2, 0.3)
    expect(second).toEqual(readDataset(folder, { seed: 2, validationShare: 0.3 }))
    expect(second.samples).not.toEqual(first.samples)
    expect(resplit(second, 1, 0.2)).toEqual(first)
  })

  it('changes nothing where the folder says which photos validate', () => {
    const paths = ['train', 'val'].flatMap((split) => [...jpegs(`${split}/a`, 5), ...jpegs(`${split}/b`, 5)])
    const dataset = readDataset(folderOf(paths), options)
    expect(resplit(dataset, 2, 0.4)).toBe(dataset)
  })
})
