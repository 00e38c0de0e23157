import { useTranslation } from 'react-i18next'
import {
  featureSides,
  isLocked,
  type LockableStage,
  parameterCounts,
  STAGES,
  type Stage,
} from '../../model/index.ts'
import { isActive, lastStage, setLocked, useApp } from '../../store/index.ts'
import { Panel } from '../shared/Panel.tsx'
import { FreezeShortcuts } from './FreezeShortcuts.tsx'
import { LearnsSum } from './LearnsSum.tsx'
import classes from './ModelPanel.module.css'
import { StageRow } from './StageRow.tsx'
import { WeightsSelect } from './WeightsSelect.tsx'

const CHANNELS: Record<LockableStage, number> = {
  stem: 64,
  layer1: 64,
  layer2: 128,
  layer3: 256,
  layer4: 512,
}

/** The network, drawn from photo to classes: which stages learn, and from what they start. */
export function ModelPanel({ className }: { className: string }) {
  const { t } = useTranslation()
  const active = useApp(({ run }) => isActive(run.status))
  // A run goes on with the settings that it began with.
  const recipe = useApp((state) => (active ? (state.runRecipe ?? state.recipe) : state.recipe))
  const runLocked = useApp(({ run }) => run.locked)
  const nextLocked = useApp(({ run }) => run.nextLocked)
  const classCount = useApp(({ data }) => data.dataset?.classes.length ?? 2)

  // While a stage runs it is its plan that is shown and changed; before it, the plan of the stage that the recipe ends with.
  const stage = lastStage(recipe)
  const locked = active ? (nextLocked ?? runLocked) : recipe.stages[stage].locked
  const size = recipe.evaluation.crop
  const sides = featureSides(size)
  const counts = parameterCounts(classCount)
  const row = (stage: Stage) => {
    const common = { stage, size, classCount, parameters: counts[stage] }
    if (stage === 'fc') return <StageRow key={stage} {...common} side={1} channels={classCount} learns />
    return (
      <StageRow
        key={stage}
        {...common}
        side={sides[stage]}
        channels={CHANNELS[stage]}
        learns={!isLocked(locked, stage)}
        changed={nextLocked !== null && isLocked(nextLocked, stage) !== isLocked(runLocked, stage)}
        onToggle={(learns) =>
          void setLocked(learns ? locked.filter((name) => name !== stage) : [...locked, stage])
        }
      />
    )
  }

  return (
    <Panel
      title={t('panel.model')}
      testId="model-panel"
      className={className}
      aside={<span className={classes.kind}>ResNet-18</span>}
    >
      <WeightsSelect />
      <ol className={classes.network} data-testid="network">
        <li className={classes.input}>{t('model.input', { size })}</li>
        {STAGES.filter((stage) => stage !== 'fc').map(row)}
        <li className={classes.pool} title={t('model.pool_hint')}>
          <span className={classes.stageName}>avgpool</span> {t('model.stage.avgpool')}
        </li>
        {row('fc')}
      </ol>
      <LearnsSum recipe={recipe} locked={locked} classCount={classCount} />
      {(active || stage === 'all') && (
        <FreezeShortcuts stage={stage} locked={locked} active={active} pending={nextLocked !== null} />
      )}
    </Panel>
  )
}
