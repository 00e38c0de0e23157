import { useTranslation } from 'react-i18next'
import type { EpochLog } from '../../training/events.ts'
import { useFormat } from '../shared/format.ts'
import classes from './Charts.module.css'

interface EpochTooltipProps {
  epochs: readonly EpochLog[]
  /** What the chart draws: its values are read; the other charts read theirs. */
  value: 'loss' | 'accuracy' | 'rate'
  active?: boolean
  /** The hovered position on the epoch axis. */
  label?: string | number
}

/** The chart's values in the epoch that is hovered. */
export function EpochTooltip({ epochs, value, active, label }: EpochTooltipProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const log = epochs[Math.max(0, Math.round(Number(label)) - 1)]
  if (!active || !log) return null
  const read = ({ loss, accuracy, correct, samples }: EpochLog['train']) =>
    value === 'loss' ? format.loss(loss) : format.accuracy({ accuracy, correct, samples })
  return (
    <dl className={classes.tooltip} data-testid={`tooltip-${value}`}>
      <strong>
        {t('chart.epoch_n', { epoch: log.epoch })}, {t(`chart.stage_${log.stage}_short`)}
      </strong>
      {value === 'rate' ? (
        <>
          <dt>{t('chart.learning_rate')}</dt>
          <dd>{format.learningRate(log.learningRate)}</dd>
        </>
      ) : (
        <>
          <dt style={{ color: 'var(--train)' }}>{t('chart.train')}</dt>
          <dd>{read(log.train)}</dd>
          <dt style={{ color: 'var(--valid)' }}>{t('chart.valid')}</dt>
          <dd>{read(log.valid)}</dd>
        </>
      )}
    </dl>
  )
}
