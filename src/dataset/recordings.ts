/** Recordings of a camera: directories of frames that are nearly the same photo. */

/** Whether a directory holds the frames of one recording. */
export const isRecording = (directory: string): boolean => /^recording-./.test(directory)

/**
 * The path of the recording that a photo is a frame of, or null: a directory `recording-...` below the class's own
 * folder. A class may itself be called `recording-1`.
 */
export function recordingOf(path: string, classId: string): string | null {
  const parts = path.split('/')
  const classDepth = parts.findIndex((part) => part.normalize() === classId)
  for (let depth = parts.length - 2; depth > classDepth; depth--)
    if (isRecording(parts[depth])) return parts.slice(0, depth + 1).join('/')
  return null
}
