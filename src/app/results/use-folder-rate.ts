import { useTranslation } from 'react-i18next'
import type { FolderJob } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'

/** Photos after which a rate is an honest one. */
const ENOUGH = 32

/** Rate and time left in words; empty before there is something to estimate from. */
export function useFolderRate(job: FolderJob | null): string {
  const { t } = useTranslation()
  const format = useFormat()
  if (job?.status !== 'classifying' || job.done < ENOUGH || job.elapsed === 0) return ''
  const rate = (1000 * job.done) / job.elapsed
  return t('try.folder_rate', {
    rate: format.rate(rate),
    left: format.duration((job.total - job.done) / rate),
  })
}
