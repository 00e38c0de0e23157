import { expect, test } from 'vitest'
import { PHOTO_FAILURES } from '../augment/photo-error.ts'
import { skipUnreadable } from './between.ts'
import { tinyDataset } from './testing/fixtures.ts'

const { samples } = tinyDataset({ train: 6, valid: 3 })
const failing = (count: number, reason: string) =>
  samples.slice(0, count).map((sample) => ({ sample, reason }))

test('photos that are deleted or damaged between epochs are listed and skipped', () => {
  const skipped = new Set<string>()
  const failed = [
    ...failing(1, PHOTO_FAILURES.vanished),
    { sample: samples[1], reason: PHOTO_FAILURES.damaged },
  ]
  const events = [...skipUnreadable({ samples: samples.slice(2, 4), failed }, skipped)]
  expect(events.map(({ type }) => type)).toEqual(['photo-skipped', 'photo-skipped'])
  expect([...skipUnreadable({ samples: [], failed: failing(1, PHOTO_FAILURES.vanished) }, skipped)]).toEqual(
    [],
  )
  expect(skipped.size).toBe(2)
})

test('a whole batch that is no longer there ends the run, and none of it counts as skipped', () => {
  for (const reason of [
    PHOTO_FAILURES.vanished,
    PHOTO_FAILURES['not-permitted'],
    PHOTO_FAILURES.unreadable,
  ]) {
    const skipped = new Set<string>()
    const skip = () => [...skipUnreadable({ samples: [], failed: failing(4, reason) }, skipped)]
    expect(skip).toThrow(expect.objectContaining({ code: 'folder-gone' }))
    expect(skipped.size).toBe(0)
  }
  const damaged = failing(4, PHOTO_FAILURES['cut-off'])
  expect([...skipUnreadable({ samples: [], failed: damaged }, new Set())]).toHaveLength(4)
})
