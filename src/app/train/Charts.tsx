import { IconStarFilled } from '@tabler/icons-react'
import { lazy, memo, type ReactNode, type Ref, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import type { CurveView } from '../../store/chart-data.ts'
import { useFormat } from '../shared/format.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import classes from './Charts.module.css'
import { useCurves } from './use-curves.ts'
import { useSummaries } from './use-summaries.ts'

// The charts' library is fetched with the first epoch, not with the page.
const LossCurve = lazy(() => import('./curves.tsx').then((module) => ({ default: module.LossCurve })))
const AccuracyCurve = lazy(() => import('./curves.tsx').then((module) => ({ default: module.AccuracyCurve })))
const RateCurve = lazy(() => import('./curves.tsx').then((module) => ({ default: module.RateCurve })))

interface ChartsProps {
  view: CurveView
  ref: Ref<HTMLDivElement>
}

/** Loss, accuracy and learning rate, live. */
export const Charts = memo(function Charts({ view, ref }: ChartsProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const curves = useCurves()
  const summaries = useSummaries(curves)
  const last = curves.epochs.at(-1)
  const best = curves.bestAt === null ? null : curves.epochs[curves.bestAt - 1]
  return (
    <div className={classes.charts} ref={ref} data-testid="charts">
      <Chart
        name="loss"
        title={t('chart.loss')}
        summary={summaries.loss}
        head={
          <>
            <InfoTip text={t('chart.loss_explained')} />
            <Keys />
          </>
        }
      >
        <LossCurve curves={curves} view={view} />
      </Chart>
      <Chart
        name="accuracy"
        title={t('chart.accuracy')}
        summary={summaries.accuracy}
        head={
          <>
            <InfoTip text={t('chart.accuracy_explained')} />
            <span data-testid="accuracy-now">{last && format.accuracy(last.valid)}</span>
            {best && (
              <span
                className={classes.best}
                title={t('chart.best', { accuracy: format.accuracy(best.valid) })}
              >
                <IconStarFilled size={12} role="img" aria-label={t('chart.best_mark')} />
                {format.accuracy(best.valid)}
              </span>
            )}
          </>
        }
      >
        <AccuracyCurve curves={curves} view={view} />
      </Chart>
      <Chart
        name="rate"
        title={t('chart.learning_rate')}
        summary={summaries.rate}
        head={last && <span>{format.learningRate(last.learningRate)}</span>}
      >
        <RateCurve curves={curves} />
      </Chart>
    </div>
  )
})

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

interface ChartProps {
  name: 'loss' | 'accuracy' | 'rate'
  title: string
  /** The chart in a sentence. */
  summary: string
  /** Stands beside the title. */
  head?: ReactNode
  children: ReactNode
}

function Chart({ name, title, summary, head, children }: ChartProps) {
  return (
    <figure className={classes.chart} data-chart={name} data-title={title} data-testid={`chart-${name}`}>
      <figcaption className={classes.head}>
        <span className={classes.title}>{title}</span>
        {head}
        <span className="visually-hidden" data-testid={`summary-${name}`}>
          {summary}
        </span>
      </figcaption>
      <div className={classes.plot}>
        <Suspense fallback={null}>{children}</Suspense>
      </div>
    </figure>
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
