import { useTranslation } from 'react-i18next'
import { type Collection, type Dataset, ENOUGH_PHOTOS, missingIn } from '../../dataset/index.ts'

export interface NextStep {
  /** Whether training is the next thing to do; until then it is recording. */
  ready: boolean
  /** What is missing, or that nothing is. */
  sentence: string
}

/** What to do next, in one sentence. */
export function useNextStep({ classes }: Collection, dataset: Dataset): NextStep {
  const { t } = useTranslation()
  if (classes.length < 2) return { ready: false, sentence: t('collect.need_class') }
  const few = classes.find((each) => missingIn(each) === 'photos')
  if (few) {
    const count = ENOUGH_PHOTOS - few.photos.length
    return { ready: false, sentence: t('collect.need_photos', { count, name: few.name }) }
  }
  const once = classes.find((each) => missingIn(each) === 'recording')
  if (once) return { ready: false, sentence: t('collect.need_recording', { name: once.name }) }
  const blocked = dataset.problems.some(({ fatal }) => fatal)
  return { ready: !blocked, sentence: t('collect.ready') }
}
