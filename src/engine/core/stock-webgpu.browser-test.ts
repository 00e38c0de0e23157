import { expect, test } from 'vitest'
import { referenceState, stepConfig } from '../../../tests/reference/helpers.ts'
import { createEngine, type EngineName } from '../index.ts'

const values = Float32Array.from({ length: 2 * 48 * 48 * 3 }, (_, i) => Math.sin(i * 12.9898))
const inputs = { kind: 'normalized', values, count: 2, size: 48 } as const
const labels = Int32Array.of(1, 3)

async function twoSteps(name: EngineName): Promise<{ losses: number[]; logits: Float32Array }> {
  await using engine = await createEngine({ engine: name })
  await engine.load(referenceState())
  const optimizer = { kind: 'sgd', weightDecay: 0, momentum: 0.9, stageScale: {} } as const
  await engine.configure(stepConfig({ locked: ['stem', 'layer1', 'layer2', 'layer3'], optimizer }))
  const losses: number[] = []
  for (let i = 0; i < 2; i++) losses.push((await engine.step(inputs, labels, 0.01)).loss)
  return { losses, logits: await engine.predict(inputs) }
}

test("TF.js's own WebGPU kernels and gradients train as wasm does", async () => {
  const stock = await twoSteps('stock-webgpu')
  const wasm = await twoSteps('wasm')
  stock.losses.forEach((loss, i) => {
    expect(Math.abs(loss - wasm.losses[i])).toBeLessThan(1e-3)
  })
  stock.logits.forEach((logit, i) => {
    expect(Math.abs(logit - wasm.logits[i])).toBeLessThan(2e-2)
  })
})
