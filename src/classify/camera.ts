/** The person's cameras. Nothing is recorded. */

export interface Camera {
  id: string
  /** Empty until the person allowed a camera. */
  label: string
}

export async function listCameras(): Promise<Camera[]> {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices
    .filter((device) => device.kind === 'videoinput')
    .map(({ deviceId, label }) => ({ id: deviceId, label }))
}

/** Asks for a camera: the named one, or the one that looks away from the person. @throws DOMException */
export function openCamera(id?: string): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({
    audio: false,
    video: {
      width: { ideal: 1280 },
      height: { ideal: 720 },
      ...(id ? { deviceId: { exact: id } } : { facingMode: { ideal: 'environment' } }),
    },
  })
}

export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

/** Whether the picture is shown mirrored: as people expect of a camera that looks at them. */
export function isMirrored(stream: MediaStream): boolean {
  return stream.getVideoTracks()[0]?.getSettings().facingMode !== 'environment'
}

export type CameraFailure = 'denied' | 'none' | 'busy' | 'unknown'

/** What went wrong with `openCamera`, by the DOMException's name. */
export function cameraFailure(error: unknown): CameraFailure {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError' || name === 'TypeError') return 'none'
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy'
  return 'unknown'
}
