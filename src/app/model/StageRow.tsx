import { Switch, UnstyledButton } from '@mantine/core'
import { IconChevronRight, IconLock, IconSnowflake } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Stage } from '../../model/index.ts'
import { useFormat } from '../shared/format.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import classes from './ModelPanel.module.css'
import { StageGlyph } from './StageGlyph.tsx'

const Layers = lazy(() => import('./Layers.tsx').then((module) => ({ default: module.Layers })))

interface StageRowProps {
  stage: Stage
  /** Of the photo, in px. */
  size: number
  classCount: number
  /** Side of the stage's output in px of the feature map. */
  side: number
  channels: number
  parameters: number
  learns: boolean
  /** Whether the switch was moved and counts from the next epoch on. */
  changed?: boolean
  /** Absent: the stage cannot be frozen. */
  onToggle?(learns: boolean): void
}

/** One stage of the network: what it sees, how many parameters, whether it learns; opened, its layers. */
export function StageRow(props: StageRowProps) {
  const { stage, size, classCount, side, channels, parameters, learns, changed, onToggle } = props
  const { t } = useTranslation()
  const format = useFormat()
  const [open, setOpen] = useState(false)
  return (
    <li
      className={classes.stage}
      data-learns={learns ? true : undefined}
      data-changed={changed ? true : undefined}
      data-testid={`stage-${stage}`}
    >
      <div className={classes.stageRow}>
        <UnstyledButton
          className={classes.stageOpen}
          aria-expanded={open}
          title={t('model.output', { shape: side > 1 ? `${channels} × ${side} × ${side}` : channels })}
          data-testid={`open-${stage}`}
          onClick={() => setOpen(!open)}
        >
          <IconChevronRight size={14} className={classes.chevron} aria-hidden="true" />
          <StageGlyph side={side} channels={channels} />
          <span className={classes.stageText}>
            <span className={classes.stageLine}>
              <span className={classes.stageName}>{stage}</span>
              <span className={classes.parameters} title={t('model.parameters', { count: parameters })}>
                {format.parameters(parameters)}
              </span>
            </span>
            <span className={classes.sees}>{t(`model.stage.${stage}`)}</span>
          </span>
        </UnstyledButton>
        <span className={classes.state}>
          {!learns && <IconSnowflake size={12} aria-hidden="true" />}
          {learns ? (stage === 'fc' ? t('model.new') : t('model.learns')) : t('model.frozen')}
        </span>
        {onToggle ? (
          <Switch
            size="sm"
            classNames={{ body: classes.switch, input: classes.switchInput }}
            checked={learns}
            aria-label={t('model.switch', { stage })}
            data-testid={`switch-${stage}`}
            onChange={(event) => onToggle(event.currentTarget.checked)}
          />
        ) : (
          <InfoTip text={t('model.fc_why')} label={t('model.fc_why')} icon={<IconLock size={15} />} />
        )}
      </div>
      {open && (
        <Suspense fallback={null}>
          <Layers stage={stage} size={size} classCount={classCount} />
        </Suspense>
      )}
    </li>
  )
}
