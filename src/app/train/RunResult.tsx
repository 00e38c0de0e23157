import { IconStarFilled } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import classes from './RunBar.module.css'

/** How the run ended and what is kept of it. */
export function RunResult() {
  const { t } = useTranslation()
  const format = useFormat()
  const run = useApp((state) => state.run)
  const { best } = run
  const log = run.epochs.find((epoch) => epoch.stage === best?.stage && epoch.epoch === best.epoch)
  if (!best) return null
  const accuracy = log ? format.accuracy(log.valid) : format.percent(best.accuracy)
  return (
    <p className={classes.result} data-testid="run-result" data-status={run.status}>
      <IconStarFilled size={15} aria-hidden="true" />
      <span>
        {run.status === 'completed' && t('train.completed')} {run.status === 'stopped' && t('train.stopped')}{' '}
        <strong data-testid="best">
          {t('train.best', { accuracy, stage: t(`chart.stage_${best.stage}_short`), epoch: best.epoch })}
        </strong>
        {run.test && <> · {t('train.test', { accuracy: format.accuracy(run.test) })}</>}
      </span>
    </p>
  )
}
