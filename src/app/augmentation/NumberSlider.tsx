import { Slider } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AugmentationNumber, Recipe } from '../../recipe/index.ts'
import { changeAugmentation } from '../../store/index.ts'
import { NumberField } from '../recipe/NumberField.tsx'
import classes from './AugmentationPanel.module.css'

interface NumberSliderProps {
  number: AugmentationNumber
  recipe: Recipe
  label: ReactNode
  /** What assistive technology calls it. */
  name: string
}

/** One number of the augmentation, to be slid or typed. */
export function NumberSlider({ number, recipe, label, name }: NumberSliderProps) {
  const value = number.get(recipe.augmentation)
  if (value === null) return null
  const set = (to: number) => changeAugmentation((augmentation) => number.set(augmentation, to))
  return (
    <div className={classes.slider}>
      <span className={classes.sliderLabel}>{label}</span>
      <Slider
        size="sm"
        thumbLabel={name}
        label={null}
        value={value}
        min={number.min}
        // A typed value may lie beyond what is worth sliding.
        max={Math.max(number.max, value)}
        step={number.step}
        data-testid={`slide-${number.id}`}
        onChange={set}
      />
      <NumberField
        aria-label={name}
        hideControls
        value={value}
        step={number.step}
        data-testid={`type-${number.id}`}
        onValue={set}
      />
    </div>
  )
}
