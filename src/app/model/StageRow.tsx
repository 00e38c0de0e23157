import { Switch } from '@mantine/core'
import { IconLock, IconSnowflake } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Stage } from '../../model/index.ts'
import { useFormat } from '../shared/format.ts'
import { InfoTip } from '../shared/InfoTip.tsx'
import classes from './ModelPanel.module.css'
import { StageGlyph } from './StageGlyph.tsx'

interface StageRowProps {
  stage: Stage
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

/** One stage of the network: what it sees, how many parameters, whether it learns. */
export function StageRow({ stage, side, channels, parameters, learns, changed, onToggle }: StageRowProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const word = learns ? t('model.learns') : t('model.frozen')
  return (
    <>
      {stage === 'fc' && (
        <li className={classes.pool} title={t('model.pool_hint')}>
          <span className={classes.stageName}>avgpool</span> {t('model.stage.avgpool')}
        </li>
      )}
      <li
        className={classes.stage}
        data-learns={learns ? true : undefined}
        data-changed={changed ? true : undefined}
        data-testid={`stage-${stage}`}
        title={t('model.output', { shape: side > 1 ? `${channels} × ${side} × ${side}` : channels })}
      >
        <StageGlyph side={side} channels={channels} />
        <div className={classes.stageText}>
          <span className={classes.stageLine}>
            <span className={classes.stageName}>{stage}</span>
            <span className={classes.parameters} title={t('model.parameters', { count: parameters })}>
              {format.parameters(parameters)}
            </span>
          </span>
          <span className={classes.sees}>{t(`model.stage.${stage}`)}</span>
        </div>
        <span className={classes.state}>
          {!learns && <IconSnowflake size={12} aria-hidden="true" />}
          {word}
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
      </li>
    </>
  )
}
