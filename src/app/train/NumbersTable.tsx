import { Box } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../shared/format.ts'
import classes from './Charts.module.css'
import { useCurves } from './use-curves.ts'

/** The charts' numbers, for who prefers them. */
export function NumbersTable() {
  const { t } = useTranslation()
  const format = useFormat()
  const { epochs, best } = useCurves()
  const frame = useNewestInSight(epochs.length)
  return (
    <Box
      component="section"
      ref={frame}
      className={classes.table}
      tabIndex={0}
      aria-label={t('chart.table_caption')}
      data-testid="numbers"
    >
      <table>
        <caption className="visually-hidden">{t('chart.table_caption')}</caption>
        <thead>
          <tr>
            <th scope="col" rowSpan={2}>
              {t('chart.epoch')}
            </th>
            <th scope="colgroup" colSpan={2}>
              {t('chart.loss')}
            </th>
            <th scope="colgroup" colSpan={2}>
              {t('chart.accuracy')}
            </th>
            <th scope="col" rowSpan={2}>
              {t('chart.learning_rate')}
            </th>
            <th scope="col" rowSpan={2}>
              {t('chart.time')}
            </th>
          </tr>
          <tr>
            <th scope="col">{t('chart.train')}</th>
            <th scope="col">{t('chart.valid')}</th>
            <th scope="col">{t('chart.train')}</th>
            <th scope="col">{t('chart.valid')}</th>
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
              <td>{format.loss(log.train.loss)}</td>
              <td>{format.loss(log.valid.loss)}</td>
              <td>{format.accuracy(log.train)}</td>
              <td>{format.accuracy(log.valid)}</td>
              <td>{format.learningRate(log.learningRate)}</td>
              <td>{format.duration(log.seconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Box>
  )
}

/** Follows the newest row, until the person scrolls back. */
function useNewestInSight(rows: number) {
  const frame = useRef<HTMLDivElement>(null)
  const seen = useRef(0)
  useEffect(() => {
    const { current } = frame
    if (!current || rows === 0) return
    const { scrollTop, clientHeight } = current
    // The height before this row came.
    if (scrollTop + clientHeight >= seen.current - 8) current.scrollTop = current.scrollHeight
    seen.current = current.scrollHeight
  }, [rows])
  return frame
}
