import { ActionIcon, Button } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconLayoutGrid } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClassInfo, Sample } from '../../dataset/types.ts'
import { useThumbnails } from '../../store/index.ts'
import type { PhotoPrediction } from '../../training/events.ts'
import { useLargePhoto } from '../results/use-large-photo.ts'
import { useFormat } from '../shared/format.ts'
import styles from './ClassPhotos.module.css'
import { Verdict } from './Verdict.tsx'

interface LargePhotoProps {
  sample: Sample
  prediction: PhotoPrediction | undefined
  classes: readonly ClassInfo[]
  /** From 1, of `count`. */
  position: number
  count: number
  onStep(by: number): void
  onBack(): void
}

/** One photo in the place of the grid; the arrow keys turn to the next one, Escape goes back. */
export function LargePhoto(props: LargePhotoProps) {
  const { sample, prediction, classes, position, count, onStep, onBack } = props
  const { t } = useTranslation()
  const format = useFormat()
  const large = useLargePhoto(sample)
  const small = useThumbnails(({ urls }) => urls.get(sample.path))
  const next = useRef<HTMLButtonElement>(null)
  useEffect(() => next.current?.focus(), [])
  const url = large ?? small
  return (
    <figure
      className={styles.large}
      data-testid="large-photo"
      onKeyDown={(event) => {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
        if (by !== undefined) onStep(by)
      }}
    >
      <div className={styles.largeBar}>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconLayoutGrid size={15} />}
          onClick={onBack}
        >
          {t('photos.back')}
        </Button>
        <span className={styles.position} role="status">
          {t('photos.position', { position: format.count(position), count: format.count(count) })}
        </span>
        <ActionIcon variant="default" aria-label={t('photos.previous')} onClick={() => onStep(-1)}>
          <IconChevronLeft size={16} />
        </ActionIcon>
        <ActionIcon ref={next} variant="default" aria-label={t('photos.next')} onClick={() => onStep(1)}>
          <IconChevronRight size={16} />
        </ActionIcon>
      </div>
      <div className={styles.largeBox}>
        {url && <img src={url} alt={t('data.original', { path: sample.path })} />}
      </div>
      <figcaption className={styles.caption}>
        <code>{sample.path}</code>
        <span data-split={sample.split} className={styles.split}>
          {t(`data.${sample.split}`)}
        </span>
        <Verdict prediction={prediction} classes={classes} />
      </figcaption>
    </figure>
  )
}
