import { keptResize, keptSize, resizeBitmap, validationPixels } from '../augment/index.ts'
import type { EvaluationTransform } from '../recipe/index.ts'

/**
 * A picture's RGB bytes [crop, crop, 3], preprocessed as validation photos are, pixel for pixel. It is taken as
 * it lies; the caller closes it. @throws PhotoError where the picture is too narrow.
 */
export function preprocess(
  picture: ImageBitmap | OffscreenCanvas | HTMLCanvasElement,
  evaluation: EvaluationTransform,
): Uint8Array {
  const size = keptSize(picture.width, picture.height, keptResize({ kind: 'evaluate', evaluation }))
  const [resized] = resizeBitmap(picture, [size])
  return validationPixels(resized, evaluation)
}
