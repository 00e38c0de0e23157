import { Alert } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './ResultsPanel.module.css'
import type { SplitPredictions } from './use-predictions.ts'

/** Says why no photo stands here yet. */
export function PredictionsNote({ status, detail }: SplitPredictions) {
  const { t } = useTranslation()
  if (status === 'loading')
    return (
      <p className={classes.empty} role="status">
        {t('results.predicting')}
      </p>
    )
  if (status === 'failed')
    return (
      <Alert color="red" role="alert">
        {t('results.predict_failed', { detail })}
      </Alert>
    )
  return null
}
