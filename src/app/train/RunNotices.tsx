import { Alert } from '@mantine/core'
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'
import classes from './TrainPanel.module.css'

/** What a person should know of the run: what happened, what was kept, what to do. */
export function RunNotices() {
  const { t } = useTranslation()
  const failure = useApp(({ run }) => run.failure)
  const notices = useApp(({ run }) => run.notices)
  const skipped = useApp(({ run }) => run.skipped.length)
  const hasBest = useApp(({ run }) => run.best !== null)
  const latest = new Map(notices.map(({ code, detail }) => [code, detail]))
  if (!failure && latest.size === 0 && skipped === 0) return null
  return (
    <div className={classes.notices}>
      {failure && (
        <Alert
          color="red"
          icon={<IconAlertTriangle />}
          title={t('train.failed')}
          role="alert"
          data-testid="run-failure"
          data-code={failure.code}
        >
          {t(`failure.${failure.code}`)} {hasBest ? t('train.kept_best') : t('train.kept_none')}
          {failure.detail && (
            <details>
              <summary>{t('train.details')}</summary>
              <code>{failure.detail}</code>
            </details>
          )}
        </Alert>
      )}
      {[...latest].map(([code, detail]) => (
        <p key={code} className={classes.notice} title={detail} data-testid="run-notice" data-code={code}>
          <IconInfoCircle size={15} aria-hidden="true" /> {t(`notice.${code}`)}
        </p>
      ))}
      {skipped > 0 && (
        <p className={classes.notice}>
          <IconInfoCircle size={15} aria-hidden="true" /> {t('train.skipped', { count: skipped })}
        </p>
      )}
    </div>
  )
}
