import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import type { Classification } from '../../training/trainer-api.ts'
import { useFormat } from '../shared/format.ts'
import classes from './ResultsPanel.module.css'

const BARS = 5

/** The class, or "not sure" below the threshold, and the likeliest classes as bars. */
export function Answer({ result, rate }: { result: Classification; rate?: number }) {
  const { t } = useTranslation()
  const format = useFormat()
  const threshold = useApp((state) => state.threshold)
  const top = result.top.slice(0, BARS)
  const sure = top.length > 0 && top[0].probability >= threshold
  return (
    <>
      <div className={classes.answer} data-unsure={sure ? undefined : true} data-testid="answer">
        {sure ? top[0].name : t('try.not_sure')}
        {rate !== undefined && <small>{t('try.fps', { rate: format.rate(rate) })}</small>}
      </div>
      <ul className={classes.bars} data-testid="top-k">
        {top.map(({ label, name, probability }) => (
          <li key={label} data-below={probability < threshold ? true : undefined}>
            <span title={name}>{name}</span>
            <span className={classes.track} aria-hidden="true">
              <i style={{ width: `${100 * probability}%` }} />
            </span>
            <span>{format.percent(probability)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
