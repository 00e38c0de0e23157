/** The three places that weights come from: built in, ImageNet (`imagenet.ts`), a person's file. */
import { z } from 'zod'
import { type DownloadOptions, download } from './download.ts'
import { WeightsError } from './errors.ts'
import { sha256Hex } from './sha256.ts'
import { openWeightFile, type WeightFile } from './weight-file.ts'

const listedSchema = z.object({
  /** `builtin`, or `imagenet` for a copy that a deployer puts beside the page. */
  kind: z.enum(['builtin', 'imagenet']),
  name: z.string(),
  /** Beside the index. */
  file: z.string().regex(/^[\w.-]+\.(safetensors|pth|pt)$/),
  bytes: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Outputs of its classifier; null where it has none. */
  classes: z.int().min(2).nullable(),
  /** Side in px of the photos that it was trained on. */
  size: z.int().min(32),
  license: z.string(),
  description: z.string(),
  /** Top-1 on its own validation photos, 0..1; null where it was not measured, or cannot be without a classifier. */
  accuracy: z.object({ dataset: z.string(), top1: z.number().min(0).max(1) }).nullable(),
})
/** In bytes. */
const LARGEST_INDEX = 1_000_000
const indexSchema = z.object({ models: z.array(listedSchema) })
export type ListedWeights = z.infer<typeof listedSchema>

/** An opened source, ready to start from. */
export interface SourceWeights {
  kind: 'builtin' | 'imagenet' | 'file'
  name: string
  /** Of the file. */
  bytes: number
  /** Of the file, hex. */
  sha256: string
  file: WeightFile
}

/**
 * What stands in `models/` beside the page.
 * @param base the page's own address (a worker's address is another one).
 */
export async function listedWeights(base: string, signal?: AbortSignal): Promise<ListedWeights[]> {
  const url = new URL('models/index.json', base)
  const bytes = await download(url.href, { signal, largest: LARGEST_INDEX })
  try {
    return indexSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).models
  } catch (cause) {
    throw new WeightsError('not-weights', 'models/index.json is not a list of weights.', { cause })
  }
}

/** A listed file, its length and sha256 checked. @throws WeightsError */
export async function fetchListed(
  base: string,
  listed: ListedWeights,
  how: Pick<DownloadOptions, 'signal' | 'onProgress' | 'patience'> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(`models/${listed.file}`, base)
  const bytes = await download(url.href, { ...how, largest: listed.bytes })
  if (bytes.length !== listed.bytes || (await sha256Hex(bytes)) !== listed.sha256)
    throw new WeightsError('checksum', `models/${listed.file} is not the file that models/index.json lists.`)
  return bytes
}

/** The built-in weights: needs nothing but what the page itself was served from. */
export async function builtinWeights(
  base: string,
  how: Pick<DownloadOptions, 'signal' | 'onProgress'> = {},
): Promise<SourceWeights> {
  const listed = (await listedWeights(base, how.signal)).find((model) => model.kind === 'builtin')
  if (!listed) throw new WeightsError('not-weights', 'models/index.json lists no built-in weights.')
  return openSource('builtin', listed.name, await fetchListed(base, listed, how))
}

/** Opens the bytes of a source. @throws WeightsError */
export async function openSource(
  kind: SourceWeights['kind'],
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<SourceWeights> {
  return { kind, name, bytes: bytes.length, sha256: await sha256Hex(bytes), file: openWeightFile(bytes) }
}
