/** The three charts (recharts): training and validation keep their colours everywhere. */
import { useThrottledValue } from '@mantine/hooks'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceDot,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { accuracyRows, bestPosition, lossRows, stageTwoStart } from '../../store/chart-data.ts'
import { useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { EpochTooltip } from './EpochTooltip.tsx'

const tick = { fontSize: 11, fill: 'var(--mantine-color-dimmed)' }
const still = { isAnimationActive: false, connectNulls: true } as const
const trainLine = { ...still, stroke: 'var(--train)', strokeWidth: 2, strokeDasharray: '5 3' }
const validLine = { ...still, stroke: 'var(--valid)', strokeWidth: 2 }
const margin = { top: 10, right: 10, bottom: 0, left: 0 }

/** Dots only while there are few: a lone epoch must be visible. */
const dots = (count: number) =>
  count <= 12 ? { r: 2.5, strokeWidth: 1.5, strokeDasharray: '', fill: 'var(--panel)' } : false

/** Epochs of the whole run, as far as they are known. */
function usePlannedEpochs(): number {
  const epochs = useApp(({ run }) => run.epochs)
  const recipe = useApp((state) => state.runRecipe)
  const stages = useApp((state) => state.stages)
  const planned = recipe ? stages.reduce((sum, stage) => sum + recipe.stages[stage].epochs, 0) : 0
  // Stage two alone may go on from a stage one that was asked for before.
  const before = epochs.filter(({ stage }) => !stages.includes(stage)).length
  return Math.max(before + planned, epochs.length, 1)
}

function useMarks() {
  const epochs = useApp(({ run }) => run.epochs)
  const best = useApp(({ run }) => run.best)
  return { stageTwo: stageTwoStart(epochs), best: bestPosition(epochs, best), bestMark: best, epochs }
}

const positionAxis = (last: number) => ({
  dataKey: 'position',
  type: 'number' as const,
  domain: [0, last] as [number, number],
  ticks: epochTicks(last),
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

const valueAxis = { tick, tickLine: false, axisLine: false, width: 42 }
const grid = { stroke: 'var(--line)', vertical: false }
const stageLine = { stroke: 'var(--mantine-color-dimmed)', strokeDasharray: '2 3' }
const cursor = { stroke: 'var(--line-strong)' }

export function LossCurve() {
  const { t } = useTranslation()
  // Once a second is enough for the eye, and leaves the processor to the training.
  const steps = useThrottledValue(
    useApp(({ run }) => run.stepSeries),
    1000,
  )
  const { stageTwo, best, bestMark, epochs } = useMarks()
  const last = usePlannedEpochs()
  const rows = useMemo(() => lossRows(epochs, bestMark, steps), [epochs, bestMark, steps])
  return (
    <ResponsiveContainer width="100%" height="100%" minHeight={60} debounce={60}>
      <LineChart data={rows} margin={margin} title={t('chart.loss')}>
        <CartesianGrid {...grid} />
        <XAxis {...positionAxis(last)} />
        <YAxis {...valueAxis} domain={[0, 'auto']} tickCount={4} />
        {stageTwo !== null && (
          <ReferenceLine
            x={stageTwo}
            {...stageLine}
            label={{ value: t('chart.stage_two'), position: 'insideTopRight', fontSize: 11, fill: tick.fill }}
          />
        )}
        {best !== null && <ReferenceLine x={best} stroke="var(--valid)" strokeOpacity={0.35} />}
        <Line
          dataKey="step"
          {...still}
          stroke="var(--train)"
          strokeOpacity={0.28}
          strokeWidth={1}
          dot={false}
          activeDot={false}
        />
        <Line dataKey="train" {...trainLine} dot={dots(epochs.length)} />
        <Line dataKey="valid" {...validLine} dot={dots(epochs.length)} />
        <Tooltip content={<EpochTooltip />} cursor={cursor} isAnimationActive={false} />
      </LineChart>
    </ResponsiveContainer>
  )
}

export function AccuracyCurve() {
  const { t } = useTranslation()
  const { stageTwo, best, bestMark, epochs } = useMarks()
  const last = usePlannedEpochs()
  const rows = useMemo(() => accuracyRows(epochs, bestMark), [epochs, bestMark])
  return (
    <ResponsiveContainer width="100%" height="100%" minHeight={60} debounce={60}>
      <LineChart data={rows} margin={margin} title={t('chart.accuracy')}>
        <CartesianGrid {...grid} />
        <XAxis {...positionAxis(last)} />
        <YAxis
          {...valueAxis}
          domain={[0, 1]}
          ticks={[0, 0.25, 0.5, 0.75, 1]}
          tickFormatter={(value: number) => `${Math.round(value * 100)}\u00a0%`}
        />
        {stageTwo !== null && <ReferenceLine x={stageTwo} {...stageLine} />}
        <Line dataKey="train" {...trainLine} dot={dots(epochs.length)} />
        <Line dataKey="valid" {...validLine} dot={dots(epochs.length)} />
        {best !== null && bestMark && (
          <ReferenceDot x={best} y={bestMark.accuracy} shape={Star} zIndex={700} />
        )}
        <Tooltip content={<EpochTooltip />} cursor={cursor} isAnimationActive={false} />
      </LineChart>
    </ResponsiveContainer>
  )
}

export function RateCurve() {
  const { t } = useTranslation()
  const format = useFormat()
  const { stageTwo, epochs } = useMarks()
  const last = usePlannedEpochs()
  const rows = useMemo(
    () => [
      { position: 0, rate: epochs[0]?.learningRate },
      ...epochs.map(({ learningRate }, index) => ({ position: index + 1, rate: learningRate })),
    ],
    [epochs],
  )
  return (
    <ResponsiveContainer width="100%" height="100%" minHeight={40} debounce={60}>
      <LineChart data={rows} margin={margin} title={t('chart.learning_rate')}>
        <XAxis {...positionAxis(last)} />
        <YAxis
          {...valueAxis}
          domain={[0, 'auto']}
          tickCount={3}
          tickFormatter={(value: number) => format.learningRate(value)}
        />
        {stageTwo !== null && <ReferenceLine x={stageTwo} {...stageLine} />}
        <Line
          dataKey="rate"
          type="stepBefore"
          {...still}
          stroke="var(--mantine-color-dimmed)"
          strokeWidth={1.5}
          dot={dots(epochs.length)}
        />
        <Tooltip content={<EpochTooltip />} cursor={cursor} isAnimationActive={false} />
      </LineChart>
    </ResponsiveContainer>
  )
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
