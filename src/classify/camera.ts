/** The person's cameras. Nothing is recorded. */

export interface Camera {
  id: string
  /** Empty until the person allowed a camera. */
  label: string
}

/** Browsers give cameras to pages on https:// and on this machine only. */
export class InsecureAddressError extends Error {
  override readonly name = 'InsecureAddressError'
}

export const canUseCameras = (): boolean => navigator.mediaDevices !== undefined

export async function listCameras(): Promise<Camera[]> {
  const devices = await navigator.mediaDevices.enumerateDevices()
  return devices
    .filter((device) => device.kind === 'videoinput')
    .map(({ deviceId, label }) => ({ id: deviceId, label }))
}

/** Tells of cameras that come and go. Returns a stop function. */
export function onCamerasChanged(listener: () => void): () => void {
  navigator.mediaDevices.addEventListener('devicechange', listener)
  return () => navigator.mediaDevices.removeEventListener('devicechange', listener)
}

/**
 * Asks for a camera: the named one, or the one that looks away from the person.
 * @throws DOMException or InsecureAddressError
 */
export async function openCamera(id?: string): Promise<MediaStream> {
  if (!canUseCameras()) throw new InsecureAddressError('this address has no cameras')
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

/**
 * Tells where the camera ends by itself: unplugged, switched off, or its permission taken back. A camera that the
 * page closes is not told. Returns a stop function.
 */
export function onCameraLost(stream: MediaStream, listener: () => void): () => void {
  const tracks = stream.getVideoTracks()
  for (const track of tracks) track.addEventListener('ended', listener)
  return () => {
    for (const track of tracks) track.removeEventListener('ended', listener)
  }
}

/** Whether the picture is shown mirrored: as people expect of a camera that looks at them. */
export function isMirrored(stream: MediaStream): boolean {
  return stream.getVideoTracks()[0]?.getSettings().facingMode !== 'environment'
}

/** `lost`: it ran and then ended by itself. */
export type CameraFailure = 'denied' | 'none' | 'busy' | 'insecure' | 'lost' | 'unknown'

/** What went wrong with `openCamera`, by the exception's name. */
export function cameraFailure(error: unknown): Exclude<CameraFailure, 'lost'> {
  const name = error instanceof Error ? error.name : ''
  if (error instanceof InsecureAddressError) return 'insecure'
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none'
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy'
  return 'unknown'
}
