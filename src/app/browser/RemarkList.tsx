import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './Browser.module.css'
import { RemarkWords } from './RemarkWords.tsx'
import { useRemarks } from './use-remarks.ts'

/** Everything that this browser lacks, in a line or two each. */
export function RemarkList() {
  const { t } = useTranslation()
  const remarks = useRemarks()
  if (remarks.length === 0) return <span>{t('browser.all_there')}</span>
  return (
    <ul className={classes.list} data-testid="browser-remarks">
      {remarks.map((remark) => {
        const Icon = remark.weight === 'hurts' ? IconAlertTriangle : IconInfoCircle
        return (
          <li key={remark.code} data-code={remark.code}>
            <Icon size={14} className={classes.mark} data-weight={remark.weight} aria-hidden="true" />
            <RemarkWords remark={remark} />
          </li>
        )
      })}
    </ul>
  )
}
