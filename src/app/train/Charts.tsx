import { IconStarFilled } from '@tabler/icons-react'
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
  const last = useApp(({ run }) => run.epochs.at(-1))
  const best = useApp(({ run }) => run.best)
  const rate = useApp(({ run }) => run.learningRate)
  return (
    <div className={classes.charts}>
      <figure className={classes.chart} data-testid="chart-loss">
        <figcaption className={classes.chartHead}>
          <span className={classes.chartTitle}>{t('chart.loss')}</span>
          <InfoTip text={t('chart.loss_explained')} />
          <Keys />
        </figcaption>
        <Plot>
          <LossCurve />
        </Plot>
      </figure>
      <figure className={classes.chart} data-testid="chart-accuracy">
        <figcaption className={classes.chartHead}>
          <span className={classes.chartTitle}>{t('chart.accuracy')}</span>
          <InfoTip text={t('chart.accuracy_explained')} />
          <span data-testid="accuracy-now">{last && format.accuracy(last.valid)}</span>
          {best && (
            <span className={classes.best}>
              <IconStarFilled size={12} aria-hidden="true" />
              {t('chart.best', { accuracy: format.percent(best.accuracy) })}
            </span>
          )}
        </figcaption>
        <Plot>
          <AccuracyCurve />
        </Plot>
      </figure>
      <figure className={classes.chart} data-wide data-testid="chart-rate">
        <figcaption className={classes.chartHead}>
          <span className={classes.chartTitle}>{t('chart.learning_rate')}</span>
          {rate !== null && <span>{format.learningRate(rate)}</span>}
        </figcaption>
        <Plot>
          <RateCurve />
        </Plot>
      </figure>
    </div>
  )
}

/** Before the first step: what will stand here. */
export function EmptyCharts() {
  const { t } = useTranslation()
  return (
    <div className={classes.empty}>
      <svg viewBox="0 0 360 110" fill="none" aria-hidden="true">
        <path d="M10 6v94h340" stroke="var(--line-strong)" strokeWidth="2" />
        <path
          d="M16 14C50 66 90 78 140 84S260 92 346 93"
          stroke="var(--train)"
          strokeWidth="2.5"
          strokeDasharray="7 5"
        />
        <path d="M16 24C56 62 96 66 150 68S280 72 346 71" stroke="var(--valid)" strokeWidth="2.5" />
      </svg>
      {t('chart.empty')}
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
