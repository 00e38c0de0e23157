import { IconCheck, IconX } from '@tabler/icons-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClassInfo, Sample } from '../../dataset/types.ts'
import { trueProbability } from '../../evaluation/index.ts'
import type { PhotoPrediction } from '../../training/events.ts'
import { useFormat } from '../shared/format.ts'
import { Thumbnail } from '../shared/Thumbnail.tsx'
import styles from './Photos.module.css'

export interface PhotoCardProps {
  prediction: PhotoPrediction
  sample: Sample | undefined
  classes: readonly ClassInfo[]
  /** Says the loss, and the probability of the true class. */
  withLoss?: boolean
}

/** Right and wrong are told by frame, mark and words, never by colour alone. */
function Card({ prediction, sample, classes, withLoss }: PhotoCardProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const { path, trueClass, predictedClass } = prediction
  const right = trueClass === predictedClass
  const predicted = classes[predictedClass]?.name ?? String(predictedClass)
  const truth = classes[trueClass]?.name ?? String(trueClass)
  return (
    <>
      <span className={styles.frame} data-right={right}>
        {sample && <Thumbnail sample={sample} alt={t('data.original', { path })} />}
        <span className={styles.mark}>
          {right ? (
            <IconCheck size={15} stroke={3} role="img" aria-label={t('results.right')} />
          ) : (
            <IconX size={15} stroke={3} role="img" aria-label={t('results.wrong')} />
          )}
        </span>
      </span>
      <span className={styles.caption}>
        <span title={predicted} data-testid="predicted">
          {predicted}
        </span>
        <span>{format.percent(prediction.confidence)}</span>
      </span>
      {!right && (
        <span className={styles.truth} title={truth}>
          {t('results.in_truth', { name: truth })}
          {withLoss && ` ${format.percent(trueProbability(prediction))}`}
        </span>
      )}
      {withLoss && (
        <span className={styles.loss}>{t('results.loss', { loss: format.loss(prediction.loss) })}</span>
      )}
    </>
  )
}

/** Each epoch brings new predictions; only the cards that changed are drawn anew. */
export const PhotoCard = memo(
  Card,
  (before, after) =>
    before.sample === after.sample &&
    before.classes === after.classes &&
    before.withLoss === after.withLoss &&
    before.prediction.trueClass === after.prediction.trueClass &&
    before.prediction.predictedClass === after.prediction.predictedClass &&
    Math.round(before.prediction.confidence * 100) === Math.round(after.prediction.confidence * 100) &&
    (!after.withLoss || before.prediction.loss === after.prediction.loss),
)
