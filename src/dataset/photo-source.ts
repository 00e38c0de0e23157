import type { PhotoSource } from './types.ts'
import { openZipEntry } from './zip/entry.ts'

/**
 * A photo's bytes, in the page or in a worker. A handle is read anew, so the file is the one on disk now.
 * @throws a DOMException where a handle's file is gone (NotFoundError) or may not be read (NotAllowedError), an Error
 * where an address does not answer or a file within a zip is damaged.
 */
export async function openPhoto(source: PhotoSource): Promise<Blob> {
  switch (source.kind) {
    case 'file':
      return source.file
    case 'handle':
      return await source.handle.getFile()
    case 'zip':
      return await openZipEntry(source)
    case 'url': {
      const response = await fetch(source.url)
      if (!response.ok) throw new Error(`${source.url}: HTTP ${response.status}`)
      return await response.blob()
    }
  }
}
