import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDataset } from './read-dataset.ts'
import { recordingOf } from './recordings.ts'
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

/** Recordings of a class `c` with so many frames each. */
const recorded = (frames: readonly number[]): string[] =>
  frames.flatMap((count, i) => jpegs(`c/recording-${i + 1}`, count))
const lengths = (minLength: number) => fc.array(fc.integer({ min: 1, max: 60 }), { minLength, maxLength: 12 })
const photosOf = (paths: Iterable<string>, name: string) =>
  [...paths].filter((path) => path.startsWith(`${name}/`)).length

describe('recordings', () => {
  it('never stand on both sides, whatever stands beside them', () => {
    fc.assert(
      fc.property(lengths(1), stems(0), seeds, shares, (frames, names, seed, share) => {
        const valid = validationPaths([...recorded(frames), ...pathsOf(names)], seed, share, 'c')
        frames.forEach((count, i) => {
          expect([0, count]).toContain(photosOf(valid, `c/recording-${i + 1}`))
        })
      }),
    )
  })

  it('leave something on each side where a class has two', () => {
    fc.assert(
      fc.property(lengths(2), seeds, shares, (frames, seed, share) => {
        const valid = validationPaths(recorded(frames), seed, share, 'c')
        expect(valid.size).toBeGreaterThanOrEqual(1)
        expect(valid.size).toBeLessThan(recorded(frames).length)
      }),
    )
  })

  it('all train where a class has one', () => {
    expect(validationPaths(recorded([40]), 1, 0.2, 'c').size).toBe(0)
  })

  it('come as near to the share of photos as half of the smallest one lets them', () => {
    fc.assert(
      fc.property(lengths(2), seeds, shares, (frames, seed, share) => {
        const count = recorded(frames).length
        const valid = validationPaths(recorded(frames), seed, share, 'c').size
        // Half of the share, or the smallest recording, may be missing. Too much may be half of the share, a recording,
        // or one more recording where that comes nearer to the share: less than twice of it then.
        const most = Math.max(1.5 * share * count + 1, ...frames, 2 * share * count)
        expect(valid).toBeLessThanOrEqual(most)
        expect(valid).toBeGreaterThanOrEqual(Math.min(0.5 * share * count - 1, Math.min(...frames)))
      }),
    )
  })

  it('of one long and many short ones, the short ones validate', () => {
    for (let seed = 0; seed < 50; seed++) {
      const valid = validationPaths(recorded([100, 10, 10, 10]), seed, 0.2, 'c')
      expect(photosOf(valid, 'c/recording-1')).toBe(0)
      expect([20, 30]).toContain(valid.size)
    }
  })

  it('keep their sides when one of them grows by a frame, where the class keeps its share', () => {
    let moved = 0
    let changed = 0
    for (let seed = 0; seed < 200; seed++) {
      const frames = [30, 28, 31, 12, 40, 25, 33, 18]
      const before = validationPaths(recorded(frames), seed, 0.25, 'c')
      const after = validationPaths(recorded([31, ...frames.slice(1)]), seed, 0.25, 'c')
      const others = frames.filter((_, i) => {
        const name = `c/recording-${i + 1}`
        return photosOf(before, name) > 0 !== photosOf(after, name) > 0
      })
      moved += others.length
      if (others.length > 0) changed++
    }
    expect(changed).toBeLessThan(10)
    expect(moved).toBeLessThan(20)
  })

  it('are told by a directory below the class, whatever the class is called', () => {
    expect(recordingOf('cats/recording-1/0001.jpg', 'cats')).toBe('cats/recording-1')
    expect(recordingOf('things/cats/recording-1/0001.jpg', 'cats')).toBe('things/cats/recording-1')
    expect(recordingOf('cats/more/recording-2/a/1.jpg', 'cats')).toBe('cats/more/recording-2')
    expect(recordingOf('recording-1/1.jpg', 'recording-1')).toBeNull()
    expect(recordingOf('recording-1/recording-2/1.jpg', 'recording-1')).toBe('recording-1/recording-2')
    expect(recordingOf('cats/recording-1.jpg', 'cats')).toBeNull()
  })

  it('become a problem where a class is a single one: nothing of it can validate', () => {
    const folder = folderOf([...recorded([20]), ...jpegs('d', 20)])
    const { problems, samples } = readDataset(folder, { seed: 3, validationShare: 0.2 })
    expect(problems).toEqual([{ code: 'one-recording', fatal: false, values: { count: 1, names: 'c' } }])
    expect(samples.filter(({ path, split }) => path.startsWith('c/') && split === 'valid')).toEqual([])
  })

  it('keep a run from starting where every class is a single one', () => {
    const folder = folderOf([...recorded([20]), ...jpegs('e/recording-1', 20)])
    const { problems } = readDataset(folder, { seed: 3, validationShare: 0.2 })
    expect(problems).toEqual([{ code: 'one-recording', fatal: true, values: { count: 2, names: 'c, e' } }])
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
