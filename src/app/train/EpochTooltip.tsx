import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import classes from './TrainPanel.module.css'

interface EpochTooltipProps {
  active?: boolean
  /** The hovered position on the epoch axis. */
  label?: string | number
}

/** All values of the epoch that is hovered. */
export function EpochTooltip({ active, label }: EpochTooltipProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const epochs = useApp(({ run }) => run.epochs)
  const log = epochs[Math.max(0, Math.round(Number(label)) - 1)]
  if (!active || !log) return null
  return (
    <dl className={classes.tooltip}>
      <strong>
        {t('chart.epoch_n', { epoch: log.epoch })}, {t(`chart.stage_${log.stage}_short`)}
      </strong>
      <dt style={{ color: 'var(--train)' }}>{t('chart.train')}</dt>
      <dd>
        {format.loss(log.train.loss)} · {format.accuracy(log.train)}
      </dd>
      <dt style={{ color: 'var(--valid)' }}>{t('chart.valid')}</dt>
      <dd>
        {format.loss(log.valid.loss)} · {format.accuracy(log.valid)}
      </dd>
      <dt>{t('chart.learning_rate')}</dt>
      <dd>{format.learningRate(log.learningRate)}</dd>
    </dl>
  )
}
