import { lazy, type ReactNode, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import classes from './TrainPanel.module.css'

// The charts' library is fetched with the first epoch, not with the page.
const LossCurve = lazy(() => import('./curves.tsx').then((module) => ({ default: module.LossCurve })))
const AccuracyCurve = lazy(() => import('./curves.tsx').then((module) => ({ default: module.AccuracyCurve })))
const RateCurve = lazy(() => import('./curves.tsx').then((module) => ({ default: module.RateCurve })))

/** Loss, accuracy and learning rate, live. */
export function Charts() {
  const { t } = useTranslation()
  const format = useFormat()
  const hasSteps = useApp(({ run }) => run.stepSeries.points.length > 0)
  const last = useApp(({ run }) => run.epochs.at(-1))
  const rate = useApp(({ run }) => run.learningRate)
  const any = hasSteps || last !== undefined
  return (
    <div className={classes.charts}>
      <figure className={classes.chart} data-testid="chart-loss">
        <figcaption className={classes.chartHead}>
          <span className={classes.chartTitle}>{t('chart.loss')}</span>
          <Keys />
          <InfoTip text={t('chart.loss_explained')} />
        </figcaption>
        {any ? (
          <Plot>
            <LossCurve />
          </Plot>
        ) : (
          <Empty />
        )}
      </figure>
      <figure className={classes.chart} data-testid="chart-accuracy">
        <figcaption className={classes.chartHead}>
          <span className={classes.chartTitle}>{t('chart.accuracy')}</span>
          <span data-testid="accuracy-now">{last && format.accuracy(last.valid)}</span>
          <InfoTip text={t('chart.accuracy_explained')} />
        </figcaption>
        {last ? (
          <Plot>
            <AccuracyCurve />
          </Plot>
        ) : (
          <Empty />
        )}
      </figure>
      <figure className={classes.chart} data-wide data-testid="chart-rate">
        <figcaption className={classes.chartHead}>
          <span className={classes.chartTitle}>{t('chart.learning_rate')}</span>
          {rate !== null && <span>{format.learningRate(rate)}</span>}
        </figcaption>
        {last ? (
          <Plot>
            <RateCurve />
          </Plot>
        ) : (
          <Empty />
        )}
      </figure>
    </div>
  )
}

function Plot({ children }: { children: ReactNode }) {
  return (
    <div className={classes.plot}>
      <Suspense fallback={null}>{children}</Suspense>
    </div>
  )
}

function Keys() {
  const { t } = useTranslation()
  return (
    <>
      <span className={classes.key}>
        <i style={{ borderColor: 'var(--train)', borderTopStyle: 'dashed' }} />
        {t('chart.train')}
      </span>
      <span className={classes.key}>
        <i style={{ borderColor: 'var(--valid)' }} />
        {t('chart.valid')}
      </span>
    </>
  )
}

function Empty() {
  const { t } = useTranslation()
  return <div className={classes.empty}>{t('chart.empty')}</div>
}
