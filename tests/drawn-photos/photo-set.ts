/** The small photos that tests and measurements work with: five classes, as many photos as are asked for. */
import type { Split } from '../../src/dataset/types.ts'
import { DRAWN_CLASSES } from './draw.ts'

/** px; a training size of 64 to 128 needs no more. */
export const DRAWN_SIZE = 160

export interface DrawnPhoto {
  /** e.g. `train/leaf/leaf-07.jpg`. */
  path: string
  className: string
  label: number
  split: Split
  /** Number within the class, over both splits. */
  index: number
}

/** `train` and `valid` photos of each class; by class, then by path. */
export function drawnPhotos(train: number, valid: number): DrawnPhoto[] {
  return DRAWN_CLASSES.flatMap((className, label) =>
    Array.from({ length: train + valid }, (_, index): DrawnPhoto => {
      const split = index < train ? 'train' : 'valid'
      const name = `${className}-${String(index + 1).padStart(2, '0')}.jpg`
      return { path: `${split}/${className}/${name}`, className, label, split, index }
    }),
  )
}
