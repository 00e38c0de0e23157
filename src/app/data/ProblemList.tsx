import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../../dataset/types.ts'
import { photoReason } from '../shared/photo-reason.ts'
import classes from './DataPanel.module.css'

interface ProblemListProps {
  problems: readonly Problem[]
  /** Closed at first, where nothing keeps a run from starting. */
  collapsible?: boolean
}

const SHOWN = 50

/** Each problem with its reason and what to do. */
export function ProblemList({ problems, collapsible }: ProblemListProps) {
  const { t } = useTranslation()
  const fatal = problems.some((problem) => problem.fatal)
  return (
    <details className={classes.problems} open={!collapsible || fatal} data-testid="problems">
      <summary>
        <IconAlertTriangle size={15} aria-hidden="true" />
        {t('problem.title', { count: problems.length })}
      </summary>
      <ul>
        {problems.slice(0, SHOWN).map((problem) => (
          <li key={`${problem.code}-${JSON.stringify(problem.values)}`} data-code={problem.code}>
            <Words problem={problem} />
          </li>
        ))}
      </ul>
    </details>
  )
}

function Words({ problem }: { problem: Problem }) {
  const { t } = useTranslation()
  const { code, fatal, values } = problem
  const words = { ...values, ...explained() }
  return (
    <>
      {fatal && <span className={classes.fatal}>{t('problem.fatal')}</span>}
      <strong>{t(`problem.${code}.reason`, words)}</strong>
      <span className={classes.remedy}>
        {code === 'loose-photos' && fatal
          ? t('problem.loose-photos.fatal')
          : t(`problem.${code}.remedy`, words)}
      </span>
    </>
  )

  /** Reasons come as codes or in English. */
  function explained(): Record<string, string> {
    const { reason } = values
    if (code === 'unreadable-photo') return { reason: photoReason(t, String(reason)) }
    if (code !== 'bad-names-file') return {}
    return { why: t(`problem.why.${reason === 'shape' || reason === 'no-match' ? reason : 'syntax'}`) }
  }
}
