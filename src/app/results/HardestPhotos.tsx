import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { hardest, mayBeMislabelled } from '../../evaluation/index.ts'
import { useFormat } from '../shared/format.ts'
import { PhotoBrowser } from './PhotoBrowser.tsx'
import { PredictionsNote } from './PredictionsNote.tsx'
import classes from './ResultsPanel.module.css'
import { SplitSelect } from './SplitSelect.tsx'
import { usePredictions } from './use-predictions.ts'

/** Enough to look through; the rest is easier than these. */
const MOST = 100

/** The photos with the highest loss first: mistakes that teach, and labels that may be wrong. */
export function HardestPhotos() {
  const { t } = useTranslation()
  const format = useFormat()
  const shownSplit = usePredictions()
  const { split, predictions, status } = shownSplit
  const list = useMemo(() => hardest(predictions).slice(0, MOST), [predictions])
  const suspects = useMemo(() => predictions.filter(mayBeMislabelled).length, [predictions])
  if (status === 'none') return <p className={classes.empty}>{t('results.hardest_empty')}</p>
  return (
    <div data-testid="hardest">
      <div className={classes.head}>
        <SplitSelect />
        <span>{t('results.hardest_text')}</span>
        {suspects > 0 && (
          <strong>{t('results.suspects', { count: suspects, formatted: format.count(suspects) })}</strong>
        )}
      </div>
      <PredictionsNote {...shownSplit} />
      {list.length > 0 && <PhotoBrowser list={list} label={t(`results.hardest_${split}`)} withLoss />}
    </div>
  )
}
