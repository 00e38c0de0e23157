/** The trainer's side: batches from all loader workers, in the order that was asked for. */
import { type Remote, wrap } from 'comlink'
import type { Sample } from '../dataset/types.ts'
import { ownerOf } from './owner.ts'
import { keptResize, outputSize } from './transform.ts'
import type { LoaderApi, PhotoBatch, Transform } from './types.ts'

/** Photos a loader between two numbers of `decode`. */
const DECODED_AT_ONCE = 2

export class PhotoLoader {
  private readonly loaders: readonly Remote<LoaderApi>[]

  /** `ports` come from `LoaderPool.connectPorts`. */
  constructor(ports: readonly MessagePort[]) {
    this.loaders = ports.map((port) => wrap<LoaderApi>(port))
  }

  /** Photos as pixels, each read by the loader that keeps it; rows in the order of `samples`. */
  async load(samples: readonly Sample[], transform: Transform): Promise<PhotoBatch> {
    const parts = this.loaders.map((): number[] => [])
    samples.forEach((sample, index) => {
      parts[ownerOf(sample.path, parts.length)].push(index)
    })
    const answers = await Promise.all(
      parts.map(async (indices, owner) => ({
        indices,
        batch:
          indices.length > 0
            ? await this.loaders[owner].load(
                indices.map((index) => samples[index]),
                transform,
              )
            : null,
      })),
    )
    return reassemble(answers, outputSize(transform))
  }

  /** Decodes `samples`, so that `load` finds them kept; yields how many are done. What cannot be read `load` tells. */
  async *decode(samples: readonly Sample[], transform: Transform): AsyncGenerator<number> {
    const size = keptResize(transform)
    const atOnce = DECODED_AT_ONCE * this.loaders.length
    for (let from = 0; from < samples.length; from += atOnce) {
      const part = samples.slice(from, from + atOnce)
      await Promise.all(
        this.loaders.map((loader, owner) =>
          loader.prepare(
            part.filter(({ path }) => ownerOf(path, this.loaders.length) === owner),
            [size],
          ),
        ),
      )
      yield from + part.length
    }
  }

  /** The batches in order; while one is being used, up to `ahead` of the next are loading. */
  async *batches(
    lists: readonly (readonly Sample[])[],
    transform: Transform,
    ahead = 2,
  ): AsyncGenerator<PhotoBatch> {
    const loading: Promise<PhotoBatch>[] = []
    let next = 0
    const begin = () => {
      if (next >= lists.length) return
      const batch = this.load(lists[next++], transform)
      // A failure is thrown where the batch is awaited; if the reader has left by then, nobody misses it.
      batch.catch(() => {})
      loading.push(batch)
    }
    for (let i = 0; i <= ahead; i++) begin()
    for (let batch = loading.shift(); batch; batch = loading.shift()) {
      const ready = await batch
      begin()
      yield ready
    }
  }
}

/** Parts of a batch, each with the indices it was asked for, as one batch in order of index. */
export function reassemble(
  parts: readonly { indices: readonly number[]; batch: PhotoBatch | null }[],
  size: number,
): PhotoBatch {
  const read = parts.flatMap(({ indices, batch }) =>
    batch ? Array.from(batch.rows, (asked, row) => ({ index: indices[asked], row, batch })) : [],
  )
  read.sort((a, b) => a.index - b.index)
  const photoBytes = size * size * 3
  const pixels = new Uint8Array(read.length * photoBytes)
  read.forEach(({ row, batch }, at) => {
    pixels.set(batch.pixels.subarray(row * photoBytes, (row + 1) * photoBytes), at * photoBytes)
  })
  const failed = parts
    .flatMap(({ indices, batch }) =>
      batch ? batch.failed.map(({ index, reason }) => ({ index: indices[index], reason })) : [],
    )
    .sort((a, b) => a.index - b.index)
  return { pixels, size, rows: Int32Array.from(read, ({ index }) => index), failed }
}
