import { useTranslation } from 'react-i18next'
import { type Collection, type Dataset, ENOUGH_PHOTOS, missingIn, partsOf } from '../../dataset/index.ts'

export interface NextStep {
  /** Whether training is the next thing to do; until then it is recording. */
  ready: boolean
  /** What is missing, or that nothing is. */
  sentence: string
}

/** What to do next, in one sentence. */
export function useNextStep({ classes }: Collection, dataset: Dataset, selected: string): NextStep {
  const { t } = useTranslation()
  if (classes.length < 2) return { ready: false, sentence: t('collect.need_class') }
  const lacking = classes.filter((each) => missingIn(each) === 'photos')
  const few = lacking.find(({ key }) => key === selected) ?? lacking[0]
  if (few) {
    const count = ENOUGH_PHOTOS - few.photos.length
    const words = { count, name: few.name }
    const isChosen = few.key === selected
    return {
      ready: false,
      sentence: isChosen ? t('collect.need_photos', words) : t('collect.choose_photos', words),
    }
  }
  const once = classes.find((each) => missingIn(each) === 'recording')
  if (once) return { ready: false, sentence: t('collect.need_recording', { name: once.name }) }
  const blocked = dataset.problems.some(({ fatal }) => fatal)
  // One of two tests, whatever its length.
  const two = classes.find(({ photos }) => partsOf(photos).length === 2)
  return {
    ready: !blocked,
    sentence: two ? t('collect.ready_third', { name: two.name }) : t('collect.ready'),
  }
}
