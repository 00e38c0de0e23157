import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import {
  classReport,
  confusionCsv,
  confusionMatrix,
  mostConfused,
  reportCsv,
} from '../../evaluation/index.ts'
import { useApp } from '../../store/index.ts'
import { saveFile } from '../shared/download.ts'
import { useFormat } from '../shared/format.ts'
import { ClassScores } from './ClassScores.tsx'
import { ConfusedPairs } from './ConfusedPairs.tsx'
import styles from './Confusion.module.css'
import { ConfusionTable } from './ConfusionTable.tsx'
import { PredictionsNote } from './PredictionsNote.tsx'
import classes from './ResultsPanel.module.css'
import { SplitSelect } from './SplitSelect.tsx'
import { usePredictions } from './use-predictions.ts'

/** With more classes than this a table cannot be read; the most confused pairs say more. */
const MOST_IN_TABLE = 20

const csv = (text: string) => new Blob([text], { type: 'text/csv' })

/** Who is taken for whom, and how well each class is told. */
export function ConfusionTab() {
  const { t } = useTranslation()
  const format = useFormat()
  const classInfos = useApp(({ data }) => data.dataset?.classes)
  const shownSplit = usePredictions()
  const { predictions, status, split } = shownSplit
  const names = useMemo(() => classInfos?.map(({ name }) => name) ?? [], [classInfos])
  const found = useMemo(() => {
    if (predictions.length === 0) return null
    const matrix = confusionMatrix(predictions, names.length)
    return { matrix, report: classReport(matrix), pairs: mostConfused(matrix) }
  }, [predictions, names])
  if (status === 'none') return <p className={classes.empty}>{t('confusion.empty')}</p>

  const worst = found?.pairs.at(0)
  return (
    <div data-testid="confusion">
      <div className={classes.head}>
        <SplitSelect />
        {found && (
          <>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconDownload size={14} />}
              data-testid="confusion-csv"
              onClick={() => saveFile('confusion.csv', csv(confusionCsv(found.matrix, names)))}
            >
              {t('confusion.csv')}
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconDownload size={14} />}
              data-testid="report-csv"
              onClick={() => saveFile('classes.csv', csv(reportCsv(found.report, names)))}
            >
              {t('confusion.report_csv')}
            </Button>
          </>
        )}
      </div>
      <PredictionsNote {...shownSplit} />
      {found && (
        <>
          <p className={styles.summary} data-testid="confusion-summary">
            {t(`confusion.summary_${split}`, {
              accuracy: format.accuracy({
                accuracy: found.report.accuracy,
                correct: found.matrix.correct,
                samples: found.matrix.total,
              }),
            })}{' '}
            {worst
              ? t('confusion.worst', {
                  truth: names[worst.trueClass],
                  answer: names[worst.predictedClass],
                  count: worst.count,
                  share: format.percent(worst.share),
                })
              : t('confusion.none')}
          </p>
          <div className={styles.columns}>
            {names.length <= MOST_IN_TABLE && <ConfusionTable matrix={found.matrix} names={names} />}
            {names.length > MOST_IN_TABLE && <ConfusedPairs pairs={found.pairs} names={names} />}
            <ClassScores report={found.report} names={names} />
          </div>
        </>
      )}
    </div>
  )
}
