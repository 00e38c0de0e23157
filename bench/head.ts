/** The head stage on cached features: `fc` alone, everything before it computed once. */
import type { Inputs } from '../src/engine/index.ts'
import { FEATURES, LOCK_ALL } from '../src/model/index.ts'
import { configure, openEngine } from './engines.ts'
import { LEARNING_RATE, startState, values } from './inputs.ts'
import type { PageEngine, Timing } from './protocol.ts'
import { medianTime } from './timing.ts'

/** As Flowers102 gives them to the head stage. */
const PHOTOS = 6552
const BATCH = 128
const CLASSES = 102

export const HEAD_SHAPE = `${PHOTOS} x ${FEATURES} features, batch ${BATCH}, ${CLASSES} classes`

/** Two steps in flight, as the loop keeps them. */
export async function timeHeadEpoch(name: PageEngine): Promise<Timing> {
  await using engine = await openEngine(name, 64, BATCH)
  await engine.load(startState(CLASSES))
  await configure(engine, LOCK_ALL)
  const features = values('features', PHOTOS * FEATURES, 1)
  const batches = Array.from({ length: Math.ceil(PHOTOS / BATCH) }, (_, i) => {
    const from = i * BATCH
    const count = Math.min(BATCH, PHOTOS - from)
    const part = features.slice(from * FEATURES, (from + count) * FEATURES)
    const inputs: Inputs = { kind: 'features', values: part, count }
    return { inputs, labels: Int32Array.from({ length: count }, (_, row) => (from + row) % CLASSES) }
  })
  const { milliseconds, samples } = await medianTime(async () => {
    let before: Promise<unknown> = Promise.resolve()
    for (const { inputs, labels } of batches) {
      const step = engine.step(inputs, labels, LEARNING_RATE)
      await before
      before = step
    }
    await before
  })
  return { milliseconds, samples }
}
