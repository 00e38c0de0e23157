import { type RefObject, useEffect, useState } from 'react'
import { centreSquare, classifyLoop, preprocess } from '../../classify/index.ts'
import type { EvaluationTransform } from '../../recipe/index.ts'
import { services, UPDATE_INTERVAL } from '../../store/index.ts'
import type { Classification } from '../../training/trainer-api.ts'

interface Answered {
  result: Classification | null
  /** Pictures a second. */
  rate: number
  error: string | null
}

const nothing: Answered = { result: null, rate: 0, error: null }

/** Classifies a playing video's unmirrored middle square, as fast as answers come; drawn ten times a second. */
export function useClassifiedVideo(
  video: RefObject<HTMLVideoElement | null>,
  stream: MediaStream | null,
  evaluation: EvaluationTransform,
): Answered {
  const [answered, setAnswered] = useState(nothing)
  useEffect(() => {
    setAnswered(nothing)
    if (!stream) return
    const stop = new AbortController()
    const canvas = new OffscreenCanvas(1, 1)
    let drawn = 0
    classifyLoop({
      async grab() {
        const element = video.current
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
      },
      classify: (pixels, size) => services().trainer.classify(pixels, size),
      onResult(result, rate) {
        const now = performance.now()
        if (now - drawn < UPDATE_INTERVAL) return
        drawn = now
        setAnswered({ result, rate, error: null })
      },
      nextFrame: () => new Promise((resolve) => requestAnimationFrame(() => resolve())),
      signal: stop.signal,
    }).catch((error: unknown) => {
      if (!stop.signal.aborted)
        setAnswered({ ...nothing, error: error instanceof Error ? error.message : String(error) })
    })
    return () => stop.abort()
  }, [video, stream, evaluation])
  return answered
}
