import { CloseButton } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Remark } from '../../browser/index.ts'
import { useApp } from '../../store/index.ts'
import classes from './Browser.module.css'
import { RemarkWords } from './RemarkWords.tsx'
import { useRemarks } from './use-remarks.ts'

/** What of this browser hurts, each with its remedy, until it is dismissed; the rest stands in the engine's chip. */
export function BrowserNotices() {
  const { t } = useTranslation()
  const remarks = useRemarks()
  const hasWeights = useApp(({ run }) => run.best !== null)
  const [dismissed, setDismissed] = useState<readonly Remark['code'][]>([])
  const shown = remarks.filter(
    ({ code, weight }) =>
      // Before there are weights, their loss is no news.
      (weight === 'hurts' || (code === 'empties-unused' && hasWeights)) && !dismissed.includes(code),
  )
  if (shown.length === 0) return null
  return (
    <section className={classes.notices} aria-label={t('browser.notices')}>
      {shown.map((remark) => (
        <div key={remark.code} className={classes.notice} role="status" data-testid={`notice-${remark.code}`}>
          <IconAlertTriangle size={17} className={classes.icon} aria-hidden="true" />
          <RemarkWords remark={remark} />
          <CloseButton
            size="sm"
            aria-label={t('browser.dismiss')}
            onClick={() => setDismissed([...dismissed, remark.code])}
          />
        </div>
      ))}
    </section>
  )
}
