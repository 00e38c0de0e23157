import { ascii, reader } from './bytes.ts'
import type { ImageHeader } from './types.ts'

/** Follows the chunks to IEND. */
export function readPng(bytes: Uint8Array): ImageHeader {
  const read = reader(bytes)
  const size = { width: read.big32(16), height: read.big32(20) }
  let i = 8
  while (i + 12 <= bytes.length) {
    if (ascii(bytes, i + 4, i + 8) === 'IEND') return { format: 'png', size, truncated: false }
    i += 12 + read.big32(i)
  }
  return { format: 'png', size, truncated: true }
}
