import { beforeAll, describe, expect, test } from 'vitest'
import { meterMemory } from '../../bench/meter.ts'
import { makeEngine } from '../../tests/engine-factory.ts'
import { kernelDevice } from '../../tests/kernels/device.ts'
import { deviceTraits } from '../engine/plan/device.ts'
import type { DeviceTraits } from '../engine/plan/kernels/kernel.ts'
import { createPlan } from '../engine/plan/plan.ts'
import { type FreezePlan, LOCK_ALL, LOCK_NONE, LOCKABLE_STAGES } from '../model/index.ts'
import { randomState } from '../weights/random-state.ts'
import { type MemoryEngine, type StepShape, stepMemory } from './memory.ts'

const PLANS: FreezePlan[] = [LOCK_NONE, ['stem'], ['stem', 'layer1'], ['stem', 'layer1', 'layer2'], LOCK_ALL]
const usual: StepShape = {
  size: 64,
  batch: 128,
  photos: 1000,
  locked: LOCK_NONE,
  boundary: 0,
  batchNorm: 'frozen',
  classes: 10,
  optimizer: 'adam',
  limit: null,
}
const gpu: DeviceTraits = {
  software: false,
  subgroupSize: null,
  f16: false,
  workgroupStorage: 32768,
  invocations: 256,
}
const wasm: MemoryEngine = { engine: 'wasm', workers: 1 }
const webgpu: MemoryEngine = { engine: 'webgpu', traits: gpu }

test('the estimate is what the wasm engine counts for itself', async () => {
  await using engine = await makeEngine('wasm')
  const shape = { ...usual, classes: 1000 }
  expect(await stepMemory(shape, wasm)).toEqual({
    bytes: engine.estimateBytes(128, 64),
    portion: null,
    isBeyond: false,
  })
})

test('the estimate knows that the tutorial folds nothing', async () => {
  await using engine = await makeEngine('wasm')
  await engine.load(randomState(10))
  const optimizer = { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} } as const
  const config = { locked: LOCK_ALL, batchNorm: 'tutorial', optimizer } as const
  await engine.configure({ ...config, labelSmoothing: 0, microBatch: null })
  const { bytes } = await stepMemory({ ...usual, locked: LOCK_ALL, batchNorm: 'tutorial' }, wasm)
  expect(bytes).toBe(engine.estimateBytes(128, 64))
})

test.each([wasm, webgpu])('steps on kept activations take less than steps on photos: %j', async (on) => {
  const locked = LOCKABLE_STAGES.slice(0, 3)
  const shape = { ...usual, size: 224, locked }
  const [fromPhotos, kept] = [await stepMemory(shape, on), await stepMemory({ ...shape, boundary: 3 }, on)]
  expect(kept.bytes / (kept.portion ?? usual.batch)).toBeLessThan(
    fromPhotos.bytes / (fromPhotos.portion ?? usual.batch),
  )
})

test('engines that share a batch hold the parameters each, and half of the moments', async () => {
  const one = await stepMemory({ ...usual, batch: 64 }, wasm)
  const { bytes } = await stepMemory(usual, { engine: 'wasm', workers: 2 })
  expect(bytes).toBeGreaterThan(1.7 * one.bytes)
  expect(bytes).toBeLessThan(2 * one.bytes)
})

for (const on of [wasm, webgpu])
  describe(`on ${on.engine}`, () => {
    test('a batch that does not fit is computed in portions that do', async () => {
      const { bytes, portion } = await stepMemory({ ...usual, size: 224, batch: 512 }, on)
      expect(bytes).toBeLessThan(4.3e9)
      expect(portion).toBeGreaterThan(1)
      expect(portion).toBeLessThan(512)
    })

    test('a limit that a person sets is kept, down to one photo at a time', async () => {
      const whole = await stepMemory(usual, on)
      const limited = await stepMemory({ ...usual, limit: 0.7 * whole.bytes }, on)
      expect(limited.bytes).toBeLessThan(0.7 * whole.bytes)
      expect(limited.portion).toBeLessThan(128)
      expect(limited.isBeyond).toBe(false)
      const beyond = await stepMemory({ ...usual, limit: 1 }, on)
      expect(beyond).toMatchObject({ portion: 1, isBeyond: true })
    })

    test('few photos take the memory of few, and portions as large as all of them are none', async () => {
      const few = { ...usual, photos: 40 }
      const whole = await stepMemory({ ...usual, batch: 40 }, on)
      expect(await stepMemory(few, on)).toEqual(whole)
      const { bytes: limit } = await stepMemory({ ...usual, batch: 64 }, on)
      expect(await stepMemory({ ...few, limit }, on)).toEqual(whole)
      expect((await stepMemory({ ...few, limit: 0.99 * whole.bytes }, on)).portion).toBeLessThan(40)
    })

    test('what is frozen from the input on saves memory', async () => {
      const bytes: number[] = []
      for (const locked of PLANS) bytes.push((await stepMemory({ ...usual, locked }, on)).bytes)
      expect(bytes.toSorted((a, b) => b - a)).toEqual(bytes)
    })
  })

describe('beside what the WebGPU plan allocates', () => {
  let device: GPUDevice | null
  beforeAll(async () => {
    device = await kernelDevice()
  })

  for (const [name, locked] of [
    ['all layers', LOCK_NONE],
    ['only fc', LOCK_ALL],
  ] as const)
    test(`the estimate is within a tenth: ${name}`, async ({ skip }) => {
      if (!device) return skip()
      using meter = meterMemory(device)
      const count = 2
      await using plan = await createPlan(device)
      await plan.load(randomState(10))
      const optimizer = { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} } as const
      await plan.configure({ locked, batchNorm: 'frozen', optimizer, labelSmoothing: 0, microBatch: null })
      const pixels = new Uint8Array(count * 64 * 64 * 3)
      await plan.step({ kind: 'photos', pixels, count, size: 64 }, new Int32Array(count), 0)
      const { peak } = meter
      const { bytes } = await stepMemory(
        { ...usual, size: 64, batch: count, locked },
        { engine: 'webgpu', kernels: plan.description.kernels, traits: deviceTraits(device) },
      )
      expect(bytes / peak).toBeGreaterThan(0.9)
      expect(bytes / peak).toBeLessThan(1.1)
    })
})
