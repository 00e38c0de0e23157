import { useTranslation } from 'react-i18next'
import {
  featureSides,
  isLocked,
  type LockableStage,
  parameterCounts,
  STAGES,
  trainedParameters,
} from '../../model/index.ts'
import { isActive, setLocked, useApp } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { Panel } from '../shared/Panel.tsx'
import { FreezeShortcuts } from './FreezeShortcuts.tsx'
import classes from './ModelPanel.module.css'
import { StageRow } from './StageRow.tsx'
import { WeightsSelect } from './WeightsSelect.tsx'

const CHANNELS = { stem: 64, layer1: 64, layer2: 128, layer3: 256, layer4: 512 } as const

/** The network, drawn from photo to classes: which stages learn, and from what they start. */
export function ModelPanel({ className }: { className: string }) {
  const { t } = useTranslation()
  const format = useFormat()
  const size = useApp(({ recipe }) => recipe.evaluation.crop)
  const planned = useApp(({ recipe }) => recipe.stages.all.locked)
  const active = useApp(({ run }) => isActive(run.status))
  const runLocked = useApp(({ run }) => run.locked)
  const nextLocked = useApp(({ run }) => run.nextLocked)
  const classCount = useApp(({ data }) => data.dataset?.classes.length ?? 2)

  // While stage one runs it is its plan that is shown and changed; before it, stage two's.
  const locked = active ? (nextLocked ?? runLocked) : planned
  const sides = featureSides(size)
  const counts = parameterCounts(classCount)
  const { trained, total } = trainedParameters(locked, classCount)
  const toggle = (stage: LockableStage, learns: boolean) =>
    void setLocked(learns ? locked.filter((name) => name !== stage) : [...locked, stage])

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
        {STAGES.map((stage) =>
          stage === 'fc' ? (
            <StageRow
              key={stage}
              stage={stage}
              side={1}
              channels={classCount}
              parameters={counts.fc}
              learns
            />
          ) : (
            <StageRow
              key={stage}
              stage={stage}
              side={sides[stage]}
              channels={CHANNELS[stage]}
              parameters={counts[stage]}
              learns={!isLocked(locked, stage)}
              changed={nextLocked !== null && isLocked(nextLocked, stage) !== isLocked(runLocked, stage)}
              onToggle={(learns) => toggle(stage, learns)}
            />
          ),
        )}
      </ol>
      <div className={classes.sum} data-testid="learns-sum">
        <strong>
          {t('model.sum', { trained: format.parameters(trained), total: format.parameters(total) })}
        </strong>
        <div className={classes.sumBar} aria-hidden="true">
          <div style={{ width: `${(100 * trained) / total}%` }} />
        </div>
      </div>
      <FreezeShortcuts locked={locked} active={active} pending={nextLocked !== null} />
    </Panel>
  )
}
