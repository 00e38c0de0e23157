/** The sample photos: one zip beside the page, read like anybody's. `public/samples` says whose they are. */
import { gatherFiles } from './folder.ts'
import { isPhoto } from './formats.ts'
import type { GatherOptions } from './gathering.ts'
import type { GatheredFolder } from './types.ts'

const FILE = 'samples/trashnet-150.zip'
/** The photos are the same at every visit, so the file carries one date: what is kept of them decoded stays valid. */
const MADE = Date.UTC(2026, 0, 1)
/** ms; 1.4 MB come in a second, or within a minute over the slowest of phones. */
const PATIENCE = 60_000

/** Stays as long as the page: opened again, the photos need no server. */
let kept: Promise<File> | undefined

/**
 * The sample photos as a folder that was opened: nothing is asked of any other site.
 * @param base the page's own address
 * @throws where the file does not come or holds no photos
 */
export async function gatherSamples(base: string, options: GatherOptions = {}): Promise<GatheredFolder> {
  kept ??= fetchZip(new URL(FILE, base).href)
  try {
    const folder = await gatherFiles([await kept], options)
    // Their licence and origin travel with the photos, and are nothing that was passed over.
    const entries = folder.entries.filter(({ path }) => isPhoto(path))
    if (entries.length === 0) throw new Error(`${FILE} holds no photos.`)
    return { ...folder, entries }
  } catch (error) {
    kept = undefined
    throw error
  }
}

async function fetchZip(url: string): Promise<File> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) }).catch((cause: unknown) => {
    throw new Error(`${url} could not be fetched: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}.`)
  return new File([await response.blob()], url.slice(url.lastIndexOf('/') + 1), { lastModified: MADE })
}
