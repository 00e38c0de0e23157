import { useTranslation } from 'react-i18next'
import type { Remark } from '../../browser/index.ts'
import { useFormat } from '../shared/format.ts'

/** The words of a remark, its numbers filled in. */
export function useRemarkText(): (remark: Remark) => { title: string; text: string } {
  const { t } = useTranslation()
  const format = useFormat()
  return (remark) => {
    const values = {
      free: 'free' in remark ? format.bytes(remark.free) : '',
      share: 'changed' in remark ? format.percent(remark.changed) : '',
      largest: 'largest' in remark ? format.count(remark.largest) : '',
    }
    return {
      title: t(`browser.remark.${remark.code}.title`, values),
      text: t(`browser.remark.${remark.code}.text`, values),
    }
  }
}
