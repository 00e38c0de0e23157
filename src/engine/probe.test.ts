import { expect, test } from 'vitest'
import { type OpenForProbe, probeEngines } from './probe.ts'
import type { TrainStep } from './train-step.ts'

type Name = 'wasm' | 'webgpu'
type Milliseconds = (photos: number) => number

/** Engines whose steps do nothing but let a clock run on. */
function clock(tunedShare = 1) {
  let time = 0
  const opened: Name[] = []
  const tuned: Name[] = []
  const disposed: Name[] = []
  const steps: Record<Name, number[]> = { wasm: [], webgpu: [] }
  const unused = () => Promise.reject(new Error('not part of a probe'))
  const engine = (name: Name, milliseconds: Milliseconds): TrainStep => ({
    description: { engine: name, adapter: `${name}'s device`, kernels: 'k' },
    load: async () => undefined,
    configure: async () => undefined,
    resetOptimizer: () => undefined,
    async step({ count }) {
      steps[name].push(count)
      time += milliseconds(count)
      return { loss: 1, correct: 0, finite: true }
    },
    predict: unused,
    activations: unused,
    readState: unused,
    readOptimizer: unused,
    loadOptimizer: unused,
    gradients: unused,
    microBatchFor: (count) => count,
    estimateBytes: () => 0,
    async [Symbol.asyncDispose]() {
      disposed.push(name)
    },
  })
  const open =
    (speeds: Partial<Record<Name, Milliseconds>>): OpenForProbe =>
    async (name, isTuned) => {
      const milliseconds = speeds[name]
      if (!milliseconds) throw new Error(`no ${name} here`)
      opened.push(name)
      if (isTuned) tuned.push(name)
      return engine(name, (photos) => milliseconds(photos) * (isTuned ? tunedShare : 1))
    }
  return { now: () => time, open, opened, tuned, disposed, steps }
}

test('the faster engine wins, and both rates are told', async () => {
  const { open, now, opened, disposed } = clock()
  const result = await probeEngines(open({ wasm: (n) => 70 * n, webgpu: (n) => 20 + 2 * n }), now)
  expect(result.chosen).toBe('webgpu')
  expect(result.adapter).toBe("webgpu's device")
  expect(result.rates.wasm).toBeCloseTo(1000 / 70)
  expect(result.rates.webgpu).toBeCloseTo(8000 / 36)
  expect(disposed).toEqual(opened)
})

test('kernels are tuned where that can decide, and their rate counts', async () => {
  const near = clock(0.5)
  const result = await probeEngines(
    near.open({ wasm: (n) => 70 * n, webgpu: (n) => 100 * n - 150 }),
    near.now,
  )
  expect(near.tuned).toEqual(['webgpu'])
  expect(result.chosen).toBe('webgpu')
  expect(result.rates.webgpu).toBeCloseTo(8000 / 325)
  const far = clock(0.1)
  await probeEngines(far.open({ wasm: (n) => 70 * n, webgpu: (n) => 400 * n }), far.now)
  expect(far.tuned).toEqual([])
})

test('a slow adapter is not asked for a whole step', async () => {
  const { open, now, steps } = clock()
  const result = await probeEngines(open({ wasm: (n) => 70 * n, webgpu: (n) => 400 * n }), now)
  expect(result.chosen).toBe('wasm')
  expect(steps.webgpu).toEqual([2, 2])
  expect(result.rates.webgpu).toBeCloseTo(8 / (16 * 0.8))
})

test('an engine that is not there is left out', async () => {
  const processor = clock()
  expect(await probeEngines(processor.open({ wasm: () => 100 }), processor.now)).toEqual({
    chosen: 'wasm',
    adapter: "wasm's device",
    kernels: 'k',
    rates: { wasm: 80 },
  })
  const card = clock()
  expect(await probeEngines(card.open({ webgpu: () => 100 }), card.now)).toEqual({
    chosen: 'webgpu',
    adapter: "webgpu's device",
    kernels: 'k',
    rates: { webgpu: 80 },
  })
})

test('where nothing runs the probe says so', async () => {
  const { open, now } = clock()
  await expect(probeEngines(open({}), now)).rejects.toThrow('neither WebGPU nor WebAssembly')
})
