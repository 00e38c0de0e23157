import { Button, SegmentedControl } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { PhotoCard } from './PhotoCard.tsx'
import classes from './ResultsPanel.module.css'
import { useSamples } from './use-samples.ts'

const FILTERS = ['all', 'wrong', 'right'] as const
type Filter = (typeof FILTERS)[number]
const PAGE = 48

/** The validation photos with what the network takes them for. */
export function PhotoGrid() {
  const { t } = useTranslation()
  const format = useFormat()
  const predictions = useApp(({ run }) => run.predictions)
  const classifier = useApp((state) => state.classifier)
  const names = useApp(({ data }) => data.dataset?.classes)
  const samples = useSamples()
  const [filter, setFilter] = useState<Filter>('all')
  const [shown, setShown] = useState(PAGE)

  const lists = useMemo(() => {
    const all = predictions.filter(({ split }) => split !== 'train')
    const right = all.filter(({ trueClass, predictedClass }) => trueClass === predictedClass)
    const wrong = all.filter(({ trueClass, predictedClass }) => trueClass !== predictedClass)
    // The surest mistakes come first: they teach most.
    return { all, right, wrong: wrong.toSorted((a, b) => b.confidence - a.confidence) }
  }, [predictions])
  if (lists.all.length === 0 || !names) return <p className={classes.empty}>{t('results.empty')}</p>

  const list = lists[filter]
  return (
    <div data-testid="predictions">
      <div className={classes.head}>
        <SegmentedControl
          size="xs"
          aria-label={t('results.filter')}
          value={filter}
          data={FILTERS.map((value) => ({
            value,
            label: t(`results.filter_${value}`, { count: format.count(lists[value].length) }),
          }))}
          data-testid="prediction-filter"
          onChange={(value) => {
            setShown(PAGE)
            setFilter(FILTERS.find((known) => known === value) ?? 'all')
          }}
        />
        {classifier?.source === 'file' && <span>{t('results.of_file', { name: classifier.name })}</span>}
      </div>
      {list.length === 0 && (
        <p className={classes.empty}>{filter === 'wrong' ? t('results.none_wrong') : t('results.none')}</p>
      )}
      <ul className={classes.grid}>
        {list.slice(0, shown).map((prediction) => (
          <PhotoCard
            key={prediction.path}
            prediction={prediction}
            sample={samples.get(prediction.path)}
            classes={names}
          />
        ))}
      </ul>
      {list.length > shown && (
        <div className={classes.more}>
          <Button variant="default" size="xs" onClick={() => setShown(shown + 4 * PAGE)}>
            {t('results.more', { count: Math.min(4 * PAGE, list.length - shown) })}
          </Button>
        </div>
      )}
    </div>
  )
}
