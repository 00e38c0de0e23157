import { IconCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import classes from './RunBar.module.css'

const STAGES = ['head', 'all'] as const

/** The two stages, the running one marked. */
export function StageSteps() {
  const { t } = useTranslation()
  const running = useApp(({ run }) => run.stage)
  const asked = useApp((state) => state.stages)
  const recipe = useApp((state) => state.runRecipe)
  return (
    <ol className={classes.steps} data-testid="stage-steps">
      {STAGES.map((stage, index) => {
        const isLeftOut = !asked.includes(stage) || recipe?.stages[stage].epochs === 0
        const isDone = stage === 'head' && running === 'all' && !isLeftOut
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
