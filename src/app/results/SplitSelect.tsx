import { SegmentedControl } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Split } from '../../dataset/types.ts'
import { isBusy, showSplit, splitCounts, useApp, useResults } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'

const SPLITS: readonly Split[] = ['valid', 'test', 'train']

/** Which photos are looked at. Training and test photos are classified when they are asked for. */
export function SplitSelect() {
  const { t } = useTranslation()
  const format = useFormat()
  const dataset = useApp(({ data }) => data.dataset)
  const busy = useApp(({ run }) => isBusy(run.status))
  const fits = useApp(
    ({ classifier, data }) =>
      classifier !== null && classifier.classes.length === data.dataset?.classes.length,
  )
  const split = useResults((state) => (busy ? 'valid' : state.split))
  if (!dataset) return null
  const counts = splitCounts(dataset)
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('results.split')}
      value={split}
      data={SPLITS.filter((value) => counts[value] > 0).map((value) => ({
        value,
        label: t(`results.split_${value}`, { count: format.count(counts[value]) }),
        disabled: value !== 'valid' && (busy || !fits),
      }))}
      data-testid="results-split"
      onChange={(value) => {
        const chosen = SPLITS.find((known) => known === value)
        if (chosen) showSplit(chosen)
      }}
    />
  )
}
