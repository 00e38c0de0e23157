import { ActionIcon, SegmentedControl, Switch } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconX } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Dataset, Sample, Split } from '../../dataset/types.ts'
import { useFormat } from '../shared/format.ts'
import { ClassName } from './ClassName.tsx'
import classes from './ClassPhotos.module.css'
import { LargePhoto } from './LargePhoto.tsx'
import { PhotosOfClass } from './PhotosOfClass.tsx'
import { useKnownPredictions } from './use-known-predictions.ts'

interface ClassPhotosProps {
  dataset: Dataset
  label: number
  onLabel(label: number): void
  onClose(): void
}

const SPLITS = ['train', 'valid', 'test'] as const

/**
 * All photos of one class, beside the page and never over a question: it can stay open while the network trains.
 */
export function ClassPhotos({ dataset, label, onLabel, onClose }: ClassPhotosProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const [split, setSplit] = useState<Split | 'all'>('all')
  const [wrongOnly, setWrongOnly] = useState(false)
  const [large, setLarge] = useState<string | null>(null)
  /** The photo that was large: its place in the grid is come back to. */
  const [last, setLast] = useState<string | null>(null)
  const close = useRef<HTMLButtonElement>(null)
  const predictions = useKnownPredictions()
  const info = dataset.classes[label]

  // Focus comes in with the view; who opened it takes it back.
  useEffect(() => close.current?.focus(), [])

  const own = useMemo(() => dataset.samples.filter((sample) => sample.label === label), [dataset, label])
  const isWrong = ({ path }: Sample) => {
    const given = predictions.get(path)
    return given !== undefined && given.predictedClass !== label
  }
  const wrong = own.filter(isWrong).length
  const inSplit = split === 'all' ? own : own.filter((sample) => sample.split === split)
  const shown = wrongOnly && wrong > 0 ? inSplit.filter(isWrong) : inSplit
  const at = shown.findIndex(({ path }) => path === large)
  const counts = SPLITS.map((name) => ({ name, count: own.filter((sample) => sample.split === name).length }))
  const options = [
    { value: 'all', label: `${t('photos.all')} ${format.count(own.length)}` },
    ...counts
      .filter(({ count }) => count > 0)
      .map(({ name, count }) => ({ value: name, label: `${t(`data.${name}`)} ${format.count(count)}` })),
  ]
  const back = () => {
    setLast(large)
    setLarge(null)
  }
  const step = (by: number) => {
    const count = dataset.classes.length
    setLarge(null)
    setLast(null)
    onLabel((label + by + count) % count)
  }

  return (
    <aside
      className={classes.view}
      aria-label={t('photos.title', { name: info.name })}
      data-testid="class-photos"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return
        if (large === null) onClose()
        else back()
      }}
    >
      <div className={classes.head}>
        <ActionIcon variant="default" aria-label={t('photos.previous_class')} onClick={() => step(-1)}>
          <IconChevronLeft size={16} />
        </ActionIcon>
        <ActionIcon variant="default" aria-label={t('photos.next_class')} onClick={() => step(1)}>
          <IconChevronRight size={16} />
        </ActionIcon>
        <h2 className={classes.title}>
          <ClassName key={info.id} info={info} />
        </h2>
        <ActionIcon
          ref={close}
          variant="subtle"
          color="gray"
          aria-label={t('photos.close')}
          data-testid="close-photos"
          onClick={onClose}
        >
          <IconX size={18} />
        </ActionIcon>
      </div>
      <div className={classes.filters}>
        <SegmentedControl
          size="xs"
          aria-label={t('photos.split')}
          data={options}
          value={options.some(({ value }) => value === split) ? split : 'all'}
          onChange={(value) => setSplit(SPLITS.find((name) => name === value) ?? 'all')}
        />
        {wrong > 0 && (
          <Switch
            size="xs"
            label={t('photos.wrong', { count: wrong })}
            checked={wrongOnly}
            onChange={(event) => setWrongOnly(event.currentTarget.checked)}
          />
        )}
      </div>
      {at >= 0 ? (
        <LargePhoto
          sample={shown[at]}
          prediction={predictions.get(shown[at].path)}
          classes={dataset.classes}
          position={at + 1}
          count={shown.length}
          onStep={(by) => setLarge(shown[(at + by + shown.length) % shown.length].path)}
          onBack={back}
        />
      ) : (
        <PhotosOfClass
          // Another list begins at its top.
          key={`${label} ${split} ${wrongOnly}`}
          samples={shown}
          classes={dataset.classes}
          predictions={predictions}
          start={last}
          onOpen={setLarge}
        />
      )}
    </aside>
  )
}
