/** Files that a careful page must answer: cut off, mislabelled, huge, tiny, packed. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { BlobReader, BlobWriter, ZipWriter } from '@zip.js/zip.js'

/** A zip of files by their paths within it. */
export async function writeZip(path: string, files: ReadonlyMap<string, string>): Promise<void> {
  const writer = new ZipWriter(new BlobWriter())
  for (const [name, file] of files) await writer.add(name, new BlobReader(new Blob([await readFile(file)])))
  await writeFile(path, new Uint8Array(await (await writer.close()).arrayBuffer()))
}

/** A gray PNG of 1 bit a pixel: few bytes on disk, four a pixel once decoded. */
export async function writePanorama(path: string, width: number, height: number): Promise<void> {
  const row = Buffer.alloc(1 + Math.ceil(width / 8), 0xaa)
  row[0] = 0
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const chunk = (kind: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(kind), data])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    check.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, check])
  }
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  await writeFile(
    path,
    Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]),
  )
}

/** One of the photos that tests/fixtures/make_photos.py made. */
export const fixture = (name: string) => join(import.meta.dirname, '..', 'tests', 'fixtures', 'photos', name)
