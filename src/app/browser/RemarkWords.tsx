import { useTranslation } from 'react-i18next'
import type { Remark } from '../../browser/index.ts'
import { useFormat } from '../shared/format.ts'

/** What a remark says: in short, what it means and what to do. An address in it can be followed. */
export function RemarkWords({ remark }: { remark: Remark }) {
  const { t } = useTranslation()
  const format = useFormat()
  const local = 'local' in remark ? remark.local : ''
  const values = {
    local,
    free: 'free' in remark ? format.bytes(remark.free) : '',
    share: 'changed' in remark ? format.percent(remark.changed) : '',
    largest: 'largest' in remark ? format.count(remark.largest) : '',
  }
  const text = t(`browser.remark.${remark.code}.text`, values)
  const [before, after] = local ? text.split(local) : [text]
  return (
    <span>
      <strong>{t(`browser.remark.${remark.code}.title`, values)}</strong> {before}
      {after !== undefined && (
        <a href={local} translate="no">
          {local}
        </a>
      )}
      {after}
    </span>
  )
}
