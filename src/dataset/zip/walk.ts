/** A zip read as a folder: its list of files, none of them unpacked. */
import type { Entry } from '@zip.js/zip.js'
import { isJson, isPhoto, isTable } from '../formats.ts'
import type { Gathering } from '../gathering.ts'
import { problem, summary } from '../problems.ts'
import { decodeText } from '../text.ts'
import type { ProblemCode } from '../types.ts'
import type { ZipEntrySource } from './entry.ts'
import { safePath } from './safe-path.ts'

/** More files are not listed. */
export const MOST_ENTRIES = 200_000
/** One file, unpacked, in bytes: the whole of it is in memory while it is decoded. */
export const MOST_BYTES = 512 * 2 ** 20
/** A photo hardly shrinks; what unpacks to so many times its bytes is no photo but a trap. */
export const MOST_RATIO = 200
/** Below so many bytes no ratio is looked at: a small plain picture shrinks well. */
const RATIO_BYTES = 16 * 2 ** 20

const STORED = 0
const DEFLATED = 8

/** Why an entry is left out. */
type Left = Extract<ProblemCode, 'zip-encrypted' | 'zip-method' | 'zip-too-large' | 'zip-unsafe-path'>

/**
 * Notes the files of a zip below `prefix` ('' for the root). What cannot be unpacked, would fill the memory or points
 * outside is left out and becomes a problem, which is fatal where no photo is left.
 */
export async function walkZip(
  file: File,
  prefix: string,
  gathering: Gathering,
  language: string,
): Promise<void> {
  const left = new Map<Left, string[]>()
  let listed = 0
  let photos = 0
  let broken: string | null = null
  try {
    const { zipEntries } = await import('./directory.ts')
    for await (const entry of zipEntries(file, (bytes) => decodeText(bytes, language))) {
      if (++listed > MOST_ENTRIES) break
      const path = safePath(entry.filename)
      if (path === '') continue
      const whole = path === null ? null : prefix === '' ? path : `${prefix}/${path}`
      if (whole !== null && entry.directory) gathering.directory(whole)
      else if (!entry.directory && !entry.symlink) {
        const why = whole === null ? 'zip-unsafe-path' : whyLeft(entry)
        if (why) (left.get(why) ?? newList(left, why)).push(entry.filename)
        else if (whole !== null) {
          gathering.file(whole, sourceOf(file, entry))
          if (isPhoto(whole)) photos++
        }
      }
      await gathering.breathe()
    }
  } catch (error) {
    // Where the walk was ended by its signal.
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    broken = error instanceof Error ? error.message : String(error)
  }
  const fatal = photos === 0
  if (broken !== null) gathering.problem(problem('zip-broken', { name: file.name, reason: broken }, fatal))
  if (listed > MOST_ENTRIES)
    gathering.problem(problem('zip-too-many', { name: file.name, most: MOST_ENTRIES }))
  for (const [code, names] of left)
    gathering.problem(problem(code, { ...summary(names), ...limits(code) }, fatal))
}

function newList(left: Map<Left, string[]>, why: Left): string[] {
  const names: string[] = []
  left.set(why, names)
  return names
}

/** Of what nobody asks for, nothing is said. */
const isWanted = (path: string): boolean => isPhoto(path) || isJson(path) || isTable(path)

function whyLeft(entry: Entry): Left | null {
  const { filename, encrypted, compressionMethod, uncompressedSize, compressedSize } = entry
  if (!isWanted(filename)) return null
  if (encrypted) return 'zip-encrypted'
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) return 'zip-method'
  const shrunk = uncompressedSize > RATIO_BYTES && uncompressedSize > MOST_RATIO * compressedSize
  return shrunk || uncompressedSize > MOST_BYTES ? 'zip-too-large' : null
}

const limits = (code: Left): Record<string, number> =>
  code === 'zip-too-large' ? { megabytes: MOST_BYTES / 2 ** 20 } : {}

function sourceOf(archive: File, entry: Entry): ZipEntrySource {
  return {
    kind: 'zip',
    archive,
    offset: entry.offset,
    method: entry.compressionMethod === STORED ? 'stored' : 'deflated',
    compressedSize: entry.compressedSize,
    size: entry.uncompressedSize,
    crc32: (entry.crc32 ?? 0) >>> 0,
  }
}
