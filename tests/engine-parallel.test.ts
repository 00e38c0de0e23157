import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { openWasm } from '../src/engine/core/index.ts'
import type { Inputs, OptimizerConfig, TrainStep } from '../src/engine/index.ts'
import { ParallelEngine, type SharingEngine, type Workers } from '../src/engine/parallel/index.ts'
import { shards } from '../src/engine/parallel/shards.ts'
import { elements, LOCK_ALL, LOCK_NONE, parameterCounts, parameterEntries } from '../src/model/index.ts'
import { stream } from '../src/random/index.ts'
import { BATCH, checkClassWeights, referenceState, stepConfig, weightedNames } from './reference/helpers.ts'

const WASM = fileURLToPath(new URL('../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url))
const SGD: OptimizerConfig = { kind: 'sgd', weightDecay: 0, momentum: 0.9, stageScale: {} }
const ADAM: OptimizerConfig = { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} }
const SIZE = 32

const engines: TrainStep[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine[Symbol.asyncDispose]()
})

/** Here all engines live in one thread, one after the other: what they compute is the same. */
const open = (): Promise<SharingEngine> => openWasm(WASM)

async function ready(
  workers: Workers | null,
  optimizer = SGD,
  locked: typeof LOCK_ALL = LOCK_NONE,
): Promise<TrainStep> {
  const engine = workers ? new ParallelEngine(await open(), open, workers) : await open()
  engines.push(engine)
  await engine.load(referenceState())
  await engine.configure(stepConfig({ optimizer, locked }))
  return engine
}

function photos(count: number): Extract<Inputs, { kind: 'photos' }> {
  const random = stream('parallel', count)
  const pixels = Uint8Array.from({ length: count * SIZE * SIZE * 3 }, () => Math.floor(random() * 256))
  return { kind: 'photos', pixels, count, size: SIZE }
}

function part(inputs: Extract<Inputs, { kind: 'photos' }>, from: number, to: number): Inputs {
  const photo = SIZE * SIZE * 3
  return { ...inputs, pixels: inputs.pixels.slice(from * photo, to * photo), count: to - from }
}

const labels = (count: number) => Int32Array.from({ length: count }, (_, i) => i % 5)

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function expectClose(a: Float32Array, b: Float32Array, share: number, what: string): void {
  expect(a.length, what).toBe(b.length)
  const most = largest(a.map((value, i) => value - b[i]))
  expect(most, what).toBeLessThanOrEqual(share * largest(b))
}

describe('what is only evaluated', () => {
  test('is the same number by number with three engines as with one, before and after training', async () => {
    const one = await ready(null)
    const three = await ready({ evaluate: 3, train: 1 })
    const inputs = photos(14)
    for (let i = 0; i < 2; i++) {
      expect(await three.predict(inputs)).toEqual(await one.predict(inputs))
      for (const boundary of [4, 5] as const)
        expect(await three.activations(inputs, boundary)).toEqual(await one.activations(inputs, boundary))
      await one.step(photos(4), labels(4), 0.01)
      await three.step(photos(4), labels(4), 0.01)
    }
  })

  test.each([
    ['backbone', LOCK_ALL],
    ['prefix', LOCK_ALL.slice(0, 4)],
  ])('a resting %s is dealt out in training too, and the step is the same', async (_, locked) => {
    const losses = []
    const shares = locked === LOCK_ALL ? [{ evaluate: 2, train: 2 }] : []
    for (const workers of [null, { evaluate: 2, train: 1 }, ...shares]) {
      const engine = await ready(workers, ADAM, locked)
      const own: number[] = []
      for (let i = 0; i < 3; i++) own.push((await engine.step(photos(9), labels(9), 0.01)).loss)
      losses.push(own)
    }
    for (const other of losses.slice(1)) expect(other).toEqual(losses[0])
  })

  test('shares of activations are stepped on as shares of the photos are', async () => {
    const losses = []
    for (const isCached of [false, true]) {
      const engine = await ready({ evaluate: 2, train: 2 }, ADAM, LOCK_ALL.slice(0, 4))
      const values = await engine.activations(photos(9), 4)
      const given: Inputs = isCached
        ? { kind: 'activations', boundary: 4, values, count: 9, size: SIZE }
        : photos(9)
      const own: number[] = []
      for (let i = 0; i < 3; i++) own.push((await engine.step(given, labels(9), 0.01)).loss)
      losses.push([...own, ...(await engine.predict(given))])
    }
    expect(losses[1]).toEqual(losses[0])
  })
})

describe('a shared step', () => {
  const shared = { evaluate: 2, train: 2 }

  test("has the mean of the shares' gradients, each photo counting the same", async () => {
    const one = await ready(null)
    const two = await ready(shared)
    const inputs = photos(7)
    const first = await one.gradients(part(inputs, 0, 3), labels(7).slice(0, 3))
    const second = await one.gradients(part(inputs, 3, 7), labels(7).slice(3))
    const means = await two.gradients(inputs, labels(7))
    await two.step(inputs, labels(7), 0.01)
    // SGD's buffer after its first step is the gradient.
    const buffers = await two.readOptimizer()
    expect(buffers.size).toBe(parameterEntries(5).length)
    for (const [name, { m }] of buffers) {
      const expected = m.map((_, i) => (first.get(name)![i] * 3 + second.get(name)![i] * 4) / 7)
      expectClose(m, expected, 1e-5, name)
      expectClose(means.get(name)!, expected, 1e-5, name)
    }
  })

  test('weighs the shares of a batch by their classes where those count differently', async () => {
    const classWeights = [0.5, 2, 1, 3, 0.25]
    const [one, two] = [await ready(null), await ready(shared)]
    for (const engine of [one, two]) await engine.configure(stepConfig({ classWeights }))
    const inputs = photos(7)
    const shares = [labels(7).slice(0, 3), labels(7).slice(3)].map((own) =>
      own.reduce((sum, label) => sum + classWeights[label], 0),
    )
    const first = await one.gradients(part(inputs, 0, 3), labels(7).slice(0, 3))
    const second = await one.gradients(part(inputs, 3, 7), labels(7).slice(3))
    const found = (await two.gradients(inputs, labels(7))).get('fc.weight')!
    const [a, b] = [first.get('fc.weight')!, second.get('fc.weight')!]
    const whole = shares[0] + shares[1]
    expect(shares[0] / whole).not.toBeCloseTo(3 / 7, 2)
    expectClose(
      found,
      a.map((_, i) => (a[i] * shares[0] + b[i] * shares[1]) / whole),
      1e-5,
      'fc.weight',
    )
  })

  test.each(weightedNames({ inPortions: true }))("gives PyTorch's losses with class weights: %s", (name) =>
    checkClassWeights(async () => new ParallelEngine(await open(), open, shared), name, {
      microBatch: BATCH,
    }),
  )

  test('keeps the running statistics of engine 0', async () => {
    const one = await ready(null)
    const two = await ready(shared)
    const inputs = photos(8)
    await one.step(part(inputs, 0, 4), labels(4), 0.01)
    await two.step(inputs, labels(8), 0.01)
    const name = 'layer3.0.bn1.running_var'
    expect((await two.readState([name])).get(name)).toEqual((await one.readState([name])).get(name))
  })

  test('takes portions of the batch as all engines together take them', async () => {
    const two = await ready(shared)
    await two.configure(stepConfig({ optimizer: SGD, microBatch: 4 }))
    await two.step(photos(8), labels(8), 0.01)
    const name = 'bn1.num_batches_tracked'
    expect((await two.readState([name])).get(name)?.data[0]).toBe(2n)
    expect(two.estimateBytes(4, SIZE)).toBeLessThan(two.estimateBytes(400, SIZE))
  })

  test('gives the same losses twice, bit by bit, and leaves every engine with the same weights', async () => {
    const runs = []
    for (let run = 0; run < 2; run++) {
      const engine = await ready({ evaluate: 3, train: 3 }, ADAM)
      const losses: number[] = []
      for (const count of [9, 7, 2, 8])
        losses.push((await engine.step(photos(count), labels(count), 1e-3)).loss)
      const dealt = await engine.predict(photos(12))
      const fresh = await open()
      engines.push(fresh)
      await fresh.load(await engine.readState())
      expect(dealt).toEqual(await fresh.predict(photos(12)))
      runs.push({ losses, dealt })
    }
    expect(runs[1]).toEqual(runs[0])
    expect(runs[0].losses.every(Number.isFinite)).toBe(true)
  })

  test('goes on from its state as if it had not stopped; what is unlocked later begins at zero', async () => {
    const engine = await ready(shared, ADAM, ['stem', 'layer1'])
    await engine.step(photos(6), labels(6), 1e-3)
    await engine.configure(stepConfig({ optimizer: ADAM, locked: LOCK_NONE }))
    await engine.step(photos(6), labels(6), 1e-3)
    const [state, optimizer] = [await engine.readState(), await engine.readOptimizer()]
    expect(optimizer.get('layer4.0.conv1.weight')?.step).toBe(2)
    expect(optimizer.get('layer1.0.conv1.weight')?.step).toBe(1)
    const again = await ready(shared, ADAM)
    await again.load(state)
    await again.configure(stepConfig({ optimizer: ADAM }))
    await again.loadOptimizer(optimizer)
    const next = (which: TrainStep) => which.step(photos(6), labels(6), 1e-3)
    expect(await next(again)).toEqual(await next(engine))
    const some = ['conv1.weight', 'layer2.0.bn1.weight', 'layer3.0.bn1.running_mean', 'fc.weight']
    expect(await again.readState(some)).toEqual(await engine.readState(some))
  })

  test('says in its kernels that several share', async () => {
    const one = await ready(null)
    const two = await ready(shared)
    expect(two.description.kernels).toBe(`${one.description.kernels}-shared-2`)
  })
})

test('parameters are dealt out whole, evenly, the classifier to the first', () => {
  for (const count of [2, 3]) {
    const dealt = shards(5, count)
    const sizes = new Map(parameterEntries(5).map(({ name, shape }) => [name, elements(shape)]))
    expect(dealt.flat().sort()).toEqual([...sizes.keys()].sort())
    expect(dealt[0]).toContain('fc.weight')
    const all = Object.values(parameterCounts(5)).reduce((a, b) => a + b)
    for (const names of dealt) {
      const size = names.reduce((sum, name) => sum + sizes.get(name)!, 0)
      expect(Math.abs((size * count) / all - 1)).toBeLessThan(0.1)
    }
  }
})
