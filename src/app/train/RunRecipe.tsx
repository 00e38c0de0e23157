import { useTranslation } from 'react-i18next'
import { stagesOf } from '../../recipe/index.ts'
import { useApp } from '../../store/index.ts'
import classes from './TrainPanel.module.css'

/** During a run the presets are one line: what trains. */
export function RunRecipe() {
  const { t } = useTranslation()
  const recipe = useApp((state) => state.runRecipe)
  if (!recipe) return null
  const { preset, evaluation, batch } = recipe
  return (
    <p className={classes.recipe} data-testid="run-recipe">
      <strong>{t(`preset.${preset}`)}</strong>{' '}
      {t('train.recipe', {
        size: evaluation.crop,
        batch,
        epochs: stagesOf(recipe)
          .map((stage) => {
            const { epochs } = recipe.stages[stage]
            return t('train.epochs_of', { epochs, stage: t(`chart.stage_${stage}_short`) })
          })
          .join(', '),
      })}
    </p>
  )
}
