/** What a dataset says of itself, and its split. */
import { resplit } from '../../dataset/index.ts'
import type { Dataset, Split } from '../../dataset/types.ts'
import { baseKey } from '../../projects/index.ts'
import { fnv1a } from '../../random/index.ts'
import { patchData, useApp } from '../state.ts'

/** After another seed or share was chosen. */
export function splitAgain(seed: number, validationShare: number): void {
  const { dataset } = useApp.getState().data
  if (dataset) patchData({ dataset: resplit(dataset, seed, validationShare) })
}

/** Whether a run's photos are the sample photos, which need no folder. */
export const isSampleRun = (key: string): boolean => baseKey(key) === SAMPLES_KEY

/** Names the very set: `samples` was another one, whose checkpoints know other classes. */
export const SAMPLES_KEY = 'samples-trashnet'

/** The same photos in the same classes give the same key, wherever the folder lies. */
export function photosKey(dataset: Dataset): string {
  const paths = dataset.samples.map((sample) => `${sample.label}/${sample.path}`).join('\n')
  return `${dataset.name}-${fnv1a(paths).toString(16).padStart(8, '0')}`.replace(/[^\w.-]+/g, '_')
}

export function splitCounts(dataset: Dataset): Record<Split, number> {
  const counts = { train: 0, valid: 0, test: 0 }
  for (const sample of dataset.samples) counts[sample.split]++
  return counts
}
