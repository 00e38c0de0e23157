import { Switch } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { isActive, useApp } from '../../store/index.ts'
import classes from './RunBar.module.css'
import { useWakeLock } from './use-wake-lock.ts'

/** A machine that goes to sleep trains nothing. */
export function KeepAwake() {
  const { t } = useTranslation()
  const active = useApp(({ run }) => isActive(run.status))
  const [wished, setWished] = useLocalStorage({ key: 'tabtune-keep-awake', defaultValue: false })
  const state = useWakeLock(wished && active)
  const problem =
    state === 'unavailable' ? t('awake.unavailable') : state === 'refused' ? t('awake.refused') : null
  return (
    <div className={classes.awake}>
      <Switch
        size="xs"
        label={t('awake.label')}
        checked={wished && state !== 'unavailable'}
        disabled={state === 'unavailable'}
        onChange={({ currentTarget }) => setWished(currentTarget.checked)}
        data-testid="keep-awake"
        data-state={state}
      />
      {problem && <span className={classes.awakeProblem}>{problem}</span>}
    </div>
  )
}
