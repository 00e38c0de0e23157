import { Alert, Loader } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { dismissForgotten, dismissNotice, type ForgottenPart, useApp } from '../../store/index.ts'
import classes from './Projects.module.css'
import { useProjectName } from './use-project-name.ts'

/** What became of the last attempt to open or forget something, and what another tab does. */
export function DataNotices() {
  const { t, i18n } = useTranslation()
  const nameOf = useProjectName()
  const notice = useApp(({ data }) => data.notice)
  const otherTab = useApp(({ data }) => data.otherTab)
  const forgotten = useApp((state) => state.forgotten)
  // The first page counts in its drop zone.
  const reading = useApp(({ data }) => data.status === 'reading' && data.dataset !== null)
  const found = useApp(({ data }) => data.found)
  const close = t('projects.dismiss')
  const list = (parts: readonly ForgottenPart[]) =>
    new Intl.ListFormat(i18n.language).format(parts.map((part) => t(`projects.part.${part}`)))
  return (
    <>
      {reading && (
        <div className={classes.reading} data-testid="reading">
          <Loader size="xs" />
          {found > 0 ? t('start.reading', { count: found }) : t('start.opening')}
        </div>
      )}
      {notice && (
        <Alert
          color="yellow"
          p="xs"
          w="100%"
          role="alert"
          title={t(`projects.notice.${notice.code}`, { name: notice.name })}
          data-testid="data-notice"
          data-code={notice.code}
          withCloseButton
          closeButtonLabel={close}
          onClose={dismissNotice}
        >
          {t(`projects.notice.${notice.code}_remedy`, { name: notice.name })}
        </Alert>
      )}
      {otherTab && (
        <Alert color="blue" p="xs" w="100%" data-testid="other-tab" data-doing={otherTab}>
          {t(`projects.tab.${otherTab}`)}
        </Alert>
      )}
      {forgotten && (
        <Alert
          color={forgotten.failed.length > 0 ? 'yellow' : 'blue'}
          p="xs"
          w="100%"
          role="status"
          title={t('projects.forgotten', { name: nameOf(forgotten) })}
          data-testid="forgotten"
          withCloseButton
          closeButtonLabel={close}
          onClose={dismissForgotten}
        >
          {t('projects.deleted', { list: list(forgotten.deleted) })}{' '}
          {forgotten.failed.length > 0 && t('projects.not_deleted', { list: list(forgotten.failed) })}{' '}
          {(forgotten.kind === 'folder' || forgotten.kind === 'zip') && t('projects.untouched')}
        </Alert>
      )}
    </>
  )
}
