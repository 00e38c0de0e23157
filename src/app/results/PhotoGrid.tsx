import { Button, SegmentedControl, Select } from '@mantine/core'
import { IconFilterOff } from '@tabler/icons-react'
import { useDeferredValue, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import {
  clearFilter,
  filterPredictions,
  isRight,
  ORDERS,
  SHOWN,
  showPhotos,
  useApp,
  useResults,
} from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { PhotoBrowser } from './PhotoBrowser.tsx'
import { PredictionsNote } from './PredictionsNote.tsx'
import classes from './ResultsPanel.module.css'
import { SplitSelect } from './SplitSelect.tsx'
import { usePredictions } from './use-predictions.ts'

/** The photos with what the network takes them for. */
export function PhotoGrid() {
  const { t } = useTranslation()
  const format = useFormat()
  const classifier = useApp((state) => state.classifier)
  const names = useApp(({ data }) => data.dataset?.classes)
  const shown = useResults((state) => state.shown)
  const order = useResults((state) => state.order)
  const trueClass = useResults((state) => state.trueClass)
  const predictedClass = useResults((state) => state.predictedClass)
  const shownSplit = usePredictions()
  const { split, predictions, status } = shownSplit
  const current = useDeferredValue(predictions)

  const list = useMemo(
    () => filterPredictions(current, { shown, trueClass, predictedClass }, order),
    [current, shown, trueClass, predictedClass, order],
  )
  const counts = useMemo(() => {
    const filter = { trueClass, predictedClass, shown: 'all' } as const
    const all = filterPredictions(current, filter, 'folder')
    const right = all.filter(isRight).length
    return { all: all.length, right, wrong: all.length - right }
  }, [current, trueClass, predictedClass])
  if (status === 'none' || !names) return <p className={classes.empty}>{t('results.empty')}</p>

  const classOptions = names.map(({ name }, index) => ({ value: String(index), label: name }))
  const isFiltered = shown !== 'all' || trueClass !== null || predictedClass !== null
  return (
    <div data-testid="predictions">
      <div className={classes.head}>
        <SplitSelect />
        <SegmentedControl
          size="xs"
          aria-label={t('results.filter')}
          value={shown}
          data={SHOWN.map((value) => ({
            value,
            label: t(`results.filter_${value}`, { count: format.count(counts[value]) }),
          }))}
          data-testid="prediction-filter"
          onChange={(value) => showPhotos({ shown: SHOWN.find((known) => known === value) ?? 'all' })}
        />
        <Select
          size="xs"
          className={classes.select}
          aria-label={t('results.true_class')}
          placeholder={t('results.any_truth')}
          clearable
          searchable
          data={classOptions.map((option) => ({
            ...option,
            label: t('results.in_truth', { name: option.label }),
          }))}
          value={trueClass === null ? null : String(trueClass)}
          data-testid="filter-true"
          onChange={(value) => showPhotos({ trueClass: value === null ? null : Number(value) })}
        />
        <Select
          size="xs"
          className={classes.select}
          aria-label={t('results.predicted_class')}
          placeholder={t('results.any_answer')}
          clearable
          searchable
          data={classOptions.map((option) => ({
            ...option,
            label: t('results.taken_for', { name: option.label }),
          }))}
          value={predictedClass === null ? null : String(predictedClass)}
          data-testid="filter-predicted"
          onChange={(value) => showPhotos({ predictedClass: value === null ? null : Number(value) })}
        />
        <Select
          size="xs"
          className={classes.select}
          aria-label={t('results.order')}
          allowDeselect={false}
          data={ORDERS.map((value) => ({ value, label: t(`results.order_${value}`) }))}
          value={order}
          data-testid="photo-order"
          onChange={(value) => showPhotos({ order: ORDERS.find((known) => known === value) ?? 'folder' })}
        />
        {isFiltered && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<IconFilterOff size={14} />}
            data-testid="clear-filter"
            onClick={clearFilter}
          >
            {t('results.clear_filter')}
          </Button>
        )}
        {classifier?.source === 'file' && classifier.classes.length === names.length && (
          <span>{t('results.of_file', { name: classifier.name })}</span>
        )}
      </div>
      <PredictionsNote {...shownSplit} />
      {status === 'ready' && list.length === 0 && (
        <p className={classes.empty}>{shown === 'wrong' ? t('results.none_wrong') : t('results.none')}</p>
      )}
      {list.length > 0 && <PhotoBrowser list={list} label={t(`results.list_${split}`)} />}
    </div>
  )
}
