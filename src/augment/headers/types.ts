export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'bmp' | 'avif' | 'heic' | 'tiff'

export interface ImageHeader {
  format: ImageFormat
  /** In px, as stored (before an orientation is applied); null where only the decoder knows. */
  size: { width: number; height: number } | null
  /** Whether the file ends before its picture does. */
  truncated: boolean
}
