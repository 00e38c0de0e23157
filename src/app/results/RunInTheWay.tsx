import { Button } from '@mantine/core'
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { pause, resume, useApp } from '../../store/index.ts'
import styles from './TryIt.module.css'

/** While the network learns it cannot answer; a pause is one click away, and so is the way back. */
export function RunInTheWay() {
  const { t } = useTranslation()
  const status = useApp(({ run }) => run.status)
  if (status === 'paused')
    return (
      <div className={styles.inTheWay}>
        <span>{t('try.paused')}</span>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlayerPlay size={14} />}
          data-testid="try-resume"
          onClick={() => void resume()}
        >
          {t('train.resume')}
        </Button>
      </div>
    )
  if (status !== 'running' && status !== 'starting' && status !== 'stopping') return null
  return (
    <div className={styles.inTheWay} data-testid="try-busy">
      <span>{t('try.busy')}</span>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlayerPause size={14} />}
        disabled={status !== 'running'}
        data-testid="try-pause"
        onClick={() => void pause()}
      >
        {t('train.pause')}
      </Button>
    </div>
  )
}
