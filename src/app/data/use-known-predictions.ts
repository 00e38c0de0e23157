import { useMemo } from 'react'
import { useApp } from '../../store/index.ts'
import type { PhotoPrediction } from '../../training/events.ts'

/** What the network takes photos for, by path: those of the newest epoch, or of the best weights after a run. */
export function useKnownPredictions(): ReadonlyMap<string, PhotoPrediction> {
  const predictions = useApp(({ run }) => run.predictions)
  return useMemo(() => new Map(predictions.map((prediction) => [prediction.path, prediction])), [predictions])
}
