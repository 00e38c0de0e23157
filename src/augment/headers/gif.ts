import { reader } from './bytes.ts'
import type { ImageHeader } from './types.ts'

const EXTENSION = 0x21
const IMAGE = 0x2c

/** Follows the blocks (GIF89a specification, section 12) to the end of the first picture, the only one used. */
export function readGif(bytes: Uint8Array): ImageHeader {
  const read = reader(bytes)
  const size = { width: read.little16(6), height: read.little16(8) }
  let i = 13 + colorTableBytes(read.byte(10))
  while (i < bytes.length) {
    const kind = bytes[i]
    if (kind === EXTENSION) i = afterSubBlocks(bytes, i + 2)
    else if (kind === IMAGE) {
      const data = i + 10 + colorTableBytes(read.byte(i + 9)) + 1
      return { format: 'gif', size, truncated: afterSubBlocks(bytes, data) > bytes.length }
    } else break
  }
  return { format: 'gif', size, truncated: true }
}

/** 3 * 2 ** (n + 1) bytes where bit 7 says that there is a table; n is in the lowest three bits. */
const colorTableBytes = (flags: number): number => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0)

/** Where the data that is cut into counted blocks ends; beyond the file where its last, empty block is missing. */
function afterSubBlocks(bytes: Uint8Array, from: number): number {
  let i = from
  while (i < bytes.length && bytes[i] !== 0) i += 1 + bytes[i]
  return i + 1
}
