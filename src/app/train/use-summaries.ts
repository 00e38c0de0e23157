import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { logOf } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import type { Curves } from './use-curves.ts'

/** A sentence for each chart, for those who do not see it. */
export function useSummaries({ epochs, best }: Curves): Record<'loss' | 'accuracy' | 'rate', string> {
  const { t } = useTranslation()
  const format = useFormat()
  return useMemo(() => {
    const last = epochs.at(-1)
    if (!last) {
      const none = t('chart.summary_none')
      return { loss: none, accuracy: none, rate: none }
    }
    const when = { epoch: last.epoch, stage: t(`chart.stage_${last.stage}_short`) }
    const lowest = epochs.reduce((a, b) => (b.valid.loss < a.valid.loss ? b : a))
    const mark = logOf(epochs, best) ?? last
    return {
      loss: t('chart.summary_loss', {
        ...when,
        train: format.loss(last.train.loss),
        valid: format.loss(last.valid.loss),
        lowest: format.loss(lowest.valid.loss),
        lowest_epoch: lowest.epoch,
        lowest_stage: t(`chart.stage_${lowest.stage}_short`),
      }),
      accuracy: t('chart.summary_accuracy', {
        ...when,
        train: format.accuracy(last.train),
        valid: format.accuracy(last.valid),
        best: format.accuracy(mark.valid),
        best_epoch: mark.epoch,
        best_stage: t(`chart.stage_${mark.stage}_short`),
      }),
      rate: t('chart.summary_rate', {
        ...when,
        first: format.learningRate(epochs[0].learningRate),
        last: format.learningRate(last.learningRate),
      }),
    }
  }, [epochs, best, t, format])
}
