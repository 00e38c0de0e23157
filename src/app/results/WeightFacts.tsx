import { useTranslation } from 'react-i18next'
import type { WeightFileInfo } from '../../training/trainer-api.ts'
import { useFormat } from '../shared/format.ts'
import styles from './Weights.module.css'

/** Class names listed before the rest is counted. */
const MOST_NAMES = 12

/** What a weight file is and holds. */
export function WeightFacts({ info }: { info: WeightFileInfo }) {
  const { t } = useTranslation()
  const format = useFormat()
  const { classes, evaluation, recipe, accuracy } = info
  const names = classes.slice(0, MOST_NAMES).join(t('weights.comma'))
  const rest = classes.length - MOST_NAMES
  return (
    <dl className={styles.facts} data-testid="weight-facts">
      <dt>{t('weights.size')}</dt>
      <dd data-testid="weight-size">{format.bytes(info.bytes)}</dd>
      <dt>{t('weights.holds')}</dt>
      <dd>{t('weights.entries', { count: info.entries })}</dd>
      <dt>{t('weights.classes', { count: classes.length })}</dt>
      <dd>
        {names}
        {rest > 0 && ` ${t('weights.more_classes', { count: rest })}`}
      </dd>
      <dt>{t('weights.photo')}</dt>
      <dd>{t(`weights.photo_${evaluation.mode}`, { crop: evaluation.crop, resize: evaluation.resize })}</dd>
      <dt>{t('weights.recipe')}</dt>
      <dd>{recipe ? t(`preset.${recipe.preset}`) : t('weights.unsaid')}</dd>
      <dt>{t('weights.accuracy')}</dt>
      <dd>{accuracy === null ? t('weights.unsaid') : format.percent(accuracy)}</dd>
      {info.version && (
        <>
          <dt>{t('weights.version')}</dt>
          <dd>{info.version}</dd>
        </>
      )}
    </dl>
  )
}
