import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { beginRecording, keepFrame } from '../../store/index.ts'

/** Between two frames, in ms: about nine a second. */
const PACE = 110
/** Frames that may wait to be kept: a slow machine takes fewer, it does not fill its memory. */
const WAITING = 4
/** A frame's longest side in px: more than any training size needs. */
const LONGEST = 720
/** Taps that follow each other within this time, in ms, show nearly the same: they are one recording. */
const ONE_SCENE = 3000

/** What is being recorded, or was last. */
interface Take {
  key: string
  name: string
  number: number
  frames: number
  endedAt: number
}

export interface Recording {
  /** Frames so far; null where nothing is being recorded. */
  frames: number | null
  /** The last one that ended, and how many frames it added. */
  last: { name: string; frames: number } | null
  begin(of: { key: string; name: string }): void
  end(): void
}

/** Frames of a playing video into a class, from `begin` to `end`: each such hold is one recording. */
export function useRecording(video: RefObject<HTMLVideoElement | null>): Recording {
  const [frames, setFrames] = useState<number | null>(null)
  const [last, setLast] = useState<Recording['last']>(null)
  const take = useRef<Take | null>(null)
  const timer = useRef<ReturnType<typeof setInterval> | null>(null)
  const begun = useRef(0)
  const waiting = useRef(0)

  const grab = useCallback(() => {
    const { current } = take
    const bitmap = current && waiting.current < WAITING ? drawFrame(video.current) : null
    if (!current || !bitmap) return
    current.frames++
    setFrames(current.frames - begun.current)
    waiting.current++
    void keepFrame(current.key, current.number, current.frames, bitmap).finally(() => {
      waiting.current--
    })
  }, [video])

  const end = useCallback(() => {
    if (timer.current === null) return
    clearInterval(timer.current)
    timer.current = null
    const { current } = take
    if (!current) return
    current.endedAt = performance.now()
    setFrames(null)
    const added = current.frames - begun.current
    if (added > 0) setLast({ name: current.name, frames: added })
  }, [])

  const begin = useCallback(
    ({ key, name }: { key: string; name: string }) => {
      if (timer.current !== null) return
      const before = take.current
      const goesOn =
        before?.key === key &&
        before.frames - begun.current <= 1 &&
        performance.now() - before.endedAt < ONE_SCENE
      if (!goesOn) take.current = { key, name, number: beginRecording(key), frames: 0, endedAt: 0 }
      begun.current = take.current?.frames ?? 0
      timer.current = setInterval(grab, PACE)
      setFrames(0)
      grab()
    },
    [grab],
  )

  // Whatever takes the page away ends the recording; what was taken is kept.
  useEffect(() => {
    const hidden = () => document.hidden && end()
    window.addEventListener('blur', end)
    document.addEventListener('visibilitychange', hidden)
    return () => {
      window.removeEventListener('blur', end)
      document.removeEventListener('visibilitychange', hidden)
      end()
    }
  }, [end])

  return { frames, last, begin, end }
}

/** The frame that is shown, unmirrored, at most `LONGEST` px; null before the first. */
function drawFrame(video: HTMLVideoElement | null): ImageBitmap | null {
  if (!video || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null
  const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight))
  const canvas = new OffscreenCanvas(
    Math.round(video.videoWidth * scale),
    Math.round(video.videoHeight * scale),
  )
  // A canvas rather than createImageBitmap, which refuses frames of some cameras.
  canvas.getContext('2d', { alpha: false })?.drawImage(video, 0, 0, canvas.width, canvas.height)
  return canvas.transferToImageBitmap()
}
