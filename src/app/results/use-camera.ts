import { useEffect, useRef, useState } from 'react'
import {
  type Camera,
  type CameraFailure,
  cameraFailure,
  closeCamera,
  listCameras,
  onCameraLost,
  onCamerasChanged,
  openCamera,
} from '../../classify/index.ts'

export interface OpenCamera {
  stream: MediaStream | null
  cameras: readonly Camera[]
  failure: { code: CameraFailure; detail: string } | null
  /** Asked for, not yet given: the browser may be asking the person. */
  opening: boolean
  /** Opens the named camera, or any. */
  start(id?: string): Promise<void>
  stop(): void
}

/** One camera at a time; it is closed with the component, and its end is told. */
export function useCamera(): OpenCamera {
  const [stream, setStream] = useState<MediaStream | null>(null)
  const [cameras, setCameras] = useState<readonly Camera[]>([])
  const [failure, setFailure] = useState<OpenCamera['failure']>(null)
  const [opening, setOpening] = useState(false)
  /** The person may leave while the browser still asks. */
  const gone = useRef(false)

  useEffect(() => {
    gone.current = false
    return () => {
      gone.current = true
    }
  }, [])

  useEffect(() => {
    if (!stream) return
    let closed = false
    const list = () =>
      void listCameras().then((found) => {
        if (!closed) setCameras(found)
      })
    list()
    const forgetLost = onCameraLost(stream, () => {
      setFailure({ code: 'lost', detail: '' })
      setStream(null)
    })
    const forgetChanged = onCamerasChanged(list)
    return () => {
      closed = true
      forgetLost()
      forgetChanged()
      closeCamera(stream)
    }
  }, [stream])

  return {
    stream,
    cameras,
    failure,
    opening,
    async start(id) {
      setFailure(null)
      setOpening(true)
      // Many phones give one camera at a time.
      if (stream) closeCamera(stream)
      try {
        const opened = await openCamera(id)
        if (gone.current) closeCamera(opened)
        else setStream(opened)
      } catch (error) {
        setStream(null)
        setFailure({ code: cameraFailure(error), detail: String(error) })
      } finally {
        setOpening(false)
      }
    },
    stop() {
      setFailure(null)
      setStream(null)
    },
  }
}
