/**
 * What the first bytes of an image file say (format and size in px), and whether the file is whole. Browsers
 * decode what there is of a cut-off file and fill the rest with grey; that must not be trained on. The file's name
 * says nothing here.
 */
import { readBmp } from './headers/bmp.ts'
import { ascii } from './headers/bytes.ts'
import { readGif } from './headers/gif.ts'
import { readHeif } from './headers/heif.ts'
import { readJpeg } from './headers/jpeg.ts'
import { readPng } from './headers/png.ts'
import { readTiff } from './headers/tiff.ts'
import type { ImageHeader } from './headers/types.ts'
import { readWebp } from './headers/webp.ts'

export type { ImageFormat, ImageHeader } from './headers/types.ts'

const TIFF_STARTS = new Set(['II*\0', 'MM\0*', 'II+\0', 'MM\0+'])

/** The header of an image file, or null where the bytes are no image that is read here. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return readJpeg(bytes)
  if (bytes[0] === 0x89 && ascii(bytes, 1, 4) === 'PNG') return readPng(bytes)
  if (ascii(bytes, 0, 4) === 'GIF8') return readGif(bytes)
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return readWebp(bytes)
  if (ascii(bytes, 0, 2) === 'BM') return readBmp(bytes)
  if (ascii(bytes, 4, 8) === 'ftyp') return readHeif(bytes)
  if (TIFF_STARTS.has(ascii(bytes, 0, 4))) return readTiff(bytes)
  return null
}
