import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyNames } from './names.ts'
import { readDataset } from './read-dataset.ts'
import { folderOf, jpegs } from './testing.ts'

const dataset = readDataset(folderOf(['1', '2', '3', '__proto__'].flatMap((name) => jpegs(name, 4))), {
  seed: 1,
  validationShare: 0.2,
})
const apply = (text: string) => applyNames(dataset, { path: 'names.json', text })
const names = (text: string) => apply(text).classes.map(({ name }) => name)

describe('a names file dropped later', () => {
  it('names the classes and keeps those that it leaves out', () => {
    expect(names('{"1": " rose ", "3": "lily", "99": "oak", "2": ""}')).toEqual([
      'rose',
      '2',
      'lily',
      '__proto__',
    ])
  })

  it('may begin with a byte-order mark', () => {
    expect(names('\uFEFF{"1": "rose"}')[0]).toBe('rose')
  })

  it('takes __proto__ as a name like any other', () => {
    expect(names('{"__proto__": "odd"}')[3]).toBe('odd')
  })

  it('tells two classes of one name apart and says so', () => {
    const named = apply('{"1": "rose", "2": "rose"}')
    expect(named.classes.map(({ name }) => name)).toEqual(['rose (1)', 'rose (2)', '3', '__proto__'])
    expect(named.problems).toEqual([
      { code: 'duplicate-class-name', fatal: false, values: { count: 1, names: 'rose' } },
    ])
    const fixed = applyNames(named, { path: 'names.json', text: '{"1": "rose", "2": "peony"}' })
    expect(fixed.problems).toEqual([])
  })

  it.each([
    ['syntax', 'not json'],
    ['syntax', ''],
    ['shape', '["rose"]'],
    ['shape', '{"1": {"name": "rose"}}'],
    ['shape', '{"1": 2}'],
    ['shape', 'null'],
    ['no-match', '{"oak": "Oak"}'],
    ['no-match', '{}'],
  ])('that has a problem of %s leaves the classes and is named: %s', (reason, text) => {
    const named = apply(text)
    expect(named.classes).toEqual(dataset.classes)
    expect(named.problems).toContainEqual({
      code: 'bad-names-file',
      fatal: false,
      values: { path: 'names.json', reason },
    })
  })

  it('of any content never throws and never changes ids or samples', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const named = apply(text)
        expect(named.samples).toBe(dataset.samples)
        expect(named.classes.map(({ id }) => id)).toEqual(['1', '2', '3', '__proto__'])
      }),
    )
  })
})
