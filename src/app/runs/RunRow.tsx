import { Badge, Button, Checkbox, FocusTrap } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { canRepeat, deleteRun, isActive, openRun, repeatRun, showTab, useApp } from '../../store/index.ts'
import type { KeptRun } from '../../training/trainer-api.ts'
import { useFormat } from '../shared/format.ts'
import { RunName } from './RunName.tsx'
import classes from './Runs.module.css'
import { useRunAccuracy, useRunTitle } from './use-run-words.ts'

interface RunRowProps {
  run: KeptRun
  isTicked: boolean
  /** Absent where there is nothing to compare with. */
  onTick?(): void
}

/** One kept run: what it is and gave, and what can be done with it. */
export function RunRow({ run, isTicked, onTick }: RunRowProps) {
  const { t } = useTranslation()
  const format = useFormat()
  const title = useRunTitle()(run)
  const accuracy = useRunAccuracy()(run)
  const active = useApp((state) => isActive(state.run.status))
  const isShown = useApp((state) => state.runs.shown === run.id && !isActive(state.run.status))
  const isOpening = useApp((state) => state.runs.opening === run.id)
  const [asking, setAsking] = useState(false)
  return (
    <li className={classes.row} data-shown={isShown || undefined} data-testid="run-row" data-run={run.id}>
      {onTick && (
        <Checkbox
          size="xs"
          checked={isTicked}
          onChange={onTick}
          aria-label={t('runs.tick', { name: title })}
          data-testid="tick-run"
        />
      )}
      <div className={classes.about}>
        <RunName run={run} title={title} />
        <span className={classes.facts}>
          {t(`preset.${run.recipe.preset}`)} · {format.date(run.endedAt)} · {format.duration(run.seconds)} ·{' '}
          {format.bytes(run.bytes)}
          {run.ended !== 'completed' && ` · ${t(`runs.${run.ended}`)}`}
        </span>
      </div>
      <span className={classes.accuracy} data-testid="run-accuracy">
        {accuracy}
      </span>
      <div className={classes.actions}>
        {asking ? (
          <FocusTrap active>
            <div className={classes.actions} role="alert" data-testid="delete-question">
              <span>{t('runs.delete_sure', { size: format.bytes(run.bytes) })}</span>
              <Button
                size="compact-xs"
                color="red"
                data-testid="delete-yes"
                onClick={() => void deleteRun(run)}
              >
                {t('runs.delete_yes')}
              </Button>
              <Button size="compact-xs" variant="default" data-autofocus onClick={() => setAsking(false)}>
                {t('runs.delete_no')}
              </Button>
            </div>
          </FocusTrap>
        ) : (
          <>
            {isShown ? (
              <Badge variant="light" data-testid="run-shown">
                {t('runs.shown')}
              </Badge>
            ) : (
              <Button
                size="compact-xs"
                variant="light"
                disabled={active}
                loading={isOpening}
                data-testid="use-run"
                onClick={async () => {
                  await openRun(run)
                  showTab('photos')
                }}
              >
                {t('runs.use')}
              </Button>
            )}
            <Button
              size="compact-xs"
              variant="default"
              disabled={active || !canRepeat(run)}
              title={canRepeat(run) ? t('runs.repeat_about') : t('runs.repeat_not')}
              data-testid="repeat-run"
              onClick={() => void repeatRun(run)}
            >
              {t('runs.repeat')}
            </Button>
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              aria-label={t('runs.delete_named', { name: title })}
              data-testid="delete-run"
              onClick={() => setAsking(true)}
            >
              {t('runs.delete')}
            </Button>
          </>
        )}
      </div>
    </li>
  )
}
