/** TIFF 6.0 and BigTIFF: the first directory names the picture's size and where its strips or tiles lie. */
import { reader } from './bytes.ts'
import type { ImageHeader } from './types.ts'

const WIDTH = 256
const HEIGHT = 257
const STRIP_OFFSETS = 273
const STRIP_BYTES = 279
const TILE_OFFSETS = 324
const TILE_BYTES = 325

/** Bytes of one value, by field type (1: BYTE to 13: IFD, and BigTIFF's 16 to 18). */
const VALUE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8]

/** Field types of sizes and places: SHORT, LONG, LONG8. */
const WHOLE_NUMBERS = new Set([3, 4, 16])

const BIG = 43

export function readTiff(bytes: Uint8Array): ImageHeader {
  const read = reader(bytes)
  const little = bytes[0] === 0x49
  const u16 = little ? read.little16 : read.big16
  const u32 = little ? read.little32 : read.big32
  const u64 = little ? read.little64 : read.big64
  const big = u16(2) === BIG
  // Classic and BigTIFF directories differ in the widths of offsets and counts only.
  const pointer = big ? u64 : u32
  const pointerBytes = big ? 8 : 4
  const directory = pointer(big ? 8 : 4)
  const entries = big ? u64(directory) : u16(directory)
  const entryBytes = 4 + 2 * pointerBytes
  const first = directory + (big ? 8 : 2)
  const end = first + entries * entryBytes
  if (entries === 0 || end > bytes.length) return { format: 'tiff', size: null, truncated: true }

  const values = new Map<number, number[]>()
  for (let i = first; i < end; i += entryBytes) {
    const type = u16(i + 2)
    const width = VALUE_BYTES[type] ?? 0
    const count = pointer(i + 4)
    const field = i + 4 + pointerBytes
    const at = count * width <= pointerBytes ? field : pointer(field)
    if (at + count * width > bytes.length) return { format: 'tiff', size: null, truncated: true }
    if (!WHOLE_NUMBERS.has(type)) continue
    const value = width === 2 ? u16 : width === 4 ? u32 : u64
    values.set(
      u16(i),
      Array.from({ length: count }, (_, k) => value(at + k * width)),
    )
  }
  const [width, height] = [values.get(WIDTH)?.[0], values.get(HEIGHT)?.[0]]
  const offsets = values.get(STRIP_OFFSETS) ?? values.get(TILE_OFFSETS) ?? []
  const lengths = values.get(STRIP_BYTES) ?? values.get(TILE_BYTES) ?? []
  const beyond = offsets.some((offset, k) => offset + (lengths[k] ?? 0) > bytes.length)
  return {
    format: 'tiff',
    size: width && height ? { width, height } : null,
    truncated: beyond || offsets.length === 0,
  }
}
