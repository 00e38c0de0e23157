import { expect, test } from 'vitest'
import { makeEngine } from '../../tests/engine-factory.ts'
import { FAMILIES } from '../engine/plan/candidates.ts'
import { uniformChoice } from '../engine/plan/choice.ts'
import { packedLayout } from '../engine/plan/layout.ts'
import { lowerTraining } from '../engine/plan/lower.ts'
import { type FreezePlan, isLocked, LOCK_ALL, LOCK_NONE } from '../model/index.ts'
import { stepMemory } from './memory.ts'

const PLANS: FreezePlan[] = [LOCK_NONE, ['stem'], ['stem', 'layer1'], ['stem', 'layer1', 'layer2'], LOCK_ALL]
const SHAPES = [
  { size: 64, batch: 128 },
  { size: 64, batch: 8 },
  { size: 112, batch: 32 },
  { size: 224, batch: 16 },
]

const [registers, workgroup] = FAMILIES
const gpu = { software: false, subgroupSize: null, f16: false, workgroupStorage: 32768, invocations: 256 }
const choice = uniformChoice(workgroup, registers, gpu)

/** As the plan counts for itself: all buffers, and parameters, gradients and two moments. */
function planBytes(locked: FreezePlan, batch: number, size: number): number {
  const layout = packedLayout(10)
  const base = layout.parameters.find(({ stage }) => !isLocked(locked, stage))?.offset ?? 0
  const mode = { locked, batchNorm: 'frozen' } as const
  const { buffers } = lowerTraining(layout, choice, mode, base, 'photos', batch, size)
  const floats = [...buffers.values()].reduce((sum, n) => sum + n, 0)
  return 4 * (floats + layout.total + 3 * (layout.total - base))
}

test('the estimate is near what the WebGPU plan lays out', () => {
  for (const { size, batch } of SHAPES)
    for (const locked of PLANS) {
      const { bytes } = stepMemory({ size, batch, locked, classes: 10, optimizer: 'adam' }, 'webgpu')
      const ratio = bytes / planBytes(locked, batch, size)
      expect(ratio, `${size} px x ${batch}, ${locked}`).toBeGreaterThan(0.85)
      expect(ratio, `${size} px x ${batch}, ${locked}`).toBeLessThan(1.15)
    }
})

test('the estimate is what the wasm engine counts for itself', async () => {
  await using engine = await makeEngine('wasm')
  const shape = { size: 64, batch: 128, locked: LOCK_NONE, classes: 1000, optimizer: 'adam' } as const
  expect(stepMemory(shape, 'wasm')).toEqual({ bytes: engine.estimateBytes(128, 64), portion: null })
})

test('a batch that does not fit is computed in portions that do', () => {
  const shape = { size: 224, batch: 512, locked: LOCK_NONE, classes: 10, optimizer: 'adam' } as const
  const { bytes, portion } = stepMemory(shape, 'wasm')
  expect(bytes).toBeLessThan(3e9)
  expect(portion).toBeGreaterThan(1)
  expect(portion).toBeLessThan(512)
})

test('what is frozen from the input on saves memory', () => {
  const shape = { size: 64, batch: 128, classes: 10, optimizer: 'adam' } as const
  const bytes = PLANS.map((locked) => stepMemory({ ...shape, locked }, 'wasm').bytes)
  expect(bytes.toSorted((a, b) => b - a)).toEqual(bytes)
})
