/** In a file of its own: what is measured is how far a new heap is written to. */
import { expect, test } from 'vitest'
import { heapBuffer, heapEnd } from '../../../../bench/heap-use.ts'
import { CLASSES, labels, startState, stepConfig } from '../../../../bench/inputs.ts'
import { makeEngine } from '../../../../tests/engine-factory.ts'
import { boundaryValues, LOCKABLE_STAGES } from '../../../model/index.ts'
import type { Inputs } from '../../train-step.ts'
import { heapBytes } from './heap-bytes.ts'

test('the estimate for steps that begin with kept activations is within a tenth of what the heap takes', async () => {
  await using engine = await makeEngine('wasm')
  const heap = heapBuffer()
  const locked = LOCKABLE_STAGES.slice(0, 3)
  await engine.load(startState())
  await engine.configure(stepConfig(locked))
  const [size, count, boundary] = [64, 64, 3] as const
  const estimate = engine.estimateBytes(count, size, boundary)
  expect(estimate).toBe(
    heapBytes({ classes: CLASSES, locked, batchNorm: 'frozen', optimizer: 'adam', boundary }, count, size),
  )
  const photos: Inputs = {
    kind: 'photos',
    pixels: new Uint8Array(32 * size * size * 3).fill(90),
    count: 32,
    size,
  }
  const kept = await engine.activations(photos, boundary)
  const values = new Float32Array(count * boundaryValues(boundary, size))
  values.set(kept)
  values.set(kept, kept.length)
  const given: Inputs = { kind: 'activations', boundary, values, count, size }
  for (let step = 0; step < 3; step++) {
    await engine.step(given, labels(count), 1e-3)
    await engine.predict(photos)
  }
  const peak = heapEnd(heap())
  expect(estimate / peak).toBeGreaterThan(0.9)
  expect(estimate / peak).toBeLessThan(1.1)
})
