import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePixels, knownPixels } from './canvas.ts'

test('pixels that come back as they were drawn are exact', () => {
  expect(comparePixels(knownPixels(), knownPixels())).toEqual({ kind: 'exact', changed: 0, largest: 0 })
})

test('a single value that is off by one is noise', () => {
  fc.assert(
    fc.property(fc.nat(96 * 96 - 1), fc.nat(2), (pixel, channel) => {
      const read = knownPixels()
      read[pixel * 4 + channel] ^= 1
      expect(comparePixels(knownPixels(), read)).toMatchObject({ kind: 'noise', largest: 1 })
    }),
  )
})

test('another picture is not mistaken for noise: white, or random values', () => {
  const drawn = knownPixels()
  expect(comparePixels(drawn, drawn.slice().fill(255)).kind).toBe('blocked')
  const random = drawn.map((_, i) => (i * 7919 + (i >> 3) * 104729) % 251)
  expect(comparePixels(drawn, random).kind).toBe('blocked')
})
