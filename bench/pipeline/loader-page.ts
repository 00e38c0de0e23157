/** The loader's speed: one worker, so that the browser's own decoding threads and it share what they are given. */
import { createLoaders, type LoaderPool, PhotoLoader, type Transform } from '../../src/augment/index.ts'
import type { Sample } from '../../src/dataset/types.ts'
import { presetRecipe } from '../../src/recipe/index.ts'
import { median } from '../timing.ts'
import type { LoaderTiming } from './protocol.ts'

const BATCH = 32
const { augmentation } = presetRecipe('course')
const epoch = (number: number): Transform => ({
  kind: 'train',
  augmentation,
  seed: 1,
  stage: 'all',
  epoch: number,
})

export async function timeLoader(samples: readonly Sample[], seconds: number): Promise<LoaderTiming> {
  const cold = await timed(samples, seconds, 0)
  const warm = await timed(samples, seconds, 1e9)
  return { cold: median(cold), warm: median(warm), photos: samples.length, passes: cold.length }
}

/** Milliseconds a photo, for each pass over all photos after a first one. @param memory bytes for kept photos. */
async function timed(samples: readonly Sample[], seconds: number, memory: number): Promise<number[]> {
  const pool = await createLoaders({ count: 1, limits: { memory, disk: 0 } })
  try {
    const loader = new PhotoLoader(pool.connectPorts())
    const lists = Array.from({ length: Math.ceil(samples.length / BATCH) }, (_, i) =>
      samples.slice(i * BATCH, (i + 1) * BATCH),
    )
    const pass = async (number: number) => {
      for await (const { failed } of loader.batches(lists, epoch(number)))
        if (failed.length > 0) throw new Error(failed[0].reason)
    }
    await pass(1)
    await checkDecoded(pool, memory > 0 ? 0 : samples.length, () => pass(2))
    const times: number[] = []
    const began = performance.now()
    for (let number = 3; performance.now() - began < 1000 * seconds; number++) {
      const start = performance.now()
      await pass(number)
      times.push((performance.now() - start) / samples.length)
    }
    return times
  } finally {
    pool.close()
  }
}

/** That the figure is of what it says: a pass decodes `expected` photos. */
async function checkDecoded(pool: LoaderPool, expected: number, pass: () => Promise<void>): Promise<void> {
  const before = await pool.stats()
  await pass()
  const decoded = (await pool.stats()).decoded - before.decoded
  if (decoded !== expected) throw new Error(`a pass decoded ${decoded} photos, not ${expected}`)
}
