import { ascii, reader } from './bytes.ts'
import type { ImageHeader } from './types.ts'

/** Lossy (VP8), lossless (VP8L) and extended (VP8X) files. */
export function readWebp(bytes: Uint8Array): ImageHeader {
  const read = reader(bytes)
  const truncated = bytes.length < read.little32(4) + 8
  const kind = ascii(bytes, 12, 16)
  let size: ImageHeader['size'] = null
  if (kind === 'VP8 ') size = { width: read.little16(26) & 0x3fff, height: read.little16(28) & 0x3fff }
  else if (kind === 'VP8L') {
    const bits = read.little32(21)
    size = { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  } else if (kind === 'VP8X') size = { width: read.little24(24) + 1, height: read.little24(27) + 1 }
  return { format: 'webp', size, truncated }
}
