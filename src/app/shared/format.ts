/** Numbers as people read them, in the page's language. Every number that moves has a unit. */
import type { TFunction } from 'i18next'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { accuracyInterval } from '../../evaluation/index.ts'
import type { Metrics } from '../../training/events.ts'

export interface Format {
  count(value: number): string
  /** Of a share in 0..1, e.g. `94 %`. */
  percent(share: number): string
  /** Always with its count: `94 %, 144 of 153`. */
  accuracy(metrics: Pick<Metrics, 'accuracy' | 'correct' | 'samples'>): string
  /** With half the width of its 95 % interval, in points: `94 % ± 4, 144 of 153`. */
  estimate(metrics: Pick<Metrics, 'accuracy' | 'correct' | 'samples'>): string
  /** Of seconds, coarser the longer: `8 s`, `2 min 10 s`, `1 h 5 min`. */
  duration(seconds: number): string
  /** Of bytes, e.g. `46.8 MB`. */
  bytes(bytes: number): string
  /** Of bytes of memory, to two digits below a gigabyte and to a tenth of one above. */
  memory(bytes: number): string
  /** Of a number of parameters, e.g. `2.1 M`. */
  parameters(count: number): string
  loss(value: number): string
  /** A value of an axis: short. */
  tick(value: number): string
  learningRate(value: number): string
  rate(value: number): string
  date(iso: string): string
}

export function formatFor(t: TFunction, language: string): Format {
  const number = (options?: Intl.NumberFormatOptions) => {
    const format = new Intl.NumberFormat(language, options)
    return (value: number) => format.format(value)
  }
  const count = number({ maximumFractionDigits: 0 })
  const whole = number({ maximumFractionDigits: 0 })
  const oneDigit = number({ minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const twoDigits = number({ minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const fourDigits = number({ minimumFractionDigits: 4, maximumFractionDigits: 4 })
  const significant = number({ maximumSignificantDigits: 3 })
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })

  const percent = (share: number) => {
    // 99.7 % of some photos is not all of them, and 0.2 % of the weights not none.
    if (share > 0 && share < 0.005) return `< ${whole(1)} %`
    return `${whole(share < 1 ? Math.min(99, Math.round(share * 100)) : 100)} %`
  }
  return {
    count,
    percent,
    accuracy: ({ accuracy, correct, samples }) =>
      t('format.accuracy', { percent: percent(accuracy), correct: count(correct), samples: count(samples) }),
    estimate({ accuracy, correct, samples }) {
      const { low, high } = accuracyInterval(correct, samples)
      return t('format.estimate', {
        percent: percent(accuracy),
        points: whole(Math.max(1, Math.round(50 * (high - low)))),
        correct: count(correct),
        samples: count(samples),
      })
    },
    duration(seconds) {
      const rounded = seconds < 60 ? Math.max(1, Math.round(seconds)) : Math.round(seconds / 10) * 10
      if (rounded < 60) return t('format.seconds', { s: rounded })
      const m = Math.floor(rounded / 60)
      const s = rounded % 60
      if (rounded < 300 && s > 0) return t('format.minutes_seconds', { m, s })
      if (rounded < 3600) return t('format.minutes', { m: Math.round(rounded / 60) })
      const minutes = Math.round(rounded / 60)
      const h = Math.floor(minutes / 60)
      return minutes % 60 === 0 || h >= 10
        ? t('format.hours', { h: Math.round(minutes / 60) })
        : t('format.hours_minutes', { h, m: minutes % 60 })
    },
    bytes: (bytes) => (bytes < 1e6 ? `${whole(bytes / 1e3)} kB` : `${oneDigit(bytes / 1e6)} MB`),
    memory(bytes) {
      const gigabytes = Math.max(0.01, bytes / 1e9)
      return `${gigabytes < 0.995 ? twoDigits(gigabytes) : oneDigit(gigabytes)} GB`
    },
    parameters(value) {
      if (value < 1000) return whole(value)
      if (value < 1e5) return `${oneDigit(value / 1e3)} k`
      return value < 1e6 ? `${whole(value / 1e3)} k` : `${oneDigit(value / 1e6)} M`
    },
    loss: (value) =>
      Number.isFinite(value) ? (value < 1e4 ? fourDigits(value) : value.toExponential(2)) : String(value),
    tick: (value) => (value < 1e4 ? significant(value) : value.toExponential(0)),
    learningRate: (value) => (value !== 0 && value < 1e-4 ? value.toExponential(1) : significant(value)),
    rate: (value) => (value < 10 ? oneDigit(value) : whole(value)),
    date: (iso) => dateTime.format(new Date(iso)),
  }
}

export function useFormat(): Format {
  const { t, i18n } = useTranslation()
  return useMemo(
    () => formatFor(t, i18n.resolvedLanguage === 'zh' ? 'zh-CN' : 'en'),
    [t, i18n.resolvedLanguage],
  )
}
