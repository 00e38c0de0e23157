/**
 * The three charts (recharts): training and validation keep their colours everywhere, and what is hovered in one is
 * read in all. Drawn anew only where their own numbers change.
 */
import type { TFunction } from 'i18next'
import { memo, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceDot,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  useXAxisScale,
  useYAxisScale,
  XAxis,
  YAxis,
} from 'recharts'
import {
  accuracyRows,
  type ChartRow,
  type CurveView,
  drawnSteps,
  lossAxis,
  lossRows,
  nearestRow,
} from '../../store/chart-data.ts'
import type { StepPoint } from '../../store/step-series.ts'
import { useFormat } from '../shared/format.ts'
import { EpochTooltip } from './EpochTooltip.tsx'
import type { Curves } from './use-curves.ts'

export interface CurveProps {
  curves: Curves
  view: CurveView
}

const tick = { fontSize: 11, fill: 'var(--mantine-color-dimmed)' }
const still = { isAnimationActive: false, connectNulls: true } as const
const trainLine = { ...still, stroke: 'var(--train)', strokeWidth: 2, strokeDasharray: '5 3' }
const validLine = { ...still, stroke: 'var(--valid)', strokeWidth: 2 }
const faint = { ...still, strokeWidth: 1, strokeOpacity: 0.35, dot: false, activeDot: false } as const
const margin = { top: 10, right: 10, bottom: 0, left: 0 }
const grid = { stroke: 'var(--line)', vertical: false }
const stageLine = { stroke: 'var(--mantine-color-dimmed)', strokeDasharray: '2 3' }
const cursor = { stroke: 'var(--line-strong)' }
const valueAxis = { tick, tickLine: false, axisLine: false, width: 42 }
const box = { width: '100%', height: '100%', debounce: 60 } as const

/** Dots only while there are few: a lone epoch must be visible. */
const dots = (count: number) =>
  count <= 12 ? { r: 2.5, strokeWidth: 1.5, strokeDasharray: '', fill: 'var(--panel)' } : false

/** The first tick says what is counted. */
const positionAxis = (last: number, t: TFunction) => ({
  dataKey: 'position',
  type: 'number' as const,
  domain: [0, last] as [number, number],
  ticks: epochTicks(last),
  tickFormatter: (epoch: number) => (epoch === 0 ? t('chart.epoch_tick', { epoch }) : String(epoch)),
  interval: 0,
  tick,
  tickLine: false,
  stroke: 'var(--line-strong)',
  height: 20,
})

/** Whole epochs at round distances, about five of them. */
function epochTicks(last: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => last / size <= 6) ?? 1000
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step)
}

/** The charts have different rows, so a place on the axis is what they share. */
const together = (rows: readonly { position: number }[]) => ({
  syncId: 'run',
  syncMethod: (_: unknown, { activeLabel }: { activeLabel?: string | number }) =>
    nearestRow(rows, Math.max(1, Math.round(Number(activeLabel)))),
})

export const LossCurve = memo(function LossCurve({ curves, view }: CurveProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const { epochs, best, steps, planned, begins, bestAt } = curves
  const rows = useMemo(() => lossRows(epochs, best, view), [epochs, best, view])
  const points = useMemo(() => drawnSteps(steps, view), [steps, view])
  const axis = useMemo(() => lossAxis(rows, points, view), [rows, points, view])
  return (
    <ResponsiveContainer {...box} minHeight={60}>
      <LineChart data={rows} margin={margin} title={t('chart.loss')} {...together(rows)}>
        <CartesianGrid {...grid} />
        <XAxis {...positionAxis(planned, t)} />
        <YAxis
          {...valueAxis}
          scale={view.log ? 'log' : 'linear'}
          domain={axis.domain}
          ticks={axis.ticks}
          tickFormatter={(value: number) => format.tick(value)}
          allowDataOverflow
        />
        {begins.map(({ position, stage }) => (
          <ReferenceLine
            key={stage}
            x={position}
            {...stageLine}
            label={{
              value: t(`chart.stage_${stage}_short`),
              position: 'insideTopLeft',
              fontSize: 11,
              fill: tick.fill,
            }}
          />
        ))}
        {bestAt !== null && <ReferenceLine x={bestAt} stroke="var(--valid)" strokeOpacity={0.35} />}
        <StepLine points={points} />
        {rawLines(view)}
        <Line dataKey="train" {...trainLine} dot={dots(epochs.length)} />
        <Line dataKey="valid" {...validLine} dot={dots(epochs.length)} />
        <Tooltip
          content={<EpochTooltip epochs={epochs} value="loss" />}
          cursor={cursor}
          isAnimationActive={false}
        />
      </LineChart>
    </ResponsiveContainer>
  )
})

export const AccuracyCurve = memo(function AccuracyCurve({ curves, view }: CurveProps) {
  const { t } = useTranslation()
  const { epochs, best, planned, begins, bestAt } = curves
  const rows = useMemo(() => accuracyRows(epochs, best, view), [epochs, best, view])
  return (
    <ResponsiveContainer {...box} minHeight={60}>
      <LineChart data={rows} margin={margin} title={t('chart.accuracy')} {...together(rows)}>
        <CartesianGrid {...grid} />
        <XAxis {...positionAxis(planned, t)} />
        <YAxis
          {...valueAxis}
          domain={[0, 1]}
          ticks={[0, 0.25, 0.5, 0.75, 1]}
          tickFormatter={(value: number) => `${Math.round(value * 100)}\u00a0%`}
        />
        {begins.map(({ position, stage }) => (
          <ReferenceLine key={stage} x={position} {...stageLine} />
        ))}
        {rawLines(view)}
        <Line dataKey="train" {...trainLine} dot={dots(epochs.length)} />
        <Line dataKey="valid" {...validLine} dot={dots(epochs.length)} />
        {bestAt !== null && best && <ReferenceDot x={bestAt} y={best.accuracy} shape={Star} zIndex={700} />}
        <Tooltip
          content={<EpochTooltip epochs={epochs} value="accuracy" />}
          cursor={cursor}
          isAnimationActive={false}
        />
      </LineChart>
    </ResponsiveContainer>
  )
})

export const RateCurve = memo(function RateCurve({ curves }: Pick<CurveProps, 'curves'>) {
  const { t } = useTranslation()
  const format = useFormat()
  const { epochs, planned, begins } = curves
  const rows = useMemo(
    () => [
      { position: 0, rate: epochs[0]?.learningRate },
      ...epochs.map(({ learningRate }, index) => ({ position: index + 1, rate: learningRate })),
    ],
    [epochs],
  )
  return (
    <ResponsiveContainer {...box} minHeight={40}>
      <LineChart data={rows} margin={margin} title={t('chart.learning_rate')} {...together(rows)}>
        <XAxis {...positionAxis(planned, t)} />
        <YAxis
          {...valueAxis}
          domain={[0, 'auto']}
          tickCount={3}
          tickFormatter={(value: number) => format.learningRate(value)}
        />
        {begins.map(({ position, stage }) => (
          <ReferenceLine key={stage} x={position} {...stageLine} />
        ))}
        <Line
          dataKey="rate"
          type="stepBefore"
          {...still}
          stroke="var(--mantine-color-dimmed)"
          strokeWidth={1.5}
          dot={dots(epochs.length)}
        />
        <Tooltip
          content={<EpochTooltip epochs={epochs} value="rate" />}
          cursor={cursor}
          isAnimationActive={false}
        />
      </LineChart>
    </ResponsiveContainer>
  )
})

/** Steps are many: one path instead of a row each. */
function StepLine({ points }: { points: readonly StepPoint[] }) {
  const x = useXAxisScale()
  const y = useYAxisScale()
  if (!x || !y || points.length === 0) return null
  const places = points.map(({ position, loss }) => `${x(position)?.toFixed(1)} ${y(loss)?.toFixed(1)}`)
  return (
    <path
      d={`M${places.join('L')}`}
      fill="none"
      stroke="var(--train)"
      strokeOpacity={0.28}
      data-testid="step-line"
    />
  )
}

/** What was measured, faint behind what is smoothed. */
function rawLines({ smoothing }: CurveView) {
  if (smoothing === 0) return null
  const keys: [keyof ChartRow, string][] = [
    ['trainRaw', 'var(--train)'],
    ['validRaw', 'var(--valid)'],
  ]
  return keys.map(([key, stroke]) => <Line key={key} dataKey={key} {...faint} stroke={stroke} />)
}

/** A five-pointed star of 8 px around the point. */
function Star({ cx = 0, cy = 0 }: { cx?: number; cy?: number }) {
  const points = Array.from({ length: 10 }, (_, index) => {
    const radius = index % 2 === 0 ? 8 : 3.4
    const angle = (index * Math.PI) / 5 - Math.PI / 2
    return `${cx + radius * Math.cos(angle)},${cy + radius * Math.sin(angle)}`
  })
  return <polygon points={points.join(' ')} fill="var(--valid)" stroke="var(--panel)" strokeWidth={1.5} />
}
