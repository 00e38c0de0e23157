import type { Augmentation, OperationName } from '../../recipe/index.ts'

/** Whether an operation is so strong that it can hide what tells classes apart. */
export function isRisky(augmentation: Augmentation, name: OperationName): boolean {
  const { geometry, verticalFlip, jitter, grayscale } = augmentation
  switch (name) {
    case 'RandomRotation':
      return geometry.kind === 'resize-rotate-crop' && geometry.rotation > 60
    case 'RandomResizedCrop':
      return geometry.kind === 'random-resized-crop' && geometry.scale[0] < 0.2
    case 'RandomHorizontalFlip':
      return false
    case 'RandomVerticalFlip':
      return verticalFlip > 0
    case 'ColorJitter':
      return jitter.hue > 0.05
    case 'RandomGrayscale':
      return grayscale > 0.2
  }
}
