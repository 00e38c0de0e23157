/** Which sample photos there are. */
import type { Split } from '../types.ts'
import { SAMPLE_CLASSES } from './draw.ts'

/** px; a training size of 64 to 128 needs no more. */
export const SAMPLE_SIZE = 160
const TRAIN = 24
const VALID = 8

export interface SamplePhoto {
  /** e.g. `train/leaf/leaf-07.jpg`. */
  path: string
  className: string
  label: number
  split: Split
  /** Number within the class, over both splits. */
  index: number
}

/** `train` and `valid` photos of each class; by class, then by path. */
export function samplePhotos(train = TRAIN, valid = VALID): SamplePhoto[] {
  return SAMPLE_CLASSES.flatMap((className, label) =>
    Array.from({ length: train + valid }, (_, index): SamplePhoto => {
      const split = index < train ? 'train' : 'valid'
      const name = `${className}-${String(index + 1).padStart(2, '0')}.jpg`
      return { path: `${split}/${className}/${name}`, className, label, split, index }
    }),
  )
}
