import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import type { Classification } from '../../training/trainer-api.ts'
import { useFormat } from '../shared/format.ts'
import { Bars } from './Bars.tsx'
import classes from './TryIt.module.css'

const BARS = 5

interface AnswerProps {
  result: Classification
  /** Pictures a second; null before it is known. */
  rate?: number | null
  /** Few classes keep their places while the answer changes: bars that jump cannot be read. */
  steady?: boolean
}

/** The class, or "not sure" below the threshold, and the likeliest classes as bars. */
export function Answer({ result, rate, steady = false }: AnswerProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const threshold = useApp((state) => state.threshold)
  const top = result.top.slice(0, BARS)
  const sure = top.length > 0 && top[0].probability >= threshold
  return (
    <>
      <div className={classes.answer} data-unsure={sure ? undefined : true} data-testid="answer">
        {sure ? top[0].name : t('try.not_sure')}
        {rate != null && <small>{t('try.fps', { rate: format.rate(rate) })}</small>}
      </div>
      <Bars top={steady ? top.toSorted((a, b) => a.label - b.label) : top} threshold={threshold} />
    </>
  )
}
