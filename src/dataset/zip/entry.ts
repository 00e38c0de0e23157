/** One file of a zip: found again by its place, inflated on demand, in the page or in a worker. */

/** Plain data that survives structured cloning. Sizes in bytes. */
export interface ZipEntrySource {
  kind: 'zip'
  archive: File
  /** Of the entry's local header within the archive. */
  offset: number
  method: 'stored' | 'deflated'
  compressedSize: number
  /** Once unpacked. */
  size: number
  crc32: number
}

/** The entry is damaged: what is unpacked is not what the archive's list says. */
export class ZipEntryError extends Error {}

const LOCAL_HEADER_BYTES = 30
const LOCAL_HEADER = 0x04034b50

/**
 * The entry's bytes: only these are read from the archive.
 * @throws ZipEntryError where they are damaged, a DOMException where the archive can no longer be read.
 */
export async function openZipEntry(entry: ZipEntrySource): Promise<Blob> {
  const { archive, offset, method, compressedSize, size, crc32 } = entry
  const header = new DataView(await archive.slice(offset, offset + LOCAL_HEADER_BYTES).arrayBuffer())
  if (header.byteLength < LOCAL_HEADER_BYTES || header.getUint32(0, true) !== LOCAL_HEADER)
    throw new ZipEntryError('no file where the list says')
  // The name and the extra field stand here once more, and may be of another length than in the list.
  const from = offset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true)
  const packed = archive.slice(from, from + compressedSize)
  if (packed.size < compressedSize) throw new ZipEntryError('the archive is cut off')
  const bytes = method === 'stored' ? new Uint8Array(await packed.arrayBuffer()) : await inflate(packed, size)
  if (bytes.length !== size || checksum(bytes) !== crc32)
    throw new ZipEntryError('the bytes are not those that were packed')
  return new Blob([bytes])
}

/** Never takes more than `size` bytes of memory for the result, whatever the packed bytes would give. */
async function inflate(packed: Blob, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const result = new Uint8Array(size)
  const reader = packed.stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  let filled = 0
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (filled + next.value.length > size) throw new ZipEntryError('more bytes than the list says')
      result.set(next.value, filled)
      filled += next.value.length
    }
  } catch (error) {
    await reader.cancel().catch(() => {})
    // A TypeError: what was read is no deflated data.
    throw error instanceof TypeError ? new ZipEntryError(error.message) : error
  }
  return result.subarray(0, filled)
}

/** CRC-32 of ISO 3309, reflected, one table entry a byte. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

export function checksum(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (let i = 0; i < bytes.length; i++) value = (value >>> 8) ^ CRC_TABLE[(value ^ bytes[i]) & 0xff]
  return ~value >>> 0
}
