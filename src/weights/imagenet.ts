/**
 * ImageNet's weights: the copy that this browser keeps, else the one that a deployer put beside the page, else the
 * Hugging Face hub's (or a mirror's), checked and kept.
 */
import { z } from 'zod'
import { type DownloadOptions, download } from './download.ts'
import { WeightsError } from './errors.ts'
import { sha256Hex } from './sha256.ts'
import { fetchListed, listedWeights } from './sources.ts'
import type { WeightStore } from './store.ts'
import { openWeightFile } from './weight-file.ts'

/** torchvision's own weights and names on the hub; its server redirects to a content network and allows any origin. */
const HUB = 'https://huggingface.co'
const HUB_PATH = '/timm/resnet18.tv_in1k/resolve/main/model.safetensors'
export const IMAGENET_URL = `${HUB}${HUB_PATH}`
export const IMAGENET_NAME = 'ResNet-18, ImageNet-1k'
/** What a person is told before the download: 46.8 MB. */
export const IMAGENET_MEGABYTES = 46.8
/** No file of float32 values and these names comes near it. */
const LARGEST_BYTES = 64_000_000

/** `conv1.weight[0, 0, 0, :]` of torchvision's ResNet18_Weights.IMAGENET1K_V1, to five digits. */
export const IMAGENET_CONV1_ROW = [
  -0.010419, -0.0061356, -0.0018098, 0.074841, 0.056615, 0.017083, -0.012694,
] as const
const ROW_TOLERANCE = 1e-6

const KEPT_FILE = 'resnet18-imagenet1k.safetensors'
const KEPT_RECORD = 'resnet18-imagenet1k.json'
const recordSchema = z.object({
  bytes: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the file came from. */
  url: z.string(),
})

export interface ImageNetWeights {
  name: string
  data: Uint8Array<ArrayBuffer>
  sha256: string
  /** Where it was found this time. */
  from: 'kept' | 'deployer' | 'network'
  /** Whether it will be there next time without asking the network. */
  kept: boolean
}

export interface ImageNetOptions
  extends Pick<DownloadOptions, 'signal' | 'onProgress' | 'patience' | 'partial'> {
  /** The page's own address. */
  base: string
  store: WeightStore
  /** A mirror's address of the same file, from `mirrorAddress`; the hub's by default. */
  url?: string
}

/**
 * Asks the network only where the file is neither kept nor beside the page. A file that cannot be kept (a full disk)
 * is given all the same.
 * @throws WeightsError
 */
export async function imagenetWeights(options: ImageNetOptions): Promise<ImageNetWeights> {
  return (await keptImageNet(options.store)) ?? (await deployedImageNet(options)) ?? fetchImageNet(options)
}

/** Whether a download was kept; its sha256 is not checked yet. */
export async function hasKeptImageNet(store: WeightStore): Promise<boolean> {
  return (await keptRecord(store)) !== null
}

/**
 * The kept file, its sha256 checked; null where none is kept.
 * @throws WeightsError `checksum` where it changed since; it is removed then, so that the next use downloads it anew.
 */
export async function keptImageNet(store: WeightStore): Promise<ImageNetWeights | null> {
  const record = await keptRecord(store)
  if (!record) return null
  const data = await store.read(KEPT_FILE)
  if (data?.length !== record.bytes || (await sha256Hex(data)) !== record.sha256) {
    await forgetImageNet(store)
    throw new WeightsError('checksum', 'The kept ImageNet weights were damaged and have been removed.')
  }
  return { name: IMAGENET_NAME, data, sha256: record.sha256, from: 'kept', kept: true }
}

export async function forgetImageNet(store: WeightStore): Promise<void> {
  await store.remove(KEPT_RECORD)
  await store.remove(KEPT_FILE)
}

/**
 * The address of the file on a mirror: a whole address is taken as it is, one without a path (a mirror of the hub)
 * gets the hub's path. null where the text is no http(s) address.
 */
export function mirrorAddress(text: string): string | null {
  const trimmed = text.trim()
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  if (!URL.canParse(address) || !/^https?:/i.test(address)) return null
  const url = new URL(address)
  return url.pathname === '/' ? new URL(HUB_PATH, url).href : url.href
}

async function keptRecord(store: WeightStore) {
  const bytes = await store.read(KEPT_RECORD)
  if (!bytes) return null
  try {
    return recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return null
  }
}

async function deployedImageNet(options: ImageNetOptions): Promise<ImageNetWeights | null> {
  const listed = (await listedWeights(options.base, options.signal)).find(
    (model) => model.kind === 'imagenet',
  )
  if (!listed) return null
  const data = await fetchListed(options.base, listed, options)
  checkImageNet(data, `models/${listed.file}`)
  return { name: listed.name, data, sha256: listed.sha256, from: 'deployer', kept: false }
}

async function fetchImageNet(options: ImageNetOptions): Promise<ImageNetWeights> {
  const { store, url = IMAGENET_URL, ...how } = options
  const data = await download(url, { ...how, largest: LARGEST_BYTES, cache: 'no-store' })
  checkImageNet(data, url)
  const sha256 = await sha256Hex(data)
  const kept = await keep(store, data, { bytes: data.length, sha256, url })
  return { name: IMAGENET_NAME, data, sha256, from: 'network', kept }
}

/** The record is written last: without it the file does not count. */
async function keep(
  store: WeightStore,
  data: Uint8Array<ArrayBuffer>,
  record: z.infer<typeof recordSchema>,
): Promise<boolean> {
  try {
    await forgetImageNet(store)
    await store.write(KEPT_FILE, data)
    await store.write(KEPT_RECORD, new TextEncoder().encode(JSON.stringify(record)))
    return true
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error
    return false
  }
}

/** Names, shapes, 1000 classes, and the first row of the first filter. @throws WeightsError */
function checkImageNet(data: Uint8Array, from: string): void {
  const { state, classes } = openWeightFile(data)
  if (classes !== 1000)
    throw new WeightsError(
      'architecture',
      `The file from ${from} has ${classes ?? 'no'} classes, ImageNet has 1000.`,
    )
  const row = state.get('conv1.weight')?.data.slice(0, IMAGENET_CONV1_ROW.length)
  if (!row || IMAGENET_CONV1_ROW.some((value, i) => Math.abs(Number(row[i]) - value) > ROW_TOLERANCE))
    throw new WeightsError('checksum', `The file from ${from} does not hold torchvision's ImageNet weights.`)
}
