/** Who is taken for whom: the confusion matrix and what is read from it. */
import { type CsvField, csvText } from './csv.ts'

/** One classified sample, by class index. */
export interface Answer {
  trueClass: number
  predictedClass: number
}

/** `counts[t][p]`: samples of class t that were taken for class p, as scikit-learn's `confusion_matrix`. */
export interface ConfusionMatrix {
  counts: readonly (readonly number[])[]
  total: number
  correct: number
}

/** @param classes their number; every class index of `answers` lies below it. */
export function confusionMatrix(answers: readonly Answer[], classes: number): ConfusionMatrix {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  let correct = 0
  for (const { trueClass, predictedClass } of answers) {
    counts[trueClass][predictedClass]++
    if (trueClass === predictedClass) correct++
  }
  return { counts, total: answers.length, correct }
}

export interface Confusion extends Answer {
  /** Samples of the true class that were taken for the predicted one. */
  count: number
  /** Of the true class's samples, 0..1. */
  share: number
}

/** fastai's `most_confused`: pairs of different classes by falling count, then by falling share, at most `limit`. */
export function mostConfused({ counts }: ConfusionMatrix, limit = Number.POSITIVE_INFINITY): Confusion[] {
  const pairs: Confusion[] = []
  for (const [trueClass, row] of counts.entries()) {
    const support = sum(row)
    for (const [predictedClass, count] of row.entries())
      if (count > 0 && predictedClass !== trueClass)
        pairs.push({ trueClass, predictedClass, count, share: count / support })
  }
  return pairs
    .sort((a, b) => b.count - a.count || b.share - a.share || a.trueClass - b.trueClass)
    .slice(0, limit)
}

/**
 * Precision, recall and F1 of one class, 0..1, as scikit-learn's `classification_report`. Null where there is
 * nothing to divide by: precision of a class that is never predicted, recall of one without samples.
 */
export interface ClassScores {
  /** Of those taken for the class, the share that is of it. */
  precision: number | null
  /** Of the class's samples, the share that was recognised. */
  recall: number | null
  /** 2 TP / (2 TP + FP + FN): harmonic mean of both. */
  f1: number | null
  /** Samples of the class. */
  support: number
}

export interface ClassReport {
  classes: readonly ClassScores[]
  /** Plain means over the classes that have samples; a score that is null counts as 0, as scikit-learn's does. */
  macro: { precision: number; recall: number; f1: number }
  accuracy: number
  support: number
}

/** @throws where there are no samples. */
export function classReport({ counts, total, correct }: ConfusionMatrix): ClassReport {
  if (total === 0) throw new Error('no samples to report on')
  const classes = counts.map((row, index): ClassScores => {
    const hits = row[index]
    const support = sum(row)
    const predicted = sum(counts.map((other) => other[index]))
    return {
      precision: predicted === 0 ? null : hits / predicted,
      recall: support === 0 ? null : hits / support,
      f1: predicted + support === 0 ? null : (2 * hits) / (predicted + support),
      support,
    }
  })
  const present = classes.filter(({ support }) => support > 0)
  const mean = (key: 'precision' | 'recall' | 'f1') =>
    sum(present.map((scores) => scores[key] ?? 0)) / present.length
  return {
    classes,
    macro: { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') },
    accuracy: correct / total,
    support: total,
  }
}

/** The counts: one row a true class, one column a predicted class. */
export function confusionCsv({ counts }: ConfusionMatrix, names: readonly string[]): string {
  return csvText([['true \\ predicted', ...names], ...counts.map((row, i) => [names[i], ...row])])
}

/** `class,precision,recall,f1,support`, then the macro averages; a score that is null stays empty. */
export function reportCsv({ classes, macro, support }: ClassReport, names: readonly string[]): string {
  const digits = (value: number | null): CsvField => (value === null ? '' : value.toFixed(4))
  const row = (name: string, scores: Omit<ClassScores, 'support'>, count: number): CsvField[] => [
    name,
    digits(scores.precision),
    digits(scores.recall),
    digits(scores.f1),
    count,
  ]
  return csvText([
    ['class', 'precision', 'recall', 'f1', 'support'],
    ...classes.map((scores, i) => row(names[i], scores, scores.support)),
    row('macro average', macro, support),
  ])
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
