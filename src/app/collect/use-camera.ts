import { useCallback, useEffect, useRef, useState } from 'react'
import {
  type Camera,
  type CameraFailure,
  cameraFailure,
  closeCamera,
  listCameras,
  onCameraLost,
  openCamera,
} from '../../classify/index.ts'

export interface CameraState {
  stream: MediaStream | null
  cameras: readonly Camera[]
  failure: { code: CameraFailure; detail: string } | null
  /** Opens the named camera, or any. */
  start(id?: string): Promise<void>
  stop(): void
}

/** A camera that is closed with the page's part that uses it; one that goes away by itself is told. */
export function useCamera(startsAtOnce: boolean): CameraState {
  const [stream, setStream] = useState<MediaStream | null>(null)
  const [cameras, setCameras] = useState<readonly Camera[]>([])
  const [failure, setFailure] = useState<CameraState['failure']>(null)
  /** Counts requests: an answer that comes after another request, or after the end, closes its camera again. */
  const asked = useRef(0)

  const start = useCallback(async (id?: string) => {
    const own = ++asked.current
    setFailure(null)
    try {
      const opened = await openCamera(id)
      if (own !== asked.current) return closeCamera(opened)
      setStream(opened)
      setCameras(await listCameras())
    } catch (error) {
      if (own === asked.current) setFailure({ code: cameraFailure(error), detail: String(error) })
    }
  }, [])
  const stop = useCallback(() => {
    asked.current++
    setStream(null)
  }, [])

  useEffect(() => {
    if (!stream) return
    const unfollow = onCameraLost(stream, () => {
      setFailure({ code: 'lost', detail: '' })
      setStream(null)
    })
    return () => {
      unfollow()
      closeCamera(stream)
    }
  }, [stream])

  useEffect(() => {
    if (startsAtOnce) void start()
    return () => {
      asked.current++
    }
  }, [startsAtOnce, start])

  return { stream, cameras, failure, start, stop }
}
