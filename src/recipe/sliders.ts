/** The numbers of the augmentation, by torchvision's names of operation and argument, with the range worth sliding. */
import type { OperationName } from './operations.ts'
import type { Augmentation } from './recipe.ts'

export interface AugmentationNumber {
  id:
    | 'resize'
    | 'rotation'
    | 'scale-from'
    | 'scale-to'
    | 'ratio-from'
    | 'ratio-to'
    | 'horizontal'
    | 'vertical'
    | 'brightness'
    | 'contrast'
    | 'saturation'
    | 'hue'
    | 'grayscale'
  operation: OperationName | 'Resize'
  /** torchvision's name of the argument. */
  argument: string
  unit: 'degrees' | 'pixels' | 'share' | 'factor'
  min: number
  max: number
  step: number
  /** null where this augmentation has no such number. */
  get(augmentation: Augmentation): number | null
  set(augmentation: Augmentation, value: number): Augmentation
}

type Rotated = Extract<Augmentation['geometry'], { kind: 'resize-rotate-crop' }>
type Cropped = Extract<Augmentation['geometry'], { kind: 'random-resized-crop' }>
type Access = Pick<AugmentationNumber, 'get' | 'set'>

const ofRotated = (key: 'resize' | 'rotation'): Access => ({
  get: ({ geometry }) => (geometry.kind === 'resize-rotate-crop' ? geometry[key] : null),
  set: (augmentation, value) => {
    const { geometry } = augmentation
    if (geometry.kind !== 'resize-rotate-crop') return augmentation
    return { ...augmentation, geometry: { ...geometry, [key]: value } satisfies Rotated }
  },
})

const ofCropped = (key: 'scale' | 'ratio', end: 0 | 1): Access => ({
  get: ({ geometry }) => (geometry.kind === 'random-resized-crop' ? geometry[key][end] : null),
  set: (augmentation, value) => {
    const { geometry } = augmentation
    if (geometry.kind !== 'random-resized-crop') return augmentation
    const range: Cropped['scale'] = end === 0 ? [value, geometry[key][1]] : [geometry[key][0], value]
    return { ...augmentation, geometry: { ...geometry, [key]: range } satisfies Cropped }
  },
})

const ofShare = (key: 'horizontalFlip' | 'verticalFlip' | 'grayscale'): Access => ({
  get: (augmentation) => augmentation[key],
  set: (augmentation, value) => ({ ...augmentation, [key]: value }),
})

const ofJitter = (key: keyof Augmentation['jitter']): Access => ({
  get: ({ jitter }) => jitter[key],
  set: (augmentation, value) => ({ ...augmentation, jitter: { ...augmentation.jitter, [key]: value } }),
})

const share = { unit: 'share', min: 0, max: 1, step: 0.05 } as const
const factor = { unit: 'factor', min: 0, max: 1, step: 0.05 } as const

/** In torchvision's order of operations. */
export const AUGMENTATION_NUMBERS: readonly AugmentationNumber[] = [
  {
    id: 'resize',
    operation: 'Resize',
    argument: 'size',
    unit: 'pixels',
    min: 32,
    max: 512,
    step: 8,
    ...ofRotated('resize'),
  },
  {
    id: 'rotation',
    operation: 'RandomRotation',
    argument: 'degrees',
    unit: 'degrees',
    min: 0,
    max: 180,
    step: 5,
    ...ofRotated('rotation'),
  },
  {
    id: 'scale-from',
    operation: 'RandomResizedCrop',
    argument: 'scale[0]',
    ...share,
    min: 0.05,
    ...ofCropped('scale', 0),
  },
  {
    id: 'scale-to',
    operation: 'RandomResizedCrop',
    argument: 'scale[1]',
    ...share,
    min: 0.05,
    ...ofCropped('scale', 1),
  },
  {
    id: 'ratio-from',
    operation: 'RandomResizedCrop',
    argument: 'ratio[0]',
    unit: 'factor',
    min: 0.25,
    max: 4,
    step: 0.05,
    ...ofCropped('ratio', 0),
  },
  {
    id: 'ratio-to',
    operation: 'RandomResizedCrop',
    argument: 'ratio[1]',
    unit: 'factor',
    min: 0.25,
    max: 4,
    step: 0.05,
    ...ofCropped('ratio', 1),
  },
  {
    id: 'horizontal',
    operation: 'RandomHorizontalFlip',
    argument: 'p',
    ...share,
    ...ofShare('horizontalFlip'),
  },
  { id: 'vertical', operation: 'RandomVerticalFlip', argument: 'p', ...share, ...ofShare('verticalFlip') },
  {
    id: 'brightness',
    operation: 'ColorJitter',
    argument: 'brightness',
    ...factor,
    ...ofJitter('brightness'),
  },
  { id: 'contrast', operation: 'ColorJitter', argument: 'contrast', ...factor, ...ofJitter('contrast') },
  {
    id: 'saturation',
    operation: 'ColorJitter',
    argument: 'saturation',
    ...factor,
    ...ofJitter('saturation'),
  },
  {
    id: 'hue',
    operation: 'ColorJitter',
    argument: 'hue',
    ...factor,
    max: 0.5,
    step: 0.01,
    ...ofJitter('hue'),
  },
  {
    id: 'grayscale',
    operation: 'RandomGrayscale',
    argument: 'p',
    ...share,
    step: 0.025,
    ...ofShare('grayscale'),
  },
]
