import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { KeptRun } from '../../training/trainer-api.ts'
import { useFormat } from '../shared/format.ts'
import classes from './Runs.module.css'

const tick = { fontSize: 11, fill: 'var(--mantine-color-dimmed)' }

/** Validation accuracy and loss of two runs over their epochs, one over the other. */
export function ComparedCurves({
  first,
  second,
  names,
}: {
  first: KeptRun
  second: KeptRun
  names: { first: string; second: string }
}) {
  return (
    <div className={classes.curves}>
      <Curve {...{ first, second, names }} value="accuracy" />
      <Curve {...{ first, second, names }} value="loss" />
    </div>
  )
}

function Curve({
  first,
  second,
  names,
  value,
}: Parameters<typeof ComparedCurves>[0] & { value: 'accuracy' | 'loss' }) {
  const { t } = useTranslation()
  const format = useFormat()
  const [a, b] = [first.history.epochs, second.history.epochs]
  const rows = useMemo(
    () =>
      Array.from({ length: Math.max(a.length, b.length) }, (_, index) => ({
        position: index + 1,
        first: a[index]?.valid[value],
        second: b[index]?.valid[value],
      })),
    [a, b, value],
  )
  const write = (number: number) => (value === 'accuracy' ? format.percent(number) : format.loss(number))
  const line = {
    isAnimationActive: false,
    strokeWidth: 2,
    dot: rows.length <= 12 ? { r: 2.5 } : false,
  } as const
  return (
    <figure className={classes.curve}>
      <figcaption>{t(`runs.valid_${value}`)}</figcaption>
      <ResponsiveContainer width="100%" height={150}>
        <LineChart
          data={rows}
          margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
          title={t(`runs.valid_${value}`)}
        >
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis
            dataKey="position"
            type="number"
            domain={[1, rows.length]}
            tick={tick}
            allowDecimals={false}
            height={20}
          />
          <YAxis
            tick={tick}
            width={46}
            axisLine={false}
            tickLine={false}
            domain={value === 'accuracy' ? [(low: number) => Math.max(0, low - 0.05), 1] : [0, 'auto']}
            tickFormatter={(number: number) =>
              value === 'accuracy' ? format.percent(number) : format.tick(number)
            }
          />
          <Line dataKey="first" name={names.first} stroke="var(--train)" {...line} />
          <Line dataKey="second" name={names.second} stroke="var(--test)" strokeDasharray="5 3" {...line} />
          <Tooltip
            isAnimationActive={false}
            labelFormatter={(epoch) => t('chart.epoch_n', { epoch })}
            formatter={(number) => write(Number(number))}
          />
        </LineChart>
      </ResponsiveContainer>
    </figure>
  )
}
