import { IconStarFilled } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { type Recipe, stagesOf, type TrainingStage } from '../../recipe/index.ts'
import { logOf, mostFrequent, useApp, validPhotosOf } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import classes from './RunBar.module.css'

/** How the run ended and what is kept of it. */
export function RunResult() {
  const { t } = useTranslation()
  const format = useFormat()
  const run = useApp((state) => state.run)
  const { best } = run
  const endedEarly = (stage: TrainingStage, { stages }: Recipe): string[] => {
    const epochs = run.epochs.filter((epoch) => epoch.stage === stage).length
    const planned = stages[stage].epochs
    if (epochs === 0 || epochs >= planned) return []
    return [t('train.ended_early', { stage: t(`train.stage_${stage}`), epochs, planned })]
  }
  const log = logOf(run.epochs, best)
  const recipe = useApp((state) => state.runRecipe)
  const dataset = useApp(({ data }) => data.dataset)
  const most = useMemo(
    () => dataset && mostFrequent(validPhotosOf(dataset.classes, dataset.samples)),
    [dataset],
  )
  if (!best) return null
  const early =
    run.status === 'completed' && recipe ? stagesOf(recipe).flatMap((stage) => endedEarly(stage, recipe)) : []
  const accuracy = log ? format.estimate(log.valid) : format.percent(best.accuracy)
  return (
    <p className={classes.result} data-testid="run-result" data-status={run.status}>
      <IconStarFilled size={15} aria-hidden="true" />
      <span>
        {run.status === 'completed' && t('train.completed')} {run.status === 'stopped' && t('train.stopped')}{' '}
        <strong data-testid="best">
          {t('train.best', { accuracy, stage: t(`chart.stage_${best.stage}_short`), epoch: best.epoch })}
        </strong>
        {early.map((text) => (
          <span key={text}> {text}</span>
        ))}
        {most && (
          <span data-testid="baseline">
            {' '}
            {t('train.baseline', {
              name: most.name,
              share: format.percent(most.share.correct / most.share.samples),
            })}
          </span>
        )}
        {run.test && <> · {t('train.test', { accuracy: format.estimate(run.test) })}</>}
      </span>
    </p>
  )
}
