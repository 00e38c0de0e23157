import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Confusion } from '../../evaluation/index.ts'
import { showConfused } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import styles from './ConfusedPairs.module.css'
import shared from './Confusion.module.css'

const PAGE = 20

/** The pairs of classes that are confused most: fastai's `most_confused`. Each leads to its photos. */
export function ConfusedPairs({ pairs, names }: { pairs: readonly Confusion[]; names: readonly string[] }) {
  const { t } = useTranslation()
  const format = useFormat()
  const [shown, setShown] = useState(PAGE)
  return (
    <div className={styles.pairs}>
      <h3 className={shared.title}>{t('confusion.pairs')}</h3>
      <ol data-testid="confused-pairs">
        {pairs.slice(0, shown).map(({ trueClass, predictedClass, count, share }) => (
          <li key={`${trueClass} ${predictedClass}`}>
            <button type="button" onClick={() => showConfused(trueClass, predictedClass)}>
              {t('confusion.pair', { truth: names[trueClass], answer: names[predictedClass] })}
            </button>
            <span>{t('confusion.pair_count', { count, share: format.percent(share) })}</span>
          </li>
        ))}
      </ol>
      {pairs.length > shown && (
        <Button variant="default" size="xs" onClick={() => setShown(shown + PAGE)}>
          {t('results.more', { count: Math.min(PAGE, pairs.length - shown) })}
        </Button>
      )}
    </div>
  )
}
