import { IconCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { stagesOf } from '../../recipe/index.ts'
import { useApp } from '../../store/index.ts'
import classes from './RunBar.module.css'

/** The stages of the run, the running one marked. */
export function StageSteps() {
  const { t } = useTranslation()
  const running = useApp(({ run }) => run.stage)
  const asked = useApp((state) => state.stages)
  const goesOn = useApp(({ run, stages }) => run.epochs.some(({ stage }) => !stages.includes(stage)))
  const recipe = useApp((state) => state.runRecipe)
  if (!recipe) return null
  const stages = stagesOf(recipe)
  return (
    <ol className={classes.steps} data-testid="stage-steps">
      {stages.map((stage, index) => {
        const isBehind = running !== null && index < stages.indexOf(running)
        // A run may go on from stages that another one trained.
        const isLeftOut = !asked.includes(stage) && !(isBehind && goesOn)
        const isDone = isBehind && !isLeftOut
        return (
          <li
            key={stage}
            className={classes.step}
            aria-current={stage === running && !isLeftOut ? 'step' : undefined}
            data-state={isLeftOut ? 'left-out' : isDone ? 'done' : stage === running ? 'running' : 'waiting'}
          >
            <span className={classes.number}>
              {isDone ? (
                <IconCheck size={12} stroke={3} role="img" aria-label={t('train.stage_done')} />
              ) : (
                index + 1
              )}
            </span>
            {t(`train.${stage}`)}
          </li>
        )
      })}
    </ol>
  )
}
