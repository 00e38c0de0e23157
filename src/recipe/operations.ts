/**
 * The recipe's augmentation as torchvision's operations, each of which can be switched off and on again. The recipe
 * itself has no switches: an operation is off where its values do nothing.
 */
import { presetRecipe } from './presets.ts'
import type { Augmentation } from './recipe.ts'

/** torchvision's names. RandomRotation and RandomResizedCrop exclude one another: a recipe crops in one way. */
export const OPERATIONS = [
  'RandomRotation',
  'RandomResizedCrop',
  'RandomHorizontalFlip',
  'RandomVerticalFlip',
  'ColorJitter',
  'RandomGrayscale',
] as const
export type OperationName = (typeof OPERATIONS)[number]

interface Operation {
  isOn(augmentation: Augmentation): boolean
  off(augmentation: Augmentation): Augmentation
  /** With the operation's values of `from`, which has it on. */
  on(augmentation: Augmentation, from: Augmentation): Augmentation
}

const NO_JITTER = { brightness: 0, contrast: 0, saturation: 0, hue: 0 }

const operations: Record<OperationName, Operation> = {
  RandomRotation: {
    isOn: ({ geometry }) => geometry.kind === 'resize-rotate-crop' && geometry.rotation > 0,
    off: (augmentation) => {
      const { geometry } = augmentation
      if (geometry.kind !== 'resize-rotate-crop') return augmentation
      return { ...augmentation, geometry: { ...geometry, rotation: 0 } }
    },
    on: (augmentation, from) => {
      const rotation = from.geometry.kind === 'resize-rotate-crop' ? from.geometry.rotation : 0
      return { ...augmentation, geometry: { ...resizedAndCropped(augmentation), rotation } }
    },
  },
  RandomResizedCrop: {
    isOn: ({ geometry }) => geometry.kind === 'random-resized-crop',
    off: (augmentation) => ({ ...augmentation, geometry: resizedAndCropped(augmentation) }),
    on: (augmentation, { geometry }) =>
      geometry.kind === 'random-resized-crop'
        ? { ...augmentation, geometry: { ...geometry, crop: augmentation.geometry.crop } }
        : augmentation,
  },
  RandomHorizontalFlip: {
    isOn: ({ horizontalFlip }) => horizontalFlip > 0,
    off: (augmentation) => ({ ...augmentation, horizontalFlip: 0 }),
    on: (augmentation, { horizontalFlip }) => ({ ...augmentation, horizontalFlip }),
  },
  RandomVerticalFlip: {
    isOn: ({ verticalFlip }) => verticalFlip > 0,
    off: (augmentation) => ({ ...augmentation, verticalFlip: 0 }),
    on: (augmentation, { verticalFlip }) => ({ ...augmentation, verticalFlip }),
  },
  ColorJitter: {
    isOn: ({ jitter }) => Object.values(jitter).some((value) => value > 0),
    off: (augmentation) => ({ ...augmentation, jitter: NO_JITTER }),
    on: (augmentation, { jitter }) => ({ ...augmentation, jitter }),
  },
  RandomGrayscale: {
    isOn: ({ grayscale }) => grayscale > 0,
    off: (augmentation) => ({ ...augmentation, grayscale: 0 }),
    on: (augmentation, { grayscale }) => ({ ...augmentation, grayscale }),
  },
}

/** Resize and CenterCrop without a rotation, at the size that the photos have. */
function resizedAndCropped({ geometry }: Augmentation) {
  if (geometry.kind === 'resize-rotate-crop') return geometry
  const { crop } = geometry
  return { kind: 'resize-rotate-crop', resize: Math.round(1.5 * crop), rotation: 0, crop } as const
}

export const isOn = (augmentation: Augmentation, name: OperationName): boolean =>
  operations[name].isOn(augmentation)

/** What an operation has where nothing is remembered of it: the first preset's that uses it. */
function usual(name: OperationName): Augmentation {
  const [course, best] = [presetRecipe('course').augmentation, presetRecipe('best').augmentation]
  return isOn(course, name) ? course : best
}

/**
 * Switches one operation. @param remembered an augmentation that had it on, whose values come back.
 */
export function switchOperation(
  augmentation: Augmentation,
  name: OperationName,
  on: boolean,
  remembered?: Augmentation,
): Augmentation {
  if (!on) return operations[name].off(augmentation)
  const from = remembered && isOn(remembered, name) ? remembered : usual(name)
  return operations[name].on(augmentation, from)
}

/** The operations that are on in `before` and off in `after`: what must be remembered of `before`. */
export const switchedOff = (before: Augmentation, after: Augmentation): OperationName[] =>
  OPERATIONS.filter((name) => isOn(before, name) && !isOn(after, name))
