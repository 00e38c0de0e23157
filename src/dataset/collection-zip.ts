/** A folder as one zip file. */
import { BlobReader, BlobWriter, TextReader, ZipWriter } from '@zip.js/zip.js'
import { openPhoto } from './photo-source.ts'
import type { GatheredFolder } from './types.ts'

/**
 * Photos and names of a folder, in their directories. Photos are compressed already, so they are stored as they are;
 * one at a time is read, and the browser keeps what is written where it keeps blobs (on disk, as a rule).
 * @throws where a photo cannot be read any more.
 */
export async function zipFolder(folder: Pick<GatheredFolder, 'entries' | 'namesFiles'>): Promise<Blob> {
  const zip = new ZipWriter(new BlobWriter('application/zip'), { level: 0, useWebWorkers: false })
  for (const { path, text } of folder.namesFiles) await zip.add(path, new TextReader(text))
  for (const { path, source } of folder.entries) await zip.add(path, new BlobReader(await openPhoto(source)))
  return zip.close()
}
