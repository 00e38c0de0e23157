import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import classes from './TrainPanel.module.css'

/** During a run the presets are one line: what trains. */
export function RunRecipe() {
  const { t } = useTranslation()
  const recipe = useApp((state) => state.runRecipe)
  if (!recipe) return null
  const { preset, evaluation, batch, stages } = recipe
  return (
    <p className={classes.recipe} data-testid="run-recipe">
      <strong>{t(`preset.${preset}`)}</strong>{' '}
      {t('train.recipe', {
        size: evaluation.crop,
        batch,
        head: stages.head.epochs,
        all: stages.all.epochs,
      })}
    </p>
  )
}
