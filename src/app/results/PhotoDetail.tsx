import { ActionIcon } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconX } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Sample } from '../../dataset/types.ts'
import { mayBeMislabelled, trueProbability } from '../../evaluation/index.ts'
import { closePhoto, isBusy, useApp, useResults } from '../../store/index.ts'
import type { PhotoPrediction } from '../../training/events.ts'
import { useFormat } from '../shared/format.ts'
import { photoReason } from '../shared/photo-reason.ts'
import { Bars } from './Bars.tsx'
import styles from './Photos.module.css'
import { useLargePhoto } from './use-large-photo.ts'

interface PhotoDetailProps {
  prediction: PhotoPrediction
  sample: Sample | undefined
  /** Its place in the list. */
  position: string
  onPrevious: (() => void) | undefined
  onNext: (() => void) | undefined
}

/** One photo large, with what the network makes of it. Stands beside the others: nothing is modal. */
export function PhotoDetail({ prediction, sample, position, onPrevious, onNext }: PhotoDetailProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const names = useApp(({ data }) => data.dataset?.classes)
  const busy = useApp(({ run }) => isBusy(run.status))
  const answer = useResults(({ opened }) => (opened?.path === prediction.path ? opened.answer : null))
  const url = useLargePhoto(sample)
  const place = useRef<HTMLElement>(null)
  // On a narrow screen it stands above the photos, perhaps out of sight. (Braces: newer browsers give a promise.)
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  const { path, trueClass, predictedClass, confidence } = prediction
  const right = trueClass === predictedClass
  const truth = names?.[trueClass]?.name ?? ''
  const predicted = names?.[predictedClass]?.name ?? ''
  return (
    <aside
      ref={place}
      className={styles.detail}
      aria-label={t('results.detail')}
      data-testid="photo-detail"
      data-path={path}
    >
      <div className={styles.detailHead}>
        <ActionIcon
          variant="default"
          aria-label={t('results.previous')}
          disabled={!onPrevious}
          onClick={onPrevious}
        >
          <IconChevronLeft size={16} />
        </ActionIcon>
        <ActionIcon variant="default" aria-label={t('results.next')} disabled={!onNext} onClick={onNext}>
          <IconChevronRight size={16} />
        </ActionIcon>
        <span className={styles.position}>{position}</span>
        <ActionIcon variant="subtle" color="gray" aria-label={t('results.close')} onClick={closePhoto}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      <div className={styles.large} data-right={right}>
        {url && <img src={url} alt={t('data.original', { path })} />}
      </div>
      <p className={styles.verdict} data-right={right}>
        {right
          ? t('results.verdict_right', { name: truth, share: format.percent(confidence) })
          : t('results.verdict_wrong', {
              predicted,
              share: format.percent(confidence),
              truth,
              truthShare: format.percent(trueProbability(prediction)),
            })}
      </p>
      {mayBeMislabelled(prediction) && (
        <p className={styles.hint}>{t('results.mislabelled', { name: truth })}</p>
      )}
      {answer && 'top' in answer && <Bars top={answer.top} trueClass={truth} />}
      {answer && 'reason' in answer && (
        <p className={styles.note}>{t('try.photo_error', { reason: photoReason(t, answer.reason) })}</p>
      )}
      {!answer && <p className={styles.note}>{busy ? t('results.detail_busy') : t('try.looking')}</p>}
      <p className={styles.path}>{path}</p>
    </aside>
  )
}
