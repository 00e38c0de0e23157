import { UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClassReport } from '../../evaluation/index.ts'
import { useFormat } from '../shared/format.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import styles from './ClassScores.module.css'
import shared from './Confusion.module.css'

const SCORES = ['precision', 'recall', 'f1', 'support'] as const
type Column = 'class' | (typeof SCORES)[number]
interface Order {
  by: Column
  descending: boolean
}

/** Precision, recall, F1 and number of photos of each class; a column's head sorts by it. */
export function ClassScores({ report, names }: { report: ClassReport; names: readonly string[] }) {
  const { t } = useTranslation()
  const format = useFormat()
  const [order, setOrder] = useState<Order>({ by: 'class', descending: false })
  const rows = useMemo(() => {
    const all = report.classes.map((scores, index) => ({ name: names[index], index, ...scores }))
    const { by } = order
    if (by !== 'class') all.sort((a, b) => (a[by] ?? -1) - (b[by] ?? -1))
    return order.descending ? all.reverse() : all
  }, [report, names, order])
  const share = (value: number | null) => (value === null ? t('confusion.no_score') : format.percent(value))

  const head = (by: Column) => {
    const isSorted = order.by === by
    const Icon = order.descending ? IconChevronDown : IconChevronUp
    return (
      <th
        key={by}
        scope="col"
        aria-sort={isSorted ? (order.descending ? 'descending' : 'ascending') : undefined}
      >
        <UnstyledButton
          className={styles.sort}
          data-testid={`sort-${by}`}
          onClick={() => setOrder({ by, descending: isSorted && !order.descending })}
        >
          {t(`confusion.${by}`)}
          {isSorted && <Icon size={12} aria-hidden="true" />}
        </UnstyledButton>
      </th>
    )
  }
  return (
    <div className={styles.scores}>
      <h3 className={shared.title}>
        {t('confusion.by_class')} <InfoTip text={t('confusion.explain')} />
      </h3>
      <div className={styles.scoresScroller}>
        <table className={styles.report} data-testid="class-scores">
          <thead>
            <tr>
              {head('class')}
              {SCORES.map(head)}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, index, precision, recall, f1, support }) => (
              <tr key={index}>
                <th scope="row" title={name}>
                  {name}
                </th>
                <td>{share(precision)}</td>
                <td>{share(recall)}</td>
                <td>{share(f1)}</td>
                <td>{format.count(support)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t('confusion.macro')}</th>
              <td>{format.percent(report.macro.precision)}</td>
              <td>{format.percent(report.macro.recall)}</td>
              <td>{format.percent(report.macro.f1)}</td>
              <td>{format.count(report.support)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </div>
  )
}
