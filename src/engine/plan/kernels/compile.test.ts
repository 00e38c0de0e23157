/**
 * Every kernel text, compiled for a device with every feature: Dawn's null backend checks WGSL and computes nothing, so
 * that families which no adapter of this machine can run (f16) are held to the language all the same.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { create, globals } from 'webgpu'
import { LOCK_NONE } from '../../../model/index.ts'
import { chooseKernels, FAMILIES } from '../candidates.ts'
import { packedLayout } from '../layout.ts'
import { lowerTraining } from '../lower.ts'
import type { DeviceTraits } from './kernel.ts'

/** What every WebGPU device has, and every feature. */
const TRAITS: DeviceTraits = {
  software: false,
  subgroupSize: 4,
  f16: true,
  workgroupStorage: 16384,
  invocations: 256,
}

// Dawn's instance must outlive its device, and only this variable holds it.
let gpu: GPU
let device: GPUDevice
beforeAll(async () => {
  Object.assign(globalThis, globals)
  gpu = create(['backend=null'])
  const adapter = await gpu.requestAdapter()
  if (!adapter) throw new Error('Dawn has no null backend here')
  device = await adapter.requestDevice({ requiredFeatures: ['shader-f16', 'subgroups'] })
})
afterAll(() => device.destroy())

/** What is wrong with a text, as the compiler says it. */
async function complaint(id: string, code: string): Promise<string | null> {
  device.pushErrorScope('validation')
  const module = device.createShaderModule({ label: id, code })
  const pipeline = device.createComputePipelineAsync({ layout: 'auto', compute: { module } })
  const failed = await pipeline.then(
    () => null,
    (error: unknown) => String(error),
  )
  const error = await device.popErrorScope()
  return error?.message ?? failed
}

const layout = packedLayout(102)
const training = (family: string) =>
  lowerTraining(
    layout,
    chooseKernels(TRAITS, family),
    { locked: LOCK_NONE, batchNorm: 'frozen' },
    0,
    'photos',
    8,
    64,
  )

describe('kernels compile', () => {
  for (const { id, float16 } of FAMILIES)
    it(`of a training step with ${id}`, async () => {
      const { operations } = training(id)
      const kernels = new Map(operations.map(({ kernel }) => [kernel.id, kernel]))
      if (float16) expect([...kernels.values()].some(({ features }) => features.includes('f16'))).toBe(true)
      for (const kernel of kernels.values()) expect(await complaint(kernel.id, kernel.code)).toBeNull()
    })

  it('only where half precision is turned into single precision before it is stored', async () => {
    const { operations } = training('workgroup-64x64-f16')
    const { code } = operations.map(({ kernel }) => kernel).find(({ features }) => features.includes('f16'))!
    const broken = code.replaceAll('vec4<f32>(h0_0)', 'h0_0')
    expect(broken).not.toBe(code)
    expect(await complaint('broken', broken)).toMatch(/f16/)
  })
})
