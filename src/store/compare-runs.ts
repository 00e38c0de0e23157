/** Two runs over the same validation photos: which classes and photos they differ in, and whether that is more than chance. */
import type { ClassInfo } from '../dataset/types.ts'
import type { PhotoPrediction } from '../training/events.ts'

export interface ClassDifference {
  name: string
  photos: number
  /** Of them, right in the first run and in the second. */
  first: number
  second: number
}

export interface RunDifference {
  /** Validation photos that both predicted. */
  photos: number
  /** Of them, right in the first run and in the second. */
  right: readonly [number, number]
  /** The classes that they differ in, the largest difference first. */
  classes: ClassDifference[]
  /** Photos that one gets right and the other wrong. */
  onlyFirst: Differing[]
  onlySecond: Differing[]
  /**
   * How often two equally good runs would differ so much or more in the photos that only one gets right: McNemar's exact
   * test, two-sided, 0..1. Source: McNemar 1947.
   */
  chance: number
}

export interface Differing {
  path: string
  trueClass: number
  /** What the first and the second run took it for. */
  first: number
  second: number
}

/** Photos that only one of the runs knows are left out. */
export function compareRuns(
  classes: readonly ClassInfo[],
  first: readonly PhotoPrediction[],
  second: readonly PhotoPrediction[],
): RunDifference {
  const other = new Map(second.filter(isValid).map((prediction) => [prediction.path, prediction]))
  const both = first.filter(isValid).flatMap((prediction): Differing[] => {
    const { path, trueClass, predictedClass } = prediction
    const match = other.get(path)
    return match ? [{ path, trueClass, first: predictedClass, second: match.predictedClass }] : []
  })
  const rightFirst = ({ trueClass, first }: Differing) => first === trueClass
  const rightSecond = ({ trueClass, second }: Differing) => second === trueClass
  const byClass = classes.map(({ name }, label): ClassDifference => {
    const own = both.filter(({ trueClass }) => trueClass === label)
    return {
      name,
      photos: own.length,
      first: own.filter(rightFirst).length,
      second: own.filter(rightSecond).length,
    }
  })
  const distance = ({ first, second }: ClassDifference) => Math.abs(first - second)
  const onlyFirst = both.filter((photo) => rightFirst(photo) && !rightSecond(photo))
  const onlySecond = both.filter((photo) => rightSecond(photo) && !rightFirst(photo))
  return {
    photos: both.length,
    right: [both.filter(rightFirst).length, both.filter(rightSecond).length],
    classes: byClass.filter((row) => distance(row) > 0).sort((a, b) => distance(b) - distance(a)),
    onlyFirst,
    onlySecond,
    chance: signTest(onlyFirst.length, onlySecond.length),
  }
}

const isValid = ({ split }: PhotoPrediction): boolean => split === 'valid'

/** Two-sided exact binomial test of `a` against `b` at even odds; 1 where both are none. */
function signTest(a: number, b: number): number {
  const n = a + b
  // Terms are built from the logarithm of the first: 0.5 ** n is 0 for large n.
  let term = -n * Math.LN2
  let tail = 0
  for (let k = 0; k <= Math.min(a, b); k++) {
    tail += Math.exp(term)
    term += Math.log(n - k) - Math.log(k + 1)
  }
  return Math.min(1, 2 * tail)
}
