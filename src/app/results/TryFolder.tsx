import { Alert, Button, Progress } from '@mantine/core'
import { IconFolderOpen, IconTableExport } from '@tabler/icons-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import {
  cancelFolder,
  classifyDroppedFolder,
  classifyFolderFiles,
  classifyPickedFolder,
  clearFolder,
  isFolderRunning,
  useResults,
} from '../../store/index.ts'
import { saveFile } from '../shared/download.ts'
import { FolderResult } from './FolderResult.tsx'
import classes from './ResultsPanel.module.css'
import styles from './TryIt.module.css'
import { useFileDrop } from './use-file-drop.ts'
import { useFolderRate } from './use-folder-rate.ts'

const hasPicker = 'showDirectoryPicker' in window

/** A folder at a time: thousands of photos become a table. */
export function TryFolder() {
  const { t } = useTranslation()
  const job = useResults((state) => state.folder)
  const input = useRef<HTMLInputElement>(null)
  const running = isFolderRunning(job)
  const rate = useFolderRate(job)
  const { isOver, handlers } = useFileDrop((transfer) => void classifyDroppedFolder(transfer))
  const table = job?.table ?? null
  const isEmpty = job?.status === 'completed' && job.total === 0
  return (
    <section className={styles.folder} aria-label={t('try.folder')} data-testid="try-folder">
      <h3 className={classes.title}>{t('try.folder')}</h3>
      <div className={styles.drop} data-over={isOver || undefined} data-testid="folder-drop" {...handlers}>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconFolderOpen size={16} />}
          disabled={running}
          data-testid="classify-folder"
          onClick={() => (hasPicker ? void classifyPickedFolder() : input.current?.click())}
        >
          {t('try.choose_folder')}
        </Button>
        <span>{t('try.folder_text')}</span>
      </div>
      <input
        ref={input}
        type="file"
        webkitdirectory=""
        multiple
        hidden
        aria-label={t('try.choose_folder')}
        data-testid="classify-folder-input"
        onChange={(event) => {
          const { files } = event.currentTarget
          if (files && files.length > 0) void classifyFolderFiles([...files])
          event.currentTarget.value = ''
        }}
      />
      {job && (
        <div className={styles.job} data-testid="folder-job" data-status={job.status}>
          <p role={running ? undefined : 'status'} className={styles.jobLine}>
            {t(`try.folder_${isEmpty ? 'none' : job.status}`, {
              name: job.name,
              done: job.done,
              total: job.total,
              count: job.found,
            })}{' '}
            {running && rate}
          </p>
          {running && job.total > 0 && (
            <Progress
              value={(100 * job.done) / job.total}
              aria-label={t('try.folder_progress')}
              transitionDuration={0}
            />
          )}
          {job.failure !== null && (
            <Alert color="red" role="alert">
              {t('try.folder_failure', { detail: job.failure, done: job.done })}
            </Alert>
          )}
          <div className={styles.controls}>
            {running && (
              <Button variant="default" size="xs" data-testid="cancel-folder" onClick={cancelFolder}>
                {t('try.cancel')}
              </Button>
            )}
            {table && job.done > 0 && (
              <Button
                variant="light"
                size="xs"
                leftSection={<IconTableExport size={16} />}
                data-testid="folder-csv"
                onClick={() => saveFile('classified.csv', table)}
              >
                {t('try.download_table', { count: job.done })}
              </Button>
            )}
            {!running && (
              <Button variant="subtle" color="gray" size="compact-xs" onClick={clearFolder}>
                {t('try.clear')}
              </Button>
            )}
          </div>
          {job.done > 0 && <FolderResult job={job} />}
        </div>
      )}
    </section>
  )
}
