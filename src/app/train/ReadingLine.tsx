import { Button } from '@mantine/core'
import { IconAlertTriangle, IconBulb, IconMoodSmile } from '@tabler/icons-react'
import { memo, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Recipe, TrainingStage } from '../../recipe/index.ts'
import {
  type Advice,
  advisedNumber,
  follow,
  isActive,
  readCurves,
  undoAdvice,
  useApp,
  validPhotosOf,
} from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { readingWords } from './reading-words.ts'
import classes from './TrainPanel.module.css'
import { useCurves } from './use-curves.ts'

const ICONS = { good: IconMoodSmile, note: IconBulb, warn: IconAlertTriangle }

/** What the curves say, in one sentence that changes with the epochs only. */
export const ReadingLine = memo(function ReadingLine() {
  const { t } = useTranslation()
  const format = useFormat()
  const { epochs, best } = useCurves()
  const recipe = useApp((state) => state.runRecipe)
  const dataset = useApp(({ data }) => data.dataset)
  const ended = useApp(({ run }) => !isActive(run.status))
  const validPhotos = useMemo(
    () => (dataset ? validPhotosOf(dataset.classes, dataset.samples) : []),
    [dataset],
  )
  const reading = useMemo(
    () => (recipe ? readCurves({ epochs, best, recipe, validPhotos, ended }) : null),
    [epochs, best, recipe, validPhotos, ended],
  )
  const stage = epochs.at(-1)?.stage
  if (!reading || !stage) return null
  const { code, tone, advice } = reading
  const Icon = ICONS[tone]
  return (
    <div className={classes.reading} data-tone={tone} data-code={code} data-testid="reading">
      <Icon size={16} aria-hidden="true" />
      <span>
        {readingWords(reading, t, format)} <AdviceButton advice={advice} stage={stage} />
      </span>
    </div>
  )
})

/** Does what the sentence advises; then says what was changed, and takes it back. */
function AdviceButton({ advice, stage }: { advice: Advice | undefined; stage: TrainingStage }) {
  const { t } = useTranslation()
  const format = useFormat()
  const advised = useApp((state) => state.advised)
  const recipe = useApp((state) => state.recipe)
  if (advised && advised.after === recipe) {
    const number = (of: Recipe) => {
      const value = advisedNumber(of, advised.advice, advised.stage)
      if (value === null) return ''
      return advised.advice === 'more-epochs' ? format.count(value) : format.learningRate(value)
    }
    return (
      <span role="status" data-testid="advised">
        {t(`reading.advised.${advised.advice}`, {
          before: number(advised.before.recipe),
          after: number(advised.after),
        })}{' '}
        <Button size="compact-xs" variant="default" data-testid="undo-advice" onClick={undoAdvice}>
          {t('reading.undo')}
        </Button>
      </span>
    )
  }
  if (!advice) return null
  return (
    <Button
      size="compact-xs"
      variant="light"
      data-testid="advice"
      data-advice={advice}
      onClick={() => void follow(advice, stage)}
    >
      {t(`reading.advice.${advice}`)}
    </Button>
  )
}
