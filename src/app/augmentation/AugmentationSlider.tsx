import type { ReactNode } from 'react'
import type { AugmentationNumber } from '../../recipe/index.ts'
import { changeAugmentation, useApp } from '../../store/index.ts'
import { NumberSlider } from './NumberSlider.tsx'

interface AugmentationSliderProps {
  number: AugmentationNumber
  label: ReactNode
  name: string
}

/** Nothing where the augmentation has no such number now. */
export function AugmentationSlider({ number, label, name }: AugmentationSliderProps) {
  const value = useApp(({ recipe }) => number.get(recipe.augmentation))
  if (value === null) return null
  return (
    <NumberSlider
      id={number.id}
      value={value}
      range={number}
      label={label}
      name={name}
      onValue={(to) => changeAugmentation((augmentation) => number.set(augmentation, to))}
    />
  )
}
