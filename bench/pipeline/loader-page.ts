/** One loader worker at work, with the course's augmentation at 64 px. */
import { createLoaders, type LoaderPool, PhotoLoader, type Transform } from '../../src/augment/index.ts'
import type { Sample } from '../../src/dataset/types.ts'
import { presetRecipe } from '../../src/recipe/index.ts'

const BATCH = 32
/** Kept photos in memory, bytes. */
const ROOM = 1e9
const { augmentation } = presetRecipe('course')

export class LoaderRun {
  #epoch = 0
  readonly #lists: readonly Sample[][]

  private constructor(
    private readonly pool: LoaderPool,
    private readonly loader: PhotoLoader,
    private readonly samples: readonly Sample[],
  ) {
    this.#lists = Array.from({ length: Math.ceil(samples.length / BATCH) }, (_, i) =>
      samples.slice(i * BATCH, (i + 1) * BATCH),
    )
  }

  /** `keep`: from what is kept, as a run's second epoch and on; else each photo is decoded each time. */
  static async open(samples: readonly Sample[], keep: boolean): Promise<LoaderRun> {
    const pool = await createLoaders({ count: 1, limits: { memory: keep ? ROOM : 0, disk: 0 } })
    const run = new LoaderRun(pool, new PhotoLoader(pool.connectPorts()), samples)
    await run.#pass()
    await run.#checkDecoded(keep ? 0 : samples.length)
    return run
  }

  /** Whole epochs until `seconds` are over; resolves to how many photos that were. */
  async work(seconds: number): Promise<number> {
    const end = performance.now() + 1000 * seconds
    let photos = 0
    while (performance.now() < end) {
      await this.#pass()
      photos += this.samples.length
    }
    return photos
  }

  close(): void {
    this.pool.close()
  }

  async #pass(): Promise<void> {
    const transform: Transform = { kind: 'train', augmentation, seed: 1, stage: 'all', epoch: ++this.#epoch }
    for await (const { failed } of this.loader.batches(this.#lists, transform))
      if (failed.length > 0) throw new Error(failed[0].reason)
  }

  /** That the figure is of what it says: an epoch decodes `expected` photos. */
  async #checkDecoded(expected: number): Promise<void> {
    const before = await this.pool.stats()
    await this.#pass()
    const decoded = (await this.pool.stats()).decoded - before.decoded
    if (decoded !== expected) throw new Error(`an epoch decoded ${decoded} photos, not ${expected}`)
  }
}
