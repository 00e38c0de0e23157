import { useTranslation } from 'react-i18next'
import type { Project } from '../../projects/index.ts'

/** A project's name; the sample photos have one in each language. */
export function useProjectName(): (project: Pick<Project, 'kind' | 'name'>) => string {
  const { t } = useTranslation()
  return ({ kind, name }) => (kind === 'samples' ? t('data.samples') : name)
}
