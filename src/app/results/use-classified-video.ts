import { type RefObject, useEffect, useState } from 'react'
import { classifyLoop, nextVisibleFrame, squareGrabber } from '../../classify/index.ts'
import type { EvaluationTransform } from '../../recipe/index.ts'
import { services, UPDATE_INTERVAL } from '../../store/index.ts'
import type { Classification } from '../../training/trainer-api.ts'

interface Answered {
  result: Classification | null
  /** Pictures a second; null before it is known, and of a still. */
  rate: number | null
  error: string | null
}

const nothing: Answered = { result: null, rate: null, error: null }

/**
 * Classifies a video's unmirrored middle square: while it plays, as fast as answers come (drawn ten times a second,
 * and not at all in a hidden tab); `frozen`, the one picture that it stands at.
 */
export function useClassifiedVideo(
  video: RefObject<HTMLVideoElement | null>,
  stream: MediaStream | null,
  evaluation: EvaluationTransform,
  frozen: boolean,
): Answered {
  const [answered, setAnswered] = useState(nothing)

  useEffect(() => {
    if (!stream) setAnswered(nothing)
  }, [stream])
  useEffect(() => {
    if (!stream) return
    const stop = new AbortController()
    const grab = squareGrabber(() => video.current, evaluation)
    let drawn = 0
    classifyLoop({
      grab,
      classify: (pixels, size) => services().trainer.classify(pixels, size),
      onResult(result, rate) {
        const now = performance.now()
        if (frozen) stop.abort()
        else if (now - drawn < UPDATE_INTERVAL) return
        drawn = now
        setAnswered({ result, rate: frozen ? null : rate, error: null })
      },
      nextFrame: () => nextVisibleFrame(stop.signal),
      signal: stop.signal,
    }).catch((error: unknown) => {
      if (!stop.signal.aborted)
        setAnswered({ ...nothing, error: error instanceof Error ? error.message : String(error) })
    })
    return () => stop.abort()
  }, [video, stream, evaluation, frozen])
  return answered
}
