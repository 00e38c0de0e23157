/** The page's side: starts the loader workers and hands their ports to the trainer. */
import { type Remote, transfer, wrap } from 'comlink'
import { libraryFormat } from '../dataset/formats.ts'
import type { Sample } from '../dataset/types.ts'
import type { Augmentation } from '../recipe/index.ts'
import { ownerOf } from './owner.ts'
import type { KeptResize, LibraryTime, LoaderApi, LoaderOptions, LoaderStats } from './types.ts'

const GIGABYTE = 2 ** 30

/** One for each core but one, 1 to 8. */
export function loaderCount(cores: number): number {
  return Math.min(8, Math.max(1, cores - 1))
}

/**
 * What all loaders together may use, in bytes: an eighth of the machine's memory for kept photos (browsers say at
 * most 8 GB), half of what the browser still grants on disk, and 512 MB of bitmaps while decoding.
 */
async function shares(count: number): Promise<Omit<LoaderOptions, 'index'>> {
  const machine = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : 4
  const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {}
  return {
    count,
    memory: Math.floor((machine * GIGABYTE) / 8 / count),
    disk: Math.floor(Math.min(4 * GIGABYTE, (quota - usage) / 2) / count),
    decoding: Math.floor(GIGABYTE / 2 / count),
  }
}

export interface LoaderPoolOptions {
  /** Loader workers; by default one for each core but one. */
  count?: number
  /** Replaces the loaders' shares of memory and disk, in bytes each. */
  limits?: Partial<Pick<LoaderOptions, 'memory' | 'disk' | 'decoding'>>
}

/** @throws where a worker does not start. */
export async function createLoaders(options: LoaderPoolOptions = {}): Promise<LoaderPool> {
  const count = options.count ?? loaderCount(navigator.hardwareConcurrency ?? 2)
  const common = { ...(await shares(count)), ...options.limits }
  const workers = Array.from(
    { length: count },
    (_, index) =>
      new Worker(new URL('./loader.worker.ts', import.meta.url), { type: 'module', name: `loader ${index}` }),
  )
  const loaders = workers.map((worker) => wrap<LoaderApi>(worker))
  try {
    await Promise.all(
      loaders.map((loader, index) =>
        Promise.race([loader.configure({ ...common, index }), failureOf(workers[index])]),
      ),
    )
  } catch (error) {
    for (const worker of workers) worker.terminate()
    throw error
  }
  return new LoaderPool(workers, loaders)
}

function failureOf(worker: Worker): Promise<never> {
  return new Promise((_, reject) => {
    worker.onerror = (event) =>
      reject(new Error(`a photo loader did not start: ${event.message || 'its script could not be loaded'}`))
  })
}

export class LoaderPool {
  constructor(
    private readonly workers: readonly Worker[],
    private readonly loaders: readonly Remote<LoaderApi>[],
  ) {}

  get count(): number {
    return this.loaders.length
  }

  /** A fresh port to each loader, for the trainer's `PhotoLoader`. */
  connectPorts(): MessagePort[] {
    return this.loaders.map((loader) => {
      const { port1, port2 } = new MessageChannel()
      void loader.connect(transfer(port1, [port1]))
      return port2
    })
  }

  /**
   * Decodes all photos once, keeping each in every size of `sizes`; gives those that cannot be read.
   * `onProgress` is told how many are done. After `signal` aborts, no more are begun.
   */
  async prepare(
    samples: readonly Sample[],
    sizes: readonly KeptResize[],
    onProgress: (done: number) => void = () => {},
    signal?: AbortSignal,
  ): Promise<{ path: string; reason: string }[]> {
    let done = 0
    const unreadable = await Promise.all(
      this.loaders.map(async (loader, owner) => {
        const own = samples.filter((sample) => ownerOf(sample.path, this.count) === owner)
        const found: { path: string; reason: string }[] = []
        for (const part of portions(own)) {
          if (signal?.aborted) break
          found.push(...(await loader.prepare(part, [...sizes])))
          done += part.length
          onProgress(done)
        }
        return found
      }),
    )
    return unreadable.flat()
  }

  /** @throws with a reason where the photo cannot be read. */
  thumbnail(sample: Sample, side: number): Promise<Blob> {
    return this.owner(sample).thumbnail(sample, side)
  }

  /** See `LoaderApi.preview`. */
  preview(sample: Sample, augmentation: Augmentation, seed: number, count: number): Promise<ImageData[]> {
    return this.owner(sample).preview(sample, augmentation, seed, count)
  }

  /** The sum over the loaders. */
  async stats(): Promise<LoaderStats> {
    const all = await Promise.all(this.loaders.map((loader) => loader.stats()))
    const sum = (key: keyof LoaderStats) => all.reduce((total, stats) => total + stats[key], 0)
    return { decoded: sum('decoded'), memory: sum('memory'), disk: sum('disk') }
  }

  /** The sum over the loaders, one entry a format that a library had to decode. */
  async libraryTimes(): Promise<LibraryTime[]> {
    const all = await Promise.all(this.loaders.map((loader) => loader.libraryTimes()))
    const sums = new Map<string, LibraryTime>()
    for (const { format, photos, milliseconds } of all.flat()) {
      const before = sums.get(format) ?? { format, photos: 0, milliseconds: 0 }
      sums.set(format, {
        format,
        photos: before.photos + photos,
        milliseconds: before.milliseconds + milliseconds,
      })
    }
    return [...sums.values()]
  }

  async forget(): Promise<void> {
    await Promise.all(this.loaders.map((loader) => loader.forget()))
  }

  close(): void {
    for (const worker of this.workers) worker.terminate()
  }

  private owner(sample: Sample): Remote<LoaderApi> {
    return this.loaders[ownerOf(sample.path, this.count)]
  }
}

/** Photos per request, so that thumbnails need not wait for a whole folder. */
const PREPARED_AT_ONCE = 16

/**
 * What a loader is asked for one after the other: photos that a library may have to decode come last and one by one,
 * since each can take seconds; but the first of them comes first, so that it is soon known how long they take.
 */
export function portions(samples: readonly Sample[]): Sample[][] {
  const slow = samples.filter(({ path }) => libraryFormat(path) !== undefined)
  const quick = samples.filter(({ path }) => libraryFormat(path) === undefined)
  const together: Sample[][] = []
  for (let from = 0; from < quick.length; from += PREPARED_AT_ONCE)
    together.push(quick.slice(from, from + PREPARED_AT_ONCE))
  const [first, ...rest] = slow.map((sample) => [sample])
  return first ? [first, ...together, ...rest] : together
}
