import { useTranslation } from 'react-i18next'
import type { FolderJob } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { photoReason } from '../shared/photo-reason.ts'
import styles from './TryIt.module.css'

/** Classes listed by number of photos. */
const MOST = 8

/** How many photos each class got, and those that could not be read. */
export function FolderResult({ job }: { job: FolderJob }) {
  const { t } = useTranslation()
  const format = useFormat()
  const named = job.tally
    .map((count, index) => ({ name: job.classes[index], count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
  return (
    <>
      <ul className={styles.tally} data-testid="folder-tally">
        {named.slice(0, MOST).map(({ name, count }) => (
          <li key={name}>
            <span title={name}>{name}</span>
            <span>{format.count(count)}</span>
          </li>
        ))}
        {named.length > MOST && <li>{t('try.more_classes', { count: named.length - MOST })}</li>}
      </ul>
      {job.unreadable > 0 && (
        <details className={styles.errors} data-testid="folder-errors">
          <summary>{t('try.unreadable', { count: job.unreadable })}</summary>
          <ul>
            {job.errors.map(({ path, reason }) => (
              <li key={path}>
                <code>{path}</code> {photoReason(t, reason)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}
