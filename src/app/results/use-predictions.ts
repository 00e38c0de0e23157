import { useEffect, useMemo } from 'react'
import type { Split } from '../../dataset/types.ts'
import { isBusy, predictSplit, useApp, useResults } from '../../store/index.ts'
import type { PhotoPrediction } from '../../training/events.ts'

export interface SplitPredictions {
  split: Split
  predictions: readonly PhotoPrediction[]
  /** `loading`: asked for; `failed`: with `detail`; `none`: there is nothing to predict with yet. */
  status: 'ready' | 'loading' | 'failed' | 'none'
  detail: string
}

/** What the network takes the chosen split's photos for; asked for where the run itself did not say. */
export function usePredictions(): SplitPredictions {
  const run = useApp((state) => state.run.predictions)
  const classifier = useApp((state) => state.classifier)
  const busy = useApp((state) => isBusy(state.run.status))
  // While it trains only the validation photos are known.
  const split = useResults((state) => (busy ? 'valid' : state.split))
  const asked = useResults((state) => state.asked[split])

  const own = useMemo(() => run.filter((prediction) => prediction.split === split), [run, split])
  const isOwn = own.length > 0
  const current = asked?.of === classifier ? asked : undefined
  useEffect(() => {
    // Validation comes by itself: after each epoch, and with a loaded file.
    if (!isOwn && !busy && split !== 'valid' && classifier && !current) void predictSplit(split)
  }, [isOwn, busy, split, classifier, current])

  return useMemo(() => {
    if (isOwn) return { split, predictions: own, status: 'ready', detail: '' }
    if (current?.status === 'ready')
      return { split, predictions: current.predictions, status: 'ready', detail: '' }
    if (current?.status === 'failed')
      return { split, predictions: [], status: 'failed', detail: current.detail }
    const coming = split !== 'valid' && classifier !== null
    return { split, predictions: [], status: coming ? 'loading' : 'none', detail: '' }
  }, [isOwn, own, current, split, classifier])
}
