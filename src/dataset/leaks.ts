/** Photos that validate and train at the same time: validation then measures memory, not knowledge. */
import { groupBy } from './group-by.ts'
import { openPhoto } from './photo-source.ts'
import { problem } from './problems.ts'
import type { Problem, Sample } from './types.ts'

/** Files that are looked at in one go. */
const AT_ONCE = 16

interface SizedPhoto {
  sample: Sample
  bytes: number
}

/**
 * The problem `leaked-photos` where validation photos have the very bytes of a training photo, under whatever name.
 * Only files of one size are read. What cannot be read is none: it is said elsewhere.
 */
export async function findLeaks(samples: readonly Sample[]): Promise<Problem[]> {
  const sized = await sizesOf(samples.filter(({ split }) => split !== 'test'))
  const leaked: [valid: Sample, train: Sample][] = []
  for (const group of groupBy(sized, ({ bytes }) => bytes).values()) {
    const trained = group.filter(({ sample }) => sample.split === 'train')
    const validated = group.filter(({ sample }) => sample.split === 'valid')
    if (trained.length > 0 && validated.length > 0)
      leaked.push(...(await sameBytes(sampleOf(trained), sampleOf(validated))))
  }
  if (leaked.length === 0) return []
  const [[{ path }, { path: other }]] = leaked
  return [problem('leaked-photos', { count: leaked.length, example: path, other })]
}

const sampleOf = (group: readonly SizedPhoto[]) => group.map(({ sample }) => sample)

async function sizesOf(samples: readonly Sample[]): Promise<SizedPhoto[]> {
  const sized = await inTurn(samples, async (sample) => {
    const bytes = await sizeOf(sample)
    return bytes === null || bytes === 0 ? [] : [{ sample, bytes }]
  })
  return sized.flat()
}

/** In bytes, from the directory; null for what would have to be fetched or cannot be read. */
async function sizeOf({ source }: Sample): Promise<number | null> {
  if (source.kind === 'url') return null
  if (source.kind === 'zip') return source.size
  try {
    return (await openPhoto(source)).size
  } catch {
    return null
  }
}

/** Of photos of one size: those that validate with a training photo's bytes, and that photo. */
async function sameBytes(trained: readonly Sample[], validated: readonly Sample[]) {
  const byHash = new Map<number, Sample[]>()
  await inTurn(trained, async (sample) => {
    const bytes = await bytesOf(sample)
    if (!bytes) return
    const key = hash(bytes)
    byHash.set(key, [...(byHash.get(key) ?? []), sample])
  })
  const found = await inTurn(validated, async (sample): Promise<[Sample, Sample][]> => {
    const bytes = await bytesOf(sample)
    // Two photos of one hash are not yet the same.
    for (const candidate of (bytes && byHash.get(hash(bytes))) ?? []) {
      const other = await bytesOf(candidate)
      if (bytes && other && bytes.every((byte, i) => byte === other[i])) return [[sample, candidate]]
    }
    return []
  })
  return found.flat()
}

async function bytesOf({ source }: Sample): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await (await openPhoto(source)).arrayBuffer())
  } catch {
    return null
  }
}

/** 32-bit FNV-1a of the bytes. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c9dc5
  for (let i = 0; i < bytes.length; i++) value = Math.imul(value ^ bytes[i], 0x01000193)
  return value >>> 0
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))))
  return results
}
