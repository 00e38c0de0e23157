import { useTranslation } from 'react-i18next'
import type { Classification } from '../../training/trainer-api.ts'
import { useFormat } from '../shared/format.ts'
import classes from './Bars.module.css'

interface BarsProps {
  top: Classification['top']
  /** Bars below it are drawn faint, 0..1. */
  threshold?: number
  /** Name of the class that is right, if it is known. */
  trueClass?: string
}

/** The likeliest classes with their probabilities. */
export function Bars({ top, threshold = 0, trueClass }: BarsProps) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <ul className={classes.bars} data-testid="top-k">
      {top.map(({ label, name, probability }) => (
        <li
          key={label}
          data-below={probability < threshold ? true : undefined}
          data-true={name === trueClass ? true : undefined}
        >
          <span title={name}>
            {name}
            {name === trueClass && <span className="visually-hidden"> ({t('results.the_truth')})</span>}
          </span>
          <span className={classes.track} aria-hidden="true">
            <i style={{ width: `${100 * probability}%` }} />
          </span>
          <span>{format.percent(probability)}</span>
        </li>
      ))}
    </ul>
  )
}
