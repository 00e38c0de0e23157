import { reader } from './bytes.ts'
import type { ImageHeader } from './types.ts'

/** The height is negative where the rows run downwards. */
export function readBmp(bytes: Uint8Array): ImageHeader {
  const read = reader(bytes)
  return {
    format: 'bmp',
    size: { width: read.little32(18), height: Math.abs(read.little32(22) | 0) },
    truncated: bytes.length < read.little32(2),
  }
}
