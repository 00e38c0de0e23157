/**
 * HEIF and AVIF: boxes of ISO/IEC 14496-12, pictures as items of ISO/IEC 23008-12. A box is its length (4 bytes, or 1
 * and 8 more), four letters and its content.
 */
import { ascii, reader } from './bytes.ts'
import type { ImageHeader } from './types.ts'

interface Box {
  type: string
  /** Of the content, in bytes. */
  from: number
  /** One past the content; may lie beyond a file that is cut off. */
  to: number
}

const HEVC_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'])
const AV1_BRANDS = new Set(['avif', 'avis'])
/** Brands of the container alone: which codec it holds stands with the items. */
const CONTAINER_BRANDS = new Set(['mif1', 'mif2', 'msf1'])

/** Null where the container holds no picture that we know, a film for example. */
export function readHeif(bytes: Uint8Array): ImageHeader | null {
  const boxes = [...boxesIn(bytes, 0, bytes.length)]
  const meta = boxes.find(({ type }) => type === 'meta')
  const ftyp = boxes.at(0)
  const format = ftyp && formatOf(bytes, ftyp, meta)
  if (!format) return null
  // A film's pictures (an animated AVIF) are described by `moov` alone.
  const described = meta !== undefined || boxes.some(({ type }) => type === 'moov')
  const cut = boxes.some(({ to }) => to > bytes.length)
  const parts = meta ? [...boxesIn(bytes, meta.from + 4, Math.min(meta.to, bytes.length))] : []
  const beyond = parts.some((part) => part.type === 'iloc' && itemsEnd(bytes, part) > bytes.length)
  return { format, size: sizeOf(bytes, parts), truncated: !described || cut || beyond }
}

function formatOf(bytes: Uint8Array, ftyp: Box, meta: Box | undefined): 'heic' | 'avif' | null {
  const brands = [ascii(bytes, ftyp.from, ftyp.from + 4)]
  for (let i = ftyp.from + 8; i + 4 <= Math.min(ftyp.to, bytes.length); i += 4)
    brands.push(ascii(bytes, i, i + 4))
  if (brands.some((brand) => AV1_BRANDS.has(brand))) return 'avif'
  if (brands.some((brand) => HEVC_BRANDS.has(brand))) return 'heic'
  if (!brands.some((brand) => CONTAINER_BRANDS.has(brand))) return null
  const items = meta ? ascii(bytes, meta.from, Math.min(meta.to, meta.from + 4096)) : ''
  return items.includes('av01') ? 'avif' : items.includes('hvc1') ? 'heic' : null
}

function* boxesIn(bytes: Uint8Array, from: number, to: number): Generator<Box> {
  const read = reader(bytes)
  let i = from
  while (i + 8 <= to) {
    const short = read.big32(i)
    const header = short === 1 ? 16 : 8
    // 0: to the end of the file.
    const length = short === 0 ? to - i : short === 1 ? read.big64(i + 8) : short
    if (length < header) return
    yield { type: ascii(bytes, i + 4, i + 8), from: i + header, to: i + length }
    i += length
  }
}

/** The largest of the sizes that the item properties name: tiles and thumbnails are smaller than the picture. */
function sizeOf(bytes: Uint8Array, parts: readonly Box[]): ImageHeader['size'] {
  const read = reader(bytes)
  const children = (boxes: readonly Box[], type: string) =>
    boxes.filter((box) => box.type === type).flatMap((box) => [...boxesIn(bytes, box.from, box.to)])
  const properties = children(children(parts, 'iprp'), 'ipco')
  const sizes = properties
    .filter(({ type }) => type === 'ispe')
    .map(({ from }) => ({ width: read.big32(from + 4), height: read.big32(from + 8) }))
  return sizes.sort((a, b) => b.width * b.height - a.width * a.height)[0] ?? null
}

/** Where the last item that lies in the file itself ends, in bytes (`iloc`, versions 0 to 2). */
function itemsEnd(bytes: Uint8Array, { from, to }: Box): number {
  const read = reader(bytes)
  const end = Math.min(to, bytes.length)
  const version = read.byte(from)
  const bytesOf = { offset: read.byte(from + 4) >> 4, length: read.byte(from + 4) & 15 }
  const baseBytes = read.byte(from + 5) >> 4
  const indexBytes = version === 0 ? 0 : read.byte(from + 5) & 15
  const wide = version >= 2
  const count = wide ? read.big32(from + 6) : read.big16(from + 6)
  const number = (at: number, length: number) =>
    length === 8 ? read.big64(at) : length === 4 ? read.big32(at) : 0
  const extentBytes = indexBytes + bytesOf.offset + bytesOf.length
  let last = 0
  let i = from + (wide ? 10 : 8)
  for (let item = 0; item < count && i < end; item++) {
    i += wide ? 4 : 2
    const inFile = version === 0 || (read.big16(i) & 15) === 0
    // The construction method, where there is one, and the index of the file that holds the data.
    i += version === 0 ? 2 : 4
    const base = number(i, baseBytes)
    i += baseBytes
    const extents = read.big16(i)
    i += 2
    // Extents without any bytes say nothing; a hostile file names millions of them.
    for (let extent = 0; extentBytes > 0 && extent < extents && i < end; extent++) {
      const offset = number(i + indexBytes, bytesOf.offset)
      const length = number(i + indexBytes + bytesOf.offset, bytesOf.length)
      i += extentBytes
      if (inFile) last = Math.max(last, base + offset + length)
    }
  }
  return last
}
