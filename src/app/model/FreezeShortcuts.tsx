import { Anchor, SegmentedControl } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { FreezePlan } from '../../model/index.ts'
import type { TrainingStage } from '../../recipe/index.ts'
import {
  PLANS,
  type PlanName,
  planName,
  setLocked,
  splitCounts,
  suggestPlan,
  useApp,
} from '../../store/index.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import classes from './ModelPanel.module.css'

const NAMES = ['last', 'last-stages', 'all'] as const satisfies readonly PlanName[]

interface FreezeShortcutsProps {
  /** That the recipe ends with. */
  stage: TrainingStage
  locked: FreezePlan
  active: boolean
  pending: boolean
}

/** Last layer, last stages, all; and which of them suits so many photos. */
export function FreezeShortcuts({ stage, locked, active, pending }: FreezeShortcutsProps) {
  const { t } = useTranslation()
  const dataset = useApp(({ data }) => data.dataset)
  const current = planName(locked)
  const suggested = useMemo(
    () => (dataset ? suggestPlan(splitCounts(dataset).train, dataset.classes.length) : null),
    [dataset],
  )
  return (
    <div className={classes.shortcuts}>
      <span className={classes.captionLine}>
        <span className={classes.caption} id="freeze-shortcuts">
          {active
            ? t('model.shortcuts_running')
            : t('model.shortcuts', { stage: t(`chart.stage_${stage}_short`) })}
        </span>
        <InfoTip text={t('model.frozen_means')} label={t('model.frozen_title')} />
      </span>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-labelledby="freeze-shortcuts"
        value={current ?? ''}
        data={NAMES.map((name) => ({ value: name, label: t(`model.plan_${name}`) }))}
        data-testid="freeze-shortcuts"
        onChange={(value) => {
          const name = NAMES.find((known) => known === value)
          if (name) void setLocked(PLANS[name])
        }}
      />
      <p className={classes.note} role={pending ? 'status' : undefined}>
        {active
          ? t('model.next_epoch')
          : suggested && (
              <>
                {t(`model.advice_${suggested}`)}{' '}
                {suggested !== current && (
                  <Anchor
                    component="button"
                    type="button"
                    fz="xs"
                    data-testid="use-advice"
                    onClick={() => void setLocked(PLANS[suggested])}
                  >
                    {t('model.use_advice')}
                  </Anchor>
                )}
              </>
            )}
      </p>
    </div>
  )
}
