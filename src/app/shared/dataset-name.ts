import { useTranslation } from 'react-i18next'
import { useApp } from '../../store/index.ts'

/** The dropped folder's name; the sample photos have one in each language. */
export function useDatasetName(): string | undefined {
  const { t } = useTranslation()
  const name = useApp(({ data }) => data.dataset?.name)
  const isSample = useApp(({ data }) => data.isSample)
  return name !== undefined && isSample ? t('data.samples') : name
}
