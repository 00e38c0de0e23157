import { useEffect, useState } from 'react'
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
  /** Opens the named camera, or any. */
  start(id?: string): Promise<void>
  stop(): void
}

/** One camera at a time; it is closed with the component, and its end is told. */
export function useCamera(): OpenCamera {
  const [stream, setStream] = useState<MediaStream | null>(null)
  const [cameras, setCameras] = useState<readonly Camera[]>([])
  const [failure, setFailure] = useState<OpenCamera['failure']>(null)

  useEffect(() => {
    if (!stream) return
    let gone = false
    const list = () =>
      void listCameras().then((found) => {
        if (!gone) setCameras(found)
      })
    list()
    const forgetLost = onCameraLost(stream, () => {
      setFailure({ code: 'lost', detail: '' })
      setStream(null)
    })
    const forgetChanged = onCamerasChanged(list)
    return () => {
      gone = true
      forgetLost()
      forgetChanged()
      closeCamera(stream)
    }
  }, [stream])

  return {
    stream,
    cameras,
    failure,
    async start(id) {
      setFailure(null)
      try {
        setStream(await openCamera(id))
      } catch (error) {
        setFailure({ code: cameraFailure(error), detail: String(error) })
      }
    },
    stop() {
      setFailure(null)
      setStream(null)
    },
  }
}
