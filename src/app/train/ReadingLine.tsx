import { IconAlertTriangle, IconBulb, IconMoodSmile } from '@tabler/icons-react'
import { memo, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { isActive, readCurves, type Share, useApp, validPhotosOf } from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
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
  if (!reading) return null
  const { code, tone, share, other, stages, ...values } = reading
  const Icon = ICONS[tone]
  const accuracy = (of: Share) => format.accuracy({ ...of, accuracy: of.correct / of.samples })
  return (
    <p className={classes.reading} data-tone={tone} data-code={code} data-testid="reading">
      <Icon size={16} aria-hidden="true" />
      <span>
        {t(`reading.${code}`, {
          ...values,
          share: share ? accuracy(share) : '',
          other: other ? accuracy(other) : '',
          stage: stages ? t(`chart.stage_${stages.last}_short`) : '',
          best_stage: stages ? t(`chart.stage_${stages.best}_short`) : '',
          percent: share ? format.percent(share.correct / share.samples) : '',
        })}
      </span>
    </p>
  )
})
