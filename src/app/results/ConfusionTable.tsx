import { VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { ConfusionMatrix } from '../../evaluation/index.ts'
import { showConfused } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import styles from './ConfusionTable.module.css'

interface ConfusionTableProps {
  matrix: ConfusionMatrix
  names: readonly string[]
}

/** The deepest shade, in percent: text on it stays readable. */
const DEEPEST = 42
/** The widest, in px: of the rows' names, and of a column. */
const HEAD_WIDTH = 150
const CELL_WIDTH = 88
/** With more classes than this, the columns' names stand upright. */
const MOST_FLAT = 6

/** One row a true class, one column an answer. A cell says its count and its share of the row; it leads to its photos. */
export function ConfusionTable({ matrix, names }: ConfusionTableProps) {
  const { t } = useTranslation()
  const format = useFormat()
  return (
    <div className={styles.scroller}>
      <table
        className={styles.matrix}
        data-upright={names.length > MOST_FLAT || undefined}
        style={{ maxWidth: HEAD_WIDTH + CELL_WIDTH * names.length }}
        data-testid="matrix"
      >
        <caption>{t('confusion.caption')}</caption>
        <thead>
          <tr>
            <td className={styles.corner}>
              <span>{t('confusion.truth')}</span>
              <span>{t('confusion.answer')}</span>
            </td>
            {names.map((name) => (
              <th key={name} scope="col" title={name}>
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.counts.map((row, trueClass) => {
            const support = row.reduce((sum, count) => sum + count, 0)
            return (
              <tr key={names[trueClass]}>
                <th scope="row" title={names[trueClass]}>
                  <span>{names[trueClass]}</span>
                </th>
                {row.map((count, predictedClass) => {
                  const share = support === 0 ? 0 : count / support
                  const color = trueClass === predictedClass ? '--right' : '--wrong'
                  return (
                    <td
                      key={names[predictedClass]}
                      data-diagonal={trueClass === predictedClass || undefined}
                      style={{
                        background: `color-mix(in srgb, var(${color}) ${Math.round(DEEPEST * share)}%, var(--panel))`,
                      }}
                    >
                      {count === 0 ? (
                        <span className={styles.zero}>0</span>
                      ) : (
                        <button
                          type="button"
                          data-testid={`cell-${trueClass}-${predictedClass}`}
                          onClick={() => showConfused(trueClass, predictedClass)}
                        >
                          <strong>{format.count(count)}</strong> <small>{format.percent(share)}</small>{' '}
                          <VisuallyHidden>
                            {t('confusion.pair', { truth: names[trueClass], answer: names[predictedClass] })}
                          </VisuallyHidden>
                        </button>
                      )}
                    </td>
                  )
                })}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
