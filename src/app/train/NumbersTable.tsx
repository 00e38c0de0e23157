import { Box } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../shared/format.ts'
import classes from './Charts.module.css'
import { useCurves } from './use-curves.ts'

/** The charts' numbers, for who prefers them. */
export function NumbersTable() {
  const { t } = useTranslation()
  const format = useFormat()
  const { epochs, best } = useCurves()
  return (
    <Box
      component="section"
      className={classes.table}
      tabIndex={0}
      aria-label={t('chart.table_caption')}
      data-testid="numbers"
    >
      <table>
        <caption className="visually-hidden">{t('chart.table_caption')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('chart.epoch')}</th>
            <th scope="col">{t('chart.learning_rate')}</th>
            <th scope="col">
              {t('chart.loss')}, {t('chart.train')}
            </th>
            <th scope="col">
              {t('chart.loss')}, {t('chart.valid')}
            </th>
            <th scope="col">
              {t('chart.accuracy')}, {t('chart.train')}
            </th>
            <th scope="col">
              {t('chart.accuracy')}, {t('chart.valid')}
            </th>
            <th scope="col">{t('chart.time')}</th>
          </tr>
        </thead>
        <tbody>
          {epochs.map((log) => (
            <tr
              key={`${log.stage}-${log.epoch}`}
              data-best={log.stage === best?.stage && log.epoch === best.epoch ? true : undefined}
            >
              <th scope="row">
                {log.epoch}, {t(`chart.stage_${log.stage}_short`)}
              </th>
              <td>{format.learningRate(log.learningRate)}</td>
              <td>{format.loss(log.train.loss)}</td>
              <td>{format.loss(log.valid.loss)}</td>
              <td>{format.accuracy(log.train)}</td>
              <td>{format.accuracy(log.valid)}</td>
              <td>{format.duration(log.seconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Box>
  )
}
