import { reader } from './bytes.ts'
import type { ImageHeader } from './types.ts'

/** Follows the segments (ITU-T T.81, annex B); the size is in the frame header, the end is the EOI marker. */
export function readJpeg(bytes: Uint8Array): ImageHeader {
  const read = reader(bytes)
  let size: ImageHeader['size'] = null
  let i = 2
  while (i + 1 < bytes.length) {
    // Entropy-coded data: on to the next marker that is neither a stuffed byte nor a restart.
    if (bytes[i] !== 0xff) {
      i = bytes.indexOf(0xff, i)
      if (i < 0) break
      continue
    }
    const marker = bytes[i + 1]
    if (marker === 0xd9) return { format: 'jpeg', size, truncated: size === null }
    const alone = marker === 0xff || marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)
    if (alone) {
      i += marker === 0xff ? 1 : 2
      continue
    }
    // Start of frame: C0 to CF, without DHT (C4), JPG (C8) and DAC (CC).
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) size = { height: read.big16(i + 5), width: read.big16(i + 7) }
    i += 2 + Math.max(2, read.big16(i + 2))
  }
  return { format: 'jpeg', size, truncated: true }
}
