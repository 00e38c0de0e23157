import type { Dataset, Split } from './types.ts'

/** Number of photos of each class (in class order) in each split. */
export function photoCounts(dataset: Dataset): Record<Split, number>[] {
  const counts = dataset.classes.map(() => ({ train: 0, valid: 0, test: 0 }))
  for (const sample of dataset.samples) counts[sample.label][sample.split]++
  return counts
}
