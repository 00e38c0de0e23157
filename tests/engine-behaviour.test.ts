import * as tf from '@tensorflow/tfjs-core'
import { afterEach, describe, expect, test } from 'vitest'
import { partOf } from '../src/engine/batches.ts'
import { type Inputs, MEAN, STD, type StepConfig, type TrainStep } from '../src/engine/index.ts'
import {
  BOUNDARIES,
  boundaryValues,
  LOCK_ALL,
  LOCKABLE_STAGES,
  newClassifier,
  type StateDict,
} from '../src/model/index.ts'
import { stream } from '../src/random/index.ts'
import { makeEngine } from './engine-factory.ts'
import { referenceState, stepConfig } from './reference/helpers.ts'

const ADAM = { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} } as const
const SGD = { kind: 'sgd', weightDecay: 0, momentum: 0, stageScale: {} } as const

const state = referenceState()
let engine: TrainStep

async function ready(config: Partial<StepConfig> = {}, weights: StateDict = state): Promise<TrainStep> {
  engine = await makeEngine('wasm')
  await engine.load(weights)
  await engine.configure(stepConfig({ optimizer: ADAM, ...config }))
  return engine
}

afterEach(() => engine[Symbol.asyncDispose]())

function photos(count: number, size = 32, name = 'photos'): Extract<Inputs, { kind: 'photos' }> {
  const random = stream(name)
  const pixels = Uint8Array.from({ length: count * size * size * 3 }, () => Math.floor(random() * 256))
  return { kind: 'photos', pixels, count, size }
}

const labels = (count: number, classes = 5) => Int32Array.from({ length: count }, (_, i) => i % classes)

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)
}

const withClasses = (classes: number): StateDict => new Map([...state, ...newClassifier(classes, 1)])

describe('photos', () => {
  test("bytes are normalized by ImageNet's statistics", async () => {
    await ready()
    const bytes = photos(2)
    const values = Float32Array.from(bytes.pixels, (byte, i) => (byte / 255 - MEAN[i % 3]) / STD[i % 3])
    const logits = await engine.predict(bytes)
    const same = await engine.predict({ kind: 'normalized', values, count: 2, size: 32 })
    expect(largestDifference(logits, same)).toBeLessThan(1e-5)
  })

  test.each([
    [32, 1, 2],
    [33, 3, 2],
    [47, 5, 7],
    [97, 2, 5],
    [224, 2, 5],
    [512, 1, 5],
  ])('of %i px, %i at a time, %i classes', async (size, count, classes) => {
    await ready({ batchNorm: 'frozen', locked: count === 1 ? LOCK_ALL : [] }, withClasses(classes))
    const inputs = photos(count, size)
    const before = await engine.predict(inputs)
    expect(before).toHaveLength(count * classes)
    const result = await engine.step(inputs, labels(count, classes), 1e-3)
    expect(result.finite).toBe(true)
    expect(largestDifference(before, await engine.predict(inputs))).toBeGreaterThan(0)
  })

  test('ten thousand classes', async () => {
    await ready({ locked: LOCK_ALL }, withClasses(10_000))
    const { loss } = await engine.step(photos(4), labels(4, 10_000), 1e-3)
    expect(loss).toBeGreaterThan(5)
    expect(loss).toBeLessThan(15)
  })

  test('a batch of the wrong length, a wrong label and a missing weight are refused', async () => {
    await ready()
    await expect(engine.step(photos(2), labels(3), 1e-3)).rejects.toThrow('3 labels for 2 samples')
    await expect(engine.step(photos(2), Int32Array.of(0, 5), 1e-3)).rejects.toThrow('label 5')
    await expect(engine.predict({ ...photos(2), count: 3 })).rejects.toThrow('values')
    const incomplete = new Map([...state].filter(([name]) => name !== 'layer3.0.bn1.bias'))
    await expect(engine.load(incomplete)).rejects.toThrow('layer3.0.bn1.bias is missing')
  })

  test('one photo whose layer4 is 1 x 1 cannot pass a batch norm in train mode', async () => {
    await ready()
    await expect(engine.step(photos(1), labels(1), 1e-3)).rejects.toThrow('more than one value a channel')
    expect((await engine.step(photos(2), labels(2), 1e-3)).finite).toBe(true)
  })
})

describe('micro-batches', () => {
  test('change nothing but rounding where batch norm is frozen', async () => {
    const inputs = photos(7)
    const run = async (microBatch: number | null) => {
      await ready({ locked: LOCK_ALL, microBatch })
      const result = await engine.step(inputs, labels(7), 1e-2)
      const weight = (await engine.readState(['fc.weight'])).get('fc.weight')!
      await engine[Symbol.asyncDispose]()
      return { result, weight: Float32Array.from(weight.data, Number) }
    }
    const whole = await run(null)
    const parts = await run(3)
    expect(parts.result.loss).toBeCloseTo(whole.result.loss, 5)
    expect(parts.result.correct).toBe(whole.result.correct)
    expect(largestDifference(parts.weight, whole.weight)).toBeLessThan(1e-5)
  })

  test('normalize each by its own statistics and count each', async () => {
    await ready({ microBatch: 2, optimizer: SGD })
    const inputs = photos(4)
    await engine.step(inputs, labels(4), 0)
    const counters = await engine.readState(['bn1.num_batches_tracked'])
    expect(counters.get('bn1.num_batches_tracked')?.data[0]).toBe(2n)
  })

  test('fit what the heap holds, for any size', async () => {
    await ready()
    expect(engine.microBatchFor(32, 64)).toBe(32)
    for (const size of [32, 64, 224, 512]) {
      const micro = engine.microBatchFor(512, size)
      expect(engine.estimateBytes(micro, size)).toBeLessThanOrEqual(3e9)
      expect(micro).toBeGreaterThanOrEqual(1)
    }
    expect(engine.estimateBytes(8, 224)).toBeGreaterThan(engine.estimateBytes(8, 64))
    // A step over a few photos takes less than the evaluation after it.
    expect(engine.estimateBytes(32, 224)).toBeGreaterThan(engine.estimateBytes(8, 224))
  })
})

describe('locked stages', () => {
  test.each([1, 2, 3, 4, 5] as const)(
    'activations of boundary %i train as the photos do, bit by bit',
    async (boundary) => {
      const locked = LOCKABLE_STAGES.slice(0, boundary)
      const inputs = photos(5, 40)
      const run = async (isCached: boolean) => {
        await ready({ locked })
        // Computed one by one: a photo does not feel the others of its batch.
        const rows: Float32Array[] = []
        for (let i = 0; i < 5; i++) rows.push(await engine.activations(partOf(inputs, i, i + 1), boundary))
        const width = boundaryValues(boundary, 40)
        const values = new Float32Array(5 * width)
        for (const [i, row] of rows.entries()) values.set(row, i * width)
        const given: Inputs = isCached
          ? { kind: 'activations', boundary, values, count: 5, size: 40 }
          : inputs
        const gradients = await engine.gradients(given, labels(5))
        const losses: number[] = []
        for (let step = 0; step < 3; step++) losses.push((await engine.step(given, labels(5), 1e-3)).loss)
        const logits = await engine.predict(given)
        const optimizer = await engine.readOptimizer()
        await engine[Symbol.asyncDispose]()
        return { gradients, losses, logits, optimizer }
      }
      const cached = await run(true)
      const fresh = await run(false)
      expect(cached.losses).toEqual(fresh.losses)
      expect(largestDifference(cached.logits, fresh.logits)).toBe(0)
      expect([...cached.gradients.keys()]).toEqual([...fresh.gradients.keys()])
      for (const [name, gradient] of cached.gradients)
        expect(largestDifference(gradient, fresh.gradients.get(name)!), name).toBe(0)
      for (const [name, { m }] of cached.optimizer)
        expect(largestDifference(m, fresh.optimizer.get(name)!.m), name).toBe(0)
    },
  )

  test('activations of an earlier boundary than the first stage that learns will do', async () => {
    await ready({ locked: ['stem', 'layer1', 'layer2'] })
    const inputs = photos(3)
    const values = await engine.activations(inputs, 1)
    const early: Inputs = { kind: 'activations', boundary: 1, values, count: 3, size: 32 }
    const whole = await engine.activations(inputs, 3)
    expect(largestDifference(await engine.activations(early, 3), whole)).toBe(0)
    const { loss } = await engine.step(early, labels(3), 0)
    expect(loss).toBe((await engine.step(inputs, labels(3), 0)).loss)
    const late: Inputs = { kind: 'activations', boundary: 3, values: whole, count: 3, size: 32 }
    await expect(engine.activations(late, 2)).rejects.toThrow('boundary 2')
  })

  test('a step from a later boundary takes less memory', async () => {
    await ready({ locked: LOCK_ALL })
    const bytes = BOUNDARIES.map((boundary) => engine.estimateBytes(512, 64, boundary))
    expect(bytes).toEqual(bytes.toSorted((a, b) => b - a))
    expect(bytes[5]).toBeLessThan(bytes[0])
  })

  test('activations are refused where a stage before them trains or its batch norms do', async () => {
    const values = new Float32Array(1024)
    const features = { kind: 'activations', boundary: 5, values, count: 2, size: 32 } as const
    await ready({ locked: LOCK_ALL, batchNorm: 'tutorial' })
    await expect(engine.step(features, labels(2), 1e-3)).rejects.toThrow('locked')
    await engine.configure(stepConfig({ optimizer: ADAM, locked: ['stem', 'layer1', 'layer3'] }))
    await expect(engine.step(features, labels(2), 1e-3)).rejects.toThrow('locked')
  })

  test('a locked stage between two that train passes gradients on and stays as it is', async () => {
    await ready({ locked: ['layer2', 'layer4'] })
    const names = ['layer2.0.conv1.weight', 'layer4.1.bn2.running_var', 'conv1.weight', 'layer3.0.bn1.bias']
    const before = await engine.readState(names)
    const gradients = await engine.gradients(photos(3), labels(3))
    expect(gradients.has('layer2.0.conv1.weight')).toBe(false)
    expect(gradients.get('conv1.weight')?.some((value) => value !== 0)).toBe(true)
    await engine.step(photos(3), labels(3), 1e-3)
    const after = await engine.readState(names)
    const changed = names.filter((name) => largestDifference(floats(before, name), floats(after, name)) > 0)
    expect(changed).toEqual(['conv1.weight', 'layer3.0.bn1.bias'])
  })

  test('a stage whose learning rate is scaled moves by that much less', async () => {
    const moved = async (scale: number) => {
      await ready({ optimizer: { ...SGD, stageScale: { layer4: scale } } })
      const name = 'layer4.1.conv2.weight'
      const before = floats(await engine.readState([name]), name)
      await engine.step(photos(3), labels(3), 1e-2)
      const after = floats(await engine.readState([name]), name)
      await engine[Symbol.asyncDispose]()
      return largestDifference(before, after)
    }
    expect((await moved(0.1)) / (await moved(1))).toBeCloseTo(0.1, 2)
  })
})

const floats = (from: StateDict, name: string) => Float32Array.from(from.get(name)!.data, Number)

describe('optimizer state', () => {
  test('read back and loaded, goes on as if nothing had happened', async () => {
    const inputs = photos(4)
    await ready({ locked: ['stem', 'layer1', 'layer2', 'layer3'] })
    await engine.step(inputs, labels(4), 1e-3)
    const weights = await engine.readState()
    const optimizer = await engine.readOptimizer()
    const unbroken = await engine.step(inputs, labels(4), 1e-3)
    const after = floats(await engine.readState(['layer4.0.conv1.weight']), 'layer4.0.conv1.weight')
    await engine[Symbol.asyncDispose]()

    await ready({ locked: ['stem', 'layer1', 'layer2', 'layer3'] }, weights)
    await engine.loadOptimizer(optimizer)
    expect(await engine.step(inputs, labels(4), 1e-3)).toEqual(unbroken)
    const again = floats(await engine.readState(['layer4.0.conv1.weight']), 'layer4.0.conv1.weight')
    expect(largestDifference(after, again)).toBe(0)
  })

  test('is dropped with another kind of optimizer and by resetOptimizer', async () => {
    await ready({ locked: LOCK_ALL })
    const inputs = photos(2)
    const steps = async () => (await engine.readOptimizer()).get('fc.weight')?.step ?? 0
    await engine.step(inputs, labels(2), 1e-3)
    await engine.configure(stepConfig({ locked: LOCK_ALL, optimizer: ADAM }))
    expect(await steps()).toBe(1)
    await engine.configure(stepConfig({ locked: LOCK_ALL, optimizer: { ...ADAM, kind: 'adamw' } }))
    expect(await steps()).toBe(0)
    await engine.step(inputs, labels(2), 1e-3)
    engine.resetOptimizer()
    expect(await steps()).toBe(0)
  })
})

describe('good behaviour', () => {
  test.each(['wasm', 'cpu'] as const)('%s frees every tensor', async (name) => {
    const others = tf.memory().numTensors
    engine = await makeEngine(name)
    await engine.load(state)
    const inputs = photos(2)
    const round = async (change: Partial<StepConfig>) => {
      await engine.configure(stepConfig({ optimizer: ADAM, ...change }))
      await engine.step(inputs, labels(2), 1e-3)
      await engine.gradients(inputs, labels(2))
      await engine.predict(inputs)
      for (const boundary of [1, 3, 5] as const) await engine.activations(inputs, boundary)
      await engine.readState()
      engine.resetOptimizer()
    }
    const few: Partial<StepConfig>[] = [{ locked: ['stem', 'layer1', 'layer2', 'layer3'] }]
    const many: Partial<StepConfig>[] = [
      { locked: LOCK_ALL },
      { locked: ['stem', 'layer2'], microBatch: 2 },
      { locked: LOCK_ALL, batchNorm: 'tutorial' },
    ]
    const plans = name === 'cpu' ? few : many
    const held: number[] = []
    for (let i = 0; i < 2; i++) {
      for (const plan of plans) await round(plan)
      held.push(tf.memory().numTensors)
    }
    expect(held[1]).toBe(held[0])
    await engine[Symbol.asyncDispose]()
    expect(tf.memory().numTensors).toBe(others)
  })

  test('a photo that is not finite is reported, and the step after new weights is clean', async () => {
    await ready()
    const values = new Float32Array(2 * 32 * 32 * 3).fill(0.5)
    values[5] = Number.NaN
    const inputs = { kind: 'normalized', values, count: 2, size: 32 } as const
    expect((await engine.step(inputs, labels(2), 1e-3)).finite).toBe(false)
    await engine.load(state)
    expect((await engine.step(photos(2), labels(2), 1e-3)).finite).toBe(true)
  })

  test('the same steps give the same bits, and two engines do not disturb each other', async () => {
    const run = async () => {
      const own = await makeEngine('wasm')
      await own.load(state)
      await own.configure(stepConfig({ optimizer: ADAM }))
      const losses: number[] = []
      for (let i = 0; i < 2; i++) losses.push((await own.step(photos(3), labels(3), 1e-3)).loss)
      await own[Symbol.asyncDispose]()
      return losses
    }
    await ready()
    const [first, second] = await Promise.all([run(), run()])
    expect(second).toEqual(first)
  })

  test('steps that are started together run one after the other', async () => {
    await ready()
    const results = await Promise.all([0, 1].map(() => engine.step(photos(3), labels(3), 1e-3)))
    expect(results[1].loss).not.toBe(results[0].loss)
    expect((await engine.readOptimizer()).get('fc.bias')?.step).toBe(2)
  })
})
