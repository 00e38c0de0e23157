import { Slider } from '@mantine/core'
import type { ReactNode } from 'react'
import type { RecipeProblem } from '../../recipe/index.ts'
import { NumberField } from '../recipe/NumberField.tsx'
import classes from './AugmentationPanel.module.css'

interface NumberSliderProps {
  id: string
  value: number
  /** The range that is worth sliding; a typed value may lie beyond it. */
  range: { min: number; max: number; step: number }
  label: ReactNode
  /** What assistive technology calls it. */
  name: string
  /** Gives what is wrong with the value, or null where it was taken. */
  onValue(value: number): RecipeProblem | null
}

/** One number of the augmentation, to be slid or typed. */
export function NumberSlider({ id, value, range, label, name, onValue }: NumberSliderProps) {
  return (
    <div className={classes.slider}>
      <span className={classes.sliderLabel}>{label}</span>
      <Slider
        size="sm"
        thumbLabel={name}
        label={null}
        value={value}
        min={Math.min(range.min, value)}
        max={Math.max(range.max, value)}
        step={range.step}
        data-testid={`slide-${id}`}
        onChange={onValue}
      />
      <NumberField
        aria-label={name}
        hideControls
        value={value}
        step={range.step}
        data-testid={`type-${id}`}
        onValue={onValue}
      />
    </div>
  )
}
