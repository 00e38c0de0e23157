import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classReport, confusionCsv, confusionMatrix, mostConfused, reportCsv } from './confusion.ts'

/** [true, predicted] pairs. */
const answers = (...pairs: [number, number][]) =>
  pairs.map(([trueClass, predictedClass]) => ({ trueClass, predictedClass }))

// sklearn.metrics.confusion_matrix([0,0,0,1,1,2,2,2,2], [0,0,1,1,2,2,2,0,1])
const three = answers([0, 0], [0, 0], [0, 1], [1, 1], [1, 2], [2, 2], [2, 2], [2, 0], [2, 1])

test('rows are true classes, columns are predicted ones', () => {
  expect(confusionMatrix(three, 3)).toEqual({
    counts: [
      [2, 1, 0],
      [0, 1, 1],
      [1, 1, 2],
    ],
    total: 9,
    correct: 5,
  })
})

test("precision, recall and F1 are scikit-learn's", () => {
  const { classes, macro, accuracy } = classReport(confusionMatrix(three, 3))
  // sklearn.metrics.precision_recall_fscore_support of the same lists
  expect(classes.map(({ precision }) => precision)).toEqual([2 / 3, 1 / 3, 2 / 3])
  expect(classes.map(({ recall }) => recall)).toEqual([2 / 3, 1 / 2, 1 / 2])
  expect(classes[1].f1).toBeCloseTo(0.4, 12)
  expect(classes[2].f1).toBeCloseTo(4 / 7, 12)
  expect(classes.map(({ support }) => support)).toEqual([3, 2, 4])
  expect(macro.precision).toBeCloseTo(5 / 9, 12)
  expect(macro.recall).toBeCloseTo(5 / 9, 12)
  expect(macro.f1).toBeCloseTo((2 / 3 + 0.4 + 4 / 7) / 3, 12)
  expect(accuracy).toBeCloseTo(5 / 9, 12)
})

test('a class that is never predicted has no precision; one without samples stays out of the averages', () => {
  const { classes, macro } = classReport(confusionMatrix(answers([0, 0], [1, 0]), 3))
  expect(classes).toEqual([
    { precision: 0.5, recall: 1, f1: 2 / 3, support: 1 },
    { precision: null, recall: 0, f1: 0, support: 1 },
    { precision: null, recall: null, f1: null, support: 0 },
  ])
  expect(macro).toEqual({ precision: 0.25, recall: 0.5, f1: 1 / 3 })
  expect(() => classReport(confusionMatrix([], 2))).toThrow('no samples')
})

test('the most confused pairs come first, and never a class with itself', () => {
  const matrix = confusionMatrix(answers([0, 1], [1, 0], [1, 0], [2, 2], [2, 0], [0, 0], [0, 0]), 3)
  expect(mostConfused(matrix)).toEqual([
    { trueClass: 1, predictedClass: 0, count: 2, share: 1 },
    { trueClass: 2, predictedClass: 0, count: 1, share: 0.5 },
    { trueClass: 0, predictedClass: 1, count: 1, share: 1 / 3 },
  ])
  expect(mostConfused(matrix, 1)).toHaveLength(1)
})

test('whatever is answered, the matrix counts each sample once and recall averages to accuracy by support', () => {
  const pairs = fc.array(fc.record({ trueClass: fc.nat(6), predictedClass: fc.nat(6) }), { minLength: 1 })
  fc.assert(
    fc.property(pairs, (list) => {
      const matrix = confusionMatrix(list, 7)
      const report = classReport(matrix)
      expect(matrix.counts.flat().reduce((a, b) => a + b)).toBe(list.length)
      const weighted = report.classes.reduce((sum, { recall, support }) => sum + (recall ?? 0) * support, 0)
      expect(weighted / list.length).toBeCloseTo(report.accuracy, 12)
      const wrong = mostConfused(matrix).reduce((sum, { count }) => sum + count, 0)
      expect(wrong + matrix.correct).toBe(list.length)
    }),
  )
})

test('as CSV, names are quoted where they must be', () => {
  const matrix = confusionMatrix(answers([0, 0], [1, 0]), 2)
  expect(confusionCsv(matrix, ['a, b', 'c'])).toBe('true \\ predicted,"a, b",c\n"a, b",1,0\nc,1,0\n')
  expect(reportCsv(classReport(matrix), ['say "a"', 'c'])).toBe(
    [
      'class,precision,recall,f1,support',
      '"say ""a""",0.5000,1.0000,0.6667,1',
      'c,,0.0000,0.0000,1',
      'macro average,0.2500,0.5000,0.3333,2',
      '',
    ].join('\n'),
  )
})
