/** The picture that a video stands at, ready to classify. */
import type { EvaluationTransform } from '../recipe/index.ts'
import { preprocess } from './preprocess.ts'
import { centreSquare } from './square.ts'

/**
 * Gives the pixels of a video's unmirrored middle square, RGB bytes [size, size, 3]; null before its first picture.
 * @param video gives the element when it is asked for
 */
export function squareGrabber(video: () => HTMLVideoElement | null, evaluation: EvaluationTransform) {
  const canvas = new OffscreenCanvas(1, 1)
  return async () => {
    const element = video()
    if (!element || element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null
    const { x, y, side } = centreSquare(element.videoWidth, element.videoHeight)
    if (canvas.width !== side || canvas.height !== side) {
      canvas.width = side
      canvas.height = side
    }
    // A canvas rather than createImageBitmap, which refuses frames of some cameras.
    canvas
      .getContext('2d', { willReadFrequently: true })
      ?.drawImage(element, x, y, side, side, 0, 0, side, side)
    return { pixels: preprocess(canvas, evaluation), size: evaluation.crop }
  }
}
