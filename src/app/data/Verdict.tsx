import { IconCheck, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { ClassInfo } from '../../dataset/types.ts'
import type { PhotoPrediction } from '../../training/events.ts'
import { useFormat } from '../shared/format.ts'
import styles from './ClassPhotos.module.css'

interface VerdictProps {
  prediction: PhotoPrediction | undefined
  classes: readonly ClassInfo[]
}

/** What the network takes a photo for, told by a mark and words; nothing where it has not been asked. */
export function Verdict({ prediction, classes }: VerdictProps) {
  const { t } = useTranslation()
  const format = useFormat()
  if (!prediction) return null
  const right = prediction.predictedClass === prediction.trueClass
  const name = classes[prediction.predictedClass]?.name ?? ''
  const Icon = right ? IconCheck : IconX
  return (
    <span className={styles.verdict} data-right={right} title={name}>
      <Icon size={13} stroke={3} role="img" aria-label={right ? t('results.right') : t('results.wrong')} />
      <span>{name}</span> {format.percent(prediction.confidence)}
    </span>
  )
}
