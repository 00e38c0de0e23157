/**
 * What the first bytes of an image file say (format and size in px), and whether the file is whole. Browsers
 * decode what there is of a cut-off file and fill the rest with grey; that must not be trained on.
 */

export type ImageFormat = 'jpeg' | 'png' | 'gif' | 'webp' | 'bmp' | 'avif'

export interface ImageHeader {
  format: ImageFormat
  /** In px, as stored (before an orientation is applied); null where only the decoder knows. */
  size: { width: number; height: number } | null
  /** Whether the file ends before its picture does. */
  truncated: boolean
}

const ascii = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to))

/** The header of an image file, or null where the bytes are no image that browsers decode. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return readJpeg(bytes)
  if (bytes[0] === 0x89 && ascii(bytes, 1, 4) === 'PNG') return readPng(bytes)
  if (ascii(bytes, 0, 4) === 'GIF8') return readGif(bytes)
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return readWebp(bytes)
  if (ascii(bytes, 0, 2) === 'BM') return readBmp(bytes)
  if (ascii(bytes, 4, 8) === 'ftyp' && /avif|avis/.test(ascii(bytes, 8, 40)))
    return { format: 'avif', size: null, truncated: false }
  return null
}

/** A view that answers 0 beyond the end, so that a cut-off header reads as such and not as an exception. */
function reader(bytes: Uint8Array) {
  const at = (i: number) => bytes[i] ?? 0
  return {
    big16: (i: number) => (at(i) << 8) | at(i + 1),
    big32: (i: number) => ((at(i) << 24) | (at(i + 1) << 16) | (at(i + 2) << 8) | at(i + 3)) >>> 0,
    little16: (i: number) => at(i) | (at(i + 1) << 8),
    little24: (i: number) => at(i) | (at(i + 1) << 8) | (at(i + 2) << 16),
    little32: (i: number) => (at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24)) >>> 0,
  }
}

/** Follows the segments (ITU-T T.81, annex B); the size is in the frame header, the end is the EOI marker. */
function readJpeg(bytes: Uint8Array): ImageHeader {
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

/** Follows the chunks to IEND. */
function readPng(bytes: Uint8Array): ImageHeader {
  const read = reader(bytes)
  const size = { width: read.big32(16), height: read.big32(20) }
  let i = 8
  while (i + 12 <= bytes.length) {
    if (ascii(bytes, i + 4, i + 8) === 'IEND') return { format: 'png', size, truncated: false }
    i += 12 + read.big32(i)
  }
  return { format: 'png', size, truncated: true }
}

function readGif(bytes: Uint8Array): ImageHeader {
  const read = reader(bytes)
  return {
    format: 'gif',
    size: { width: read.little16(6), height: read.little16(8) },
    truncated: bytes.length < 14,
  }
}

/** Lossy (VP8), lossless (VP8L) and extended (VP8X) files. */
function readWebp(bytes: Uint8Array): ImageHeader {
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

/** The height is negative where the rows run downwards. */
function readBmp(bytes: Uint8Array): ImageHeader {
  const read = reader(bytes)
  return {
    format: 'bmp',
    size: { width: read.little32(18), height: Math.abs(read.little32(22) | 0) },
    truncated: bytes.length < read.little32(2),
  }
}
