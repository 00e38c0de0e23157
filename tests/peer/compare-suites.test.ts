import { expect, it } from 'vitest'
import { compareSuites, countSuites } from './compare-suites.ts'

const results = (entries: Record<string, string | null>) => new Map(Object.entries(entries))
const known = [{ reason: 'no such kernel', tests: ['a'] }]

it('finds nothing wrong where what fails is listed', () => {
  const stock = results({ a: 'no kernel', b: 'no gradient', c: null })
  const ours = results({ a: 'no kernel', b: null, c: null })
  expect(compareSuites(stock, ours, known)).toEqual([])
  expect(countSuites(stock, ours)).toEqual({ tests: 3, stockFailed: 2, oursFailed: 1, enabled: 1 })
})

it('finds a test that only stock passes, even a listed one', () => {
  expect(compareSuites(results({ a: null }), results({ a: 'off by 1' }), known)).toEqual([
    'passes on stock, fails with ours: a: off by 1',
  ])
})

it('finds a failure that is not listed, a listed one that passes, and tests that are gone', () => {
  const stock = results({ b: 'x', c: null })
  expect(compareSuites(stock, results({ b: 'x' }), known)).toEqual([
    'fails and is not listed: b: x',
    'did not run with ours: c',
    'listed, but there is no such test: a',
  ])
  expect(compareSuites(results({ a: 'x' }), results({ a: null }), known)).toEqual([
    'passes, but is listed as failing: a',
  ])
})
