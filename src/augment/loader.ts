/** What a loader worker does: photos in, augmented batches out. One instance a worker; Comlink serves it. */
import { expose, transfer } from 'comlink'
import { openPhoto } from '../dataset/photo-source.ts'
import type { Sample } from '../dataset/types.ts'
import { ZipEntryError } from '../dataset/zip/entry.ts'
import type { Augmentation } from '../recipe/index.ts'
import { ByteBudget } from './byte-budget.ts'
import { decodePhoto } from './decode.ts'
import type { LibraryFormat } from './decoders/index.ts'
import { KeptPhotos } from './kept-photos.ts'
import { PHOTO_FAILURES, PhotoError, type PhotoFailure } from './photo-error.ts'
import { PhotoPack } from './photo-pack.ts'
import { applyTransform, keptResize, outputSize } from './transform.ts'
import type {
  KeptResize,
  LibraryTime,
  LoaderApi,
  LoaderOptions,
  LoaderStats,
  PhotoBatch,
  Pixels,
  Transform,
} from './types.ts'

/** Photos that are read and decoded at one time: the browser decodes on threads of its own. */
const AT_ONCE = 4
const JPEG_QUALITY = 0.85
/** Failures that the same file has each time. */
const LASTING: ReadonlySet<PhotoFailure> = new Set([
  'empty',
  'not-an-image',
  'cut-off',
  'damaged',
  'damaged-in-zip',
  'unsupported-kind',
  'too-large',
])

/** A file as it is now: what it is kept under, and its bytes. */
interface OpenedPhoto {
  identity: string
  open(): Promise<Blob>
}

export class Loader implements LoaderApi {
  private kept = new KeptPhotos(0, null)
  private budget = new ByteBudget(0)
  private pack: PhotoPack | null = null
  private decoded = 0
  private times = new Map<LibraryFormat, LibraryTime>()
  /** Photos that cannot be decoded, so that they are not tried again each epoch. */
  private undecodable = new Map<string, PhotoFailure>()
  /** The last piece of work on a photo: a second request waits for it and then finds the photo kept. */
  private busy = new Map<string, Promise<unknown>>()

  async configure(options: LoaderOptions): Promise<void> {
    this.pack?.close()
    this.pack = options.disk > 0 ? await PhotoPack.open(options.index, options.count, options.disk) : null
    this.kept = new KeptPhotos(options.memory, this.pack)
    this.budget = new ByteBudget(options.decoding)
  }

  connect(port: MessagePort): void {
    expose(this, port)
  }

  async load(samples: readonly Sample[], transform: Transform): Promise<PhotoBatch> {
    const size = outputSize(transform)
    const wanted = keptResize(transform)
    const photoBytes = size * size * 3
    const keep = transform.kind === 'train' || transform.keep !== false
    const pixels = new Uint8Array(samples.length * photoBytes)
    const reasons = await forEachAtOnce(samples, async (sample, index) => {
      const [kept] = await this.photo(sample, [wanted], keep)
      pixels.set(applyTransform(kept, sample.path, transform), index * photoBytes)
    })
    const batch = withoutFailed(pixels, size, reasons)
    return transfer(batch, [batch.pixels.buffer, batch.rows.buffer])
  }

  async prepare(
    samples: readonly Sample[],
    sizes: readonly KeptResize[],
  ): Promise<{ path: string; reason: string }[]> {
    // Training and validation often ask for the same size.
    const distinct = [...new Map(sizes.map((size) => [`${size.kind} ${size.side}`, size])).values()]
    const reasons = await forEachAtOnce(samples, async (sample) => {
      await this.photo(sample, distinct)
    })
    return reasons.flatMap((reason, i) => (reason === null ? [] : [{ path: samples[i].path, reason }]))
  }

  async thumbnail(sample: Sample, side: number): Promise<Blob> {
    const [kept] = await this.photo(sample, [{ kind: 'long-at-most', side }])
    const canvas = new OffscreenCanvas(kept.width, kept.height)
    canvas.getContext('2d')?.putImageData(toImageData(kept), 0, 0)
    return await canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY })
  }

  async preview(
    sample: Sample,
    augmentation: Augmentation,
    seed: number,
    count: number,
  ): Promise<ImageData[]> {
    const at = (epoch: number): Transform => ({ kind: 'train', augmentation, seed, stage: 'head', epoch })
    const [kept] = await this.photo(sample, [keptResize(at(1))])
    const side = outputSize(at(1))
    return Array.from({ length: count }, (_, i) =>
      toImageData({ width: side, height: side, data: applyTransform(kept, sample.path, at(i + 1)) }),
    )
  }

  async stats(): Promise<LoaderStats> {
    return { decoded: this.decoded, memory: this.kept.memoryBytes, disk: this.kept.diskBytes }
  }

  async libraryTimes(): Promise<LibraryTime[]> {
    return [...this.times.values()]
  }

  async forget(): Promise<void> {
    this.kept.clear()
    this.undecodable.clear()
  }

  /** A photo in each of `sizes`, kept or decoded. @throws with a reason. */
  private async photo(sample: Sample, sizes: readonly KeptResize[], keep = true): Promise<Pixels[]> {
    const opened = await openSample(sample).catch((error: unknown) => {
      throw new Error(reasonOf(error))
    })
    const { identity } = opened
    const before = this.busy.get(identity)
    const work = (async () => {
      // Its failure is reported where it was asked for.
      await before?.catch(() => {})
      return await this.keptOrDecoded(opened, sizes, keep)
    })()
    this.busy.set(identity, work)
    try {
      return await work
    } finally {
      if (this.busy.get(identity) === work) this.busy.delete(identity)
    }
  }

  private async keptOrDecoded(
    photo: OpenedPhoto,
    sizes: readonly KeptResize[],
    keep: boolean,
  ): Promise<Pixels[]> {
    const keys = sizes.map(({ kind, side }) => `${photo.identity}\n${kind} ${side}`)
    const found = keys.map((key) => this.kept.get(key))
    const missing = sizes.filter((_, i) => found[i] === null)
    if (missing.length === 0) return found.filter((pixels) => pixels !== null)

    const known = this.undecodable.get(photo.identity)
    if (known !== undefined) throw new PhotoError(known)
    const decoded = await this.decode(photo, missing)
    let next = 0
    return keys.map((key, i) => {
      const kept = found[i]
      if (kept) return kept
      const pixels = decoded[next++]
      if (keep) this.kept.put(key, pixels)
      return pixels
    })
  }

  private async decode(photo: OpenedPhoto, sizes: readonly KeptResize[]): Promise<Pixels[]> {
    try {
      const file = await photo.open()
      const pixels = await decodePhoto(file, sizes, this.budget, (format, milliseconds) => {
        const before = this.times.get(format) ?? { format, photos: 0, milliseconds: 0 }
        this.times.set(format, {
          format,
          photos: before.photos + 1,
          milliseconds: before.milliseconds + milliseconds,
        })
      })
      this.decoded++
      return pixels
    } catch (thrown) {
      const error = thrown instanceof ZipEntryError ? new PhotoError('damaged-in-zip') : thrown
      if (error instanceof PhotoError && LASTING.has(error.code))
        this.undecodable.set(photo.identity, error.code)
      throw error
    }
  }
}

/**
 * Files are kept under path, size and date, so that a changed one is decoded anew; those of a zip under the archive's
 * date and their checksum too; addresses under themselves.
 */
async function openSample({ path, source }: Sample): Promise<OpenedPhoto> {
  if (source.kind === 'url') return { identity: source.url, open: () => openPhoto(source) }
  if (source.kind === 'zip') {
    const { archive, size, crc32 } = source
    const identity = `${path}\n${size}\n${archive.lastModified} ${crc32}`
    return { identity, open: () => openPhoto(source) }
  }
  const file = source.kind === 'file' ? source.file : await source.handle.getFile()
  return { identity: `${path}\n${file.size}\n${file.lastModified}`, open: async () => file }
}

/** Runs `work` for each item, a few at a time; gives each item's reason to fail, or null. */
async function forEachAtOnce<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<(string | null)[]> {
  const reasons: (string | null)[] = items.map(() => null)
  let next = 0
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) {
      try {
        await work(items[index], index)
      } catch (error) {
        reasons[index] = reasonOf(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane))
  return reasons
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'NotFoundError') return PHOTO_FAILURES.vanished
  if (error instanceof DOMException && error.name === 'NotAllowedError')
    return PHOTO_FAILURES['not-permitted']
  // A file that was changed or deleted after it was given.
  if (error instanceof DOMException && error.name === 'NotReadableError') return PHOTO_FAILURES.unreadable
  return error instanceof Error ? error.message : String(error)
}

/** The batch's rows without those of photos that failed. */
function withoutFailed(
  pixels: Uint8Array<ArrayBuffer>,
  size: number,
  reasons: readonly (string | null)[],
): PhotoBatch & { pixels: Uint8Array<ArrayBuffer>; rows: Int32Array<ArrayBuffer> } {
  const photoBytes = size * size * 3
  const rows = Int32Array.from(reasons.keys()).filter((index) => reasons[index] === null)
  const failed = reasons.flatMap((reason, index) => (reason === null ? [] : [{ index, reason }]))
  if (failed.length === 0) return { pixels, size, rows, failed }
  const read = new Uint8Array(rows.length * photoBytes)
  rows.forEach((index, row) => {
    read.set(pixels.subarray(index * photoBytes, (index + 1) * photoBytes), row * photoBytes)
  })
  return { pixels: read, size, rows, failed }
}

/** RGB pixels as the browser's RGBA. */
function toImageData({ width, height, data }: Pixels): ImageData {
  const image = new ImageData(width, height)
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    image.data[to] = data[from]
    image.data[to + 1] = data[from + 1]
    image.data[to + 2] = data[from + 2]
    image.data[to + 3] = 255
  }
  return image
}
