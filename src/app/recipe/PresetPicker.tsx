import { SegmentedControl } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { PRESETS } from '../../recipe/index.ts'
import {
  choosePreset,
  estimateSeconds,
  PROPOSED_PRESET,
  probeRate,
  recipeFor,
  sizeIsFarOff,
  splitCounts,
  useApp,
  weightsSize,
} from '../../store/index.ts'
import { useFormat } from '../shared/format.ts'
import { ArrivalNotice } from './ArrivalNotice.tsx'
import classes from './Recipe.module.css'

/** Named by what one gets and how long it takes here; which of them is proposed, and why. */
export function PresetPicker() {
  const { t } = useTranslation()
  const format = useFormat()
  const recipe = useApp((state) => state.recipe)
  const probe = useApp((state) => state.probe)
  const dataset = useApp(({ data }) => data.dataset)
  const chosen = useApp((state) => state.presetChosen)
  const photos = useMemo(() => (dataset ? splitCounts(dataset) : { train: 0, valid: 0, test: 0 }), [dataset])
  const rate = probeRate(probe, recipe.engine)
  const proposed = recipeFor(PROPOSED_PRESET, recipe.weights, { photos, rate })
  const seconds = rate === null ? null : estimateSeconds(proposed, photos, rate)

  const data = PRESETS.map((preset) => {
    const planned = preset === recipe.preset ? recipe : recipeFor(preset, recipe.weights, { photos, rate })
    const time = rate === null ? null : format.duration(estimateSeconds(planned, photos, rate))
    return {
      value: preset,
      label: (
        <span className={classes.preset} title={t(`preset.${preset}_text`)}>
          <span className={classes.presetName}>{t(`preset.${preset}`)}</span>
          <span className={classes.presetTime}>{time ? t('preset.time', { time }) : ' '}</span>
        </span>
      ),
    }
  })
  return (
    <div>
      <ArrivalNotice from="link" />
      <SegmentedControl
        fullWidth
        aria-label={t('preset.label')}
        data={data}
        value={recipe.preset}
        data-testid="preset"
        onChange={(value) => {
          const preset = PRESETS.find((name) => name === value)
          if (preset) choosePreset(preset)
        }}
      />
      <p className={classes.hint} data-testid="preset-hint">
        {sizeIsFarOff(recipe)
          ? t('preset.far_off', { trained: weightsSize(recipe.weights.kind), size: recipe.evaluation.crop })
          : t(`preset.${recipe.preset}_text`)}{' '}
        {!chosen &&
          (seconds === null
            ? t('preset.why.unmeasured')
            : t('preset.why.fits', { photos: format.count(photos.train), time: format.duration(seconds) }))}
      </p>
    </div>
  )
}
