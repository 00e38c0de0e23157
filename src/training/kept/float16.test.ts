import { expect, test } from 'vitest'
import { fromFloat16, toFloat16 } from './float16.ts'

function there(...values: number[]): number[] {
  const back = new Float32Array(values.length)
  fromFloat16(toFloat16(Float32Array.from(values)), back)
  return [...back]
}

test('every half comes back as it was', () => {
  const halves = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i)
  const values = new Float32Array(halves.length)
  fromFloat16(halves, values)
  expect(values[0x3c00]).toBe(1)
  expect(values[0xc000]).toBe(-2)
  expect(values[1]).toBe(2 ** -24)
  const back = toFloat16(values)
  for (const half of halves) if (!Number.isNaN(values[half])) expect(back[half]).toBe(half)
})

test('a value goes to the nearest half, and to the even one of two', () => {
  expect(there(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20)).toEqual([
    1,
    1 + 2 ** -9,
    1 + 2 ** -10,
  ])
  expect(there(2 ** -25, 1.5 * 2 ** -24, 3 * 2 ** -25, 1e-9)).toEqual([0, 2 ** -23, 2 ** -23, 0])
  for (let i = 0; i < 1000; i++) {
    const value = Math.fround(Math.exp(12 * Math.sin(i * i)))
    const off = Math.abs(there(value)[0] - value)
    if (value < 65504) expect(off).toBeLessThanOrEqual(2 ** -11 * Math.max(value, 2 ** -14))
  }
})

test('what is too large becomes the largest, and only what is not finite stays so', () => {
  expect(there(65504, 65519, 65520, 1e30, -1e30)).toEqual([65504, 65504, 65504, 65504, -65504])
  expect(there(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN)).toEqual([
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ])
})
