/** The whole training step on one engine: all layers, batch norm in train mode, Adam; and steps with locked stages. */

import { openEngine, photoInputs, prepare, stepper } from './engines.ts'
import { FREEZE_TABLE, type PageEngine, type StepTiming, type Timing } from './protocol.ts'
import { elapsed, medianTime } from './timing.ts'

/** A peer slower than this (ms) is warmed at `WARM_SIZE` px and timed once. */
const TOO_SLOW = 20_000
const WARM_SIZE = 32

export async function timeStep(name: PageEngine, size: number, batch: number): Promise<StepTiming> {
  await using engine = await openEngine(name, size, batch)
  const { adapter, kernels } = engine.description
  const step = stepper(engine, batch, size)
  if (name === 'stock-webgpu') {
    const warm = stepper(engine, batch, WARM_SIZE)
    await warm()
    // The convolutions' work grows with the photos' area.
    const expected = (size / WARM_SIZE) ** 2 * (await elapsed(warm, 1))
    await prepare(engine)
    if (expected > TOO_SLOW) {
      let loss = Number.NaN
      const milliseconds = await elapsed(async () => {
        loss = await step()
      }, 1)
      return { milliseconds, samples: 1, loss, adapter, kernels }
    }
  }
  const { milliseconds, samples, warm: loss } = await medianTime(step)
  return { milliseconds, samples, loss, adapter, kernels }
}

/** A step of each freeze plan of `FREEZE_TABLE`, in its order. */
export async function timeFreezePlans(name: PageEngine, size: number, batch: number): Promise<Timing[]> {
  const timings: Timing[] = []
  await using engine = await openEngine(name, size, batch)
  for (const { locked } of FREEZE_TABLE) {
    await prepare(engine, locked)
    const { milliseconds, samples } = await medianTime(stepper(engine, batch, size))
    timings.push({ milliseconds, samples })
  }
  return timings
}

/** One photo classified, as the webcam asks for it: from its bytes to its logits. */
export async function timePhoto(name: PageEngine, size: number): Promise<Timing> {
  await using engine = await openEngine(name, size, 1)
  const photo = photoInputs(1, size)
  const { milliseconds, samples } = await medianTime(() => engine.predict(photo))
  return { milliseconds, samples }
}
