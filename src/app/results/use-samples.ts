import { useMemo } from 'react'
import type { Sample } from '../../dataset/types.ts'
import { useApp } from '../../store/index.ts'

/** The dataset's photos by path. */
export function useSamples(): ReadonlyMap<string, Sample> {
  const dataset = useApp(({ data }) => data.dataset)
  return useMemo(() => new Map(dataset?.samples.map((sample) => [sample.path, sample])), [dataset])
}
