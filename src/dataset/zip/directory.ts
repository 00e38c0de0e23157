/** The list at the end of a zip, by zip.js: a chunk of its own, loaded with the first zip. */
import { BlobReader, type Entry, ZipReader } from '@zip.js/zip.js'

/** The entries in order, read from the list alone. @throws where the file is no zip, or a damaged one. */
export async function* zipEntries(
  file: Blob,
  decodeName: (bytes: Uint8Array) => string | undefined,
): AsyncGenerator<Entry> {
  const reader = new ZipReader(new BlobReader(file), {
    // Paths are checked by us, entry by entry; one odd name shall not cost the others.
    filenameValidation: 'tolerant',
    strictness: 'tolerant',
    decodeText: (bytes, _encoding, type) => (type === 'filename' ? decodeName(bytes) : undefined),
  })
  yield* reader.getEntriesGenerator()
}
