import { afterAll, describe, expect, it } from 'vitest'
import { meterMemory } from '../../../bench/meter.ts'
import { referenceState, stepConfig } from '../../../tests/reference/helpers.ts'
import {
  boundaryValues,
  LOCK_ALL,
  LOCK_NONE,
  LOCKABLE_STAGES,
  newClassifier,
  type StateDict,
} from '../../model/index.ts'
import { stream } from '../../random/index.ts'
import { partOf } from '../batches.ts'
import { createEngine } from '../index.ts'
import {
  type Inputs,
  MEAN,
  type OptimizerConfig,
  STD,
  type StepConfig,
  type TrainStep,
} from '../train-step.ts'
import { openDevice } from './device.ts'
import { createPlan, type PlanOptions } from './plan.ts'
import { relativeError, testDevice } from './testing.ts'

const device = testDevice()
afterAll(async () => (await device).destroy())

const SIZE = 32
const ADAM: OptimizerConfig = { kind: 'adam', weightDecay: 0, momentum: 0, stageScale: {} }

function withClasses(classes: number): StateDict {
  return new Map([...referenceState(), ...newClassifier(classes, 1)])
}

async function prepared(
  config: Partial<StepConfig>,
  { state = referenceState(), ...options }: PlanOptions & { state?: StateDict } = {},
): Promise<TrainStep> {
  const plan = await createPlan(await device, options)
  await plan.load(state)
  await plan.configure(stepConfig({ optimizer: ADAM, ...config }))
  return plan
}

function photos(name: string, count: number, size = SIZE): Extract<Inputs, { kind: 'photos' }> {
  const draw = stream(name)
  return {
    kind: 'photos',
    pixels: Uint8Array.from({ length: count * size * size * 3 }, () => draw() * 256),
    count,
    size,
  }
}

const labels = (count: number, classes = 5) =>
  Int32Array.from({ length: count }, (_, i) => (3 * i + 1) % classes)

type Values = Float32Array | BigInt64Array
const bytesOf = ({ buffer, byteOffset, byteLength }: Values) => new Uint8Array(buffer, byteOffset, byteLength)

/** `toEqual` takes a minute over eleven million values. */
function sameBits(a: Values, b: Values): boolean {
  const [first, second] = [bytesOf(a), bytesOf(b)]
  return first.length === second.length && first.every((byte, i) => byte === second[i])
}

async function expectSameState(a: TrainStep, b: TrainStep): Promise<void> {
  const [first, second] = [await a.readState(), await b.readState()]
  for (const [name, { data }] of first) expect(sameBits(data, second.get(name)!.data), name).toBe(true)
}

describe('inputs', () => {
  it('are the same as bytes and as normalized values', async () => {
    await using plan = await prepared({})
    const bytes = photos('a', 3)
    const values = Float32Array.from(bytes.pixels, (byte, i) => (byte / 255 - MEAN[i % 3]) / STD[i % 3])
    const normalized: Inputs = { kind: 'normalized', values, count: 3, size: SIZE }
    expect(relativeError(await plan.predict(normalized), await plan.predict(bytes))).toBeLessThan(1e-5)
  })

  it('may change size and count from call to call, and no photo feels the others', async () => {
    await using plan = await prepared({})
    for (const [count, size] of [
      [3, 65],
      [1, 97],
      [5, 32],
    ]) {
      const batch = photos('b', count, size)
      const together = await plan.predict(batch)
      const photo = size * size * 3
      for (let i = 0; i < count; i++) {
        const pixels = batch.pixels.slice(i * photo, (i + 1) * photo)
        const alone = await plan.predict({ kind: 'photos', pixels, count: 1, size })
        expect(relativeError(together.subarray(5 * i, 5 * i + 5), alone)).toBeLessThan(1e-5)
      }
    }
  })

  for (const boundary of [1, 2, 3, 4, 5] as const)
    it(`as activations of boundary ${boundary} train as the photos do, micro-batches too`, async () => {
      const locked = LOCKABLE_STAGES.slice(0, boundary)
      const batch = photos('c', 5)
      // Pooled features are never cut into micro-batches.
      for (const microBatch of boundary < 5 ? [null, 3] : [null]) {
        await using first = await prepared({ locked, microBatch })
        await using second = await prepared({ locked, microBatch })
        // Computed one by one: a photo does not feel the others of its batch.
        const values = new Float32Array(5 * boundaryValues(boundary, SIZE))
        for (let i = 0; i < 5; i++)
          values.set(
            await first.activations(partOf(batch, i, i + 1), boundary),
            i * boundaryValues(boundary, SIZE),
          )
        const given: Inputs = { kind: 'activations', boundary, values, count: 5, size: SIZE }
        const [expected, gradients] = [
          await first.gradients(batch, labels(5)),
          await second.gradients(given, labels(5)),
        ]
        expect([...gradients.keys()]).toEqual([...expected.keys()])
        for (const [name, gradient] of expected)
          expect(sameBits(gradients.get(name)!, gradient), name).toBe(true)
        for (let step = 0; step < 3; step++) {
          const fromPhotos = await first.step(batch, labels(5), 1e-3)
          expect((await second.step(given, labels(5), 1e-3)).loss).toBe(fromPhotos.loss)
        }
        expect(sameBits(await second.predict(given), await first.predict(batch))).toBe(true)
        await expectSameState(first, second)
      }
    })

  it('that do not fit are refused in words', async () => {
    await using plan = await prepared({})
    await expect(plan.step(photos('d', 2), Int32Array.of(0, 5), 0.1)).rejects.toThrow('label 5')
    await expect(plan.step(photos('d', 2), Int32Array.of(0), 0.1)).rejects.toThrow('1 labels for 2')
    const values = new Float32Array(1024)
    const features: Inputs = { kind: 'activations', boundary: 5, values, count: 2, size: SIZE }
    await expect(plan.step(features, labels(2), 0.1)).rejects.toThrow('locked')
    await expect(createPlan(await device, { kernels: 'unheard-of' })).rejects.toThrow('"unheard-of"')
    const broken = new Map(referenceState())
    broken.delete('layer3.0.conv1.weight')
    await expect(plan.load(broken)).rejects.toThrow('layer3.0.conv1.weight is missing')
  })
})

/** Of the reference's five classes. */
const WEIGHTS = [0.5, 2, 1, 3, 0.25]

describe('gradients agree with the plain engine where the reference has no numbers', () => {
  const cases: [string, Partial<StepConfig>, number, number][] = [
    ['65 px, three photos, label smoothing', { labelSmoothing: 0.1 }, 65, 3],
    ['classes that weigh differently', { classWeights: WEIGHTS, labelSmoothing: 0.1 }, 40, 3],
    ['classes that weigh differently, in micro-batches', { classWeights: WEIGHTS, microBatch: 2 }, 33, 5],
    ['33 px, two photos, layer4 of 2 x 2', {}, 33, 2],
    ['a locked stage between trained ones', { locked: ['layer2'] }, 40, 3],
    ['locked stages in train mode', { locked: ['stem', 'layer1', 'layer3'], batchNorm: 'tutorial' }, 40, 3],
    ['micro-batches', { microBatch: 2 }, 33, 5],
  ]
  for (const [name, config, size, count] of cases)
    it(name, async () => {
      // Photos at which no ReLU's input is zero but for rounding, which would fall either way.
      const batch = photos(`case ${name}`, count, size)
      await using plan = await prepared(config)
      await using plain = await createEngine({ engine: 'wasm' })
      await plain.load(referenceState())
      await plain.configure(stepConfig({ optimizer: ADAM, ...config }))
      const expected = await plain.gradients(batch, labels(count))
      const gradients = await plan.gradients(batch, labels(count))
      expect([...gradients.keys()].sort()).toEqual([...expected.keys()].sort())
      for (const [parameter, values] of expected)
        expect(relativeError(gradients.get(parameter)!, values), parameter).toBeLessThan(2e-3)
      const { loss } = await plan.step(batch, labels(count), 0)
      expect(loss).toBeCloseTo((await plain.step(batch, labels(count), 0)).loss, 4)
      const [ours, theirs] = [await plan.readState(), await plain.readState()]
      for (const [entry, { data }] of theirs)
        if (data instanceof BigInt64Array) expect(ours.get(entry)!.data, entry).toEqual(data)
        else expect(relativeError(ours.get(entry)!.data as Float32Array, data), entry).toBeLessThan(1e-3)
    })

  it('the head of 10,000 classes', async () => {
    const state = new Map(withClasses(10_000))
    for (const name of ['fc.weight', 'fc.bias'] as const) {
      const { shape, data } = state.get(name)!
      state.set(name, { dtype: 'F32', shape, data: new Float32Array(data.length) })
    }
    await using plan = await prepared({ locked: LOCK_ALL }, { state })
    const draw = stream('features')
    const values = Float32Array.from({ length: 3 * 512 }, () => draw())
    const features: Inputs = { kind: 'activations', boundary: 5, values, count: 3, size: SIZE }
    const targets = Int32Array.of(9999, 17, 9999)
    const gradients = await plan.gradients(features, targets)
    const bias = Float64Array.from(
      { length: 10_000 },
      (_, c) => 1e-4 - (c === 9999 ? 2 / 3 : c === 17 ? 1 / 3 : 0),
    )
    expect(relativeError(gradients.get('fc.bias')!, bias)).toBeLessThan(1e-6)
    const weight = Float64Array.from({ length: 512 }, (_, f) => {
      const [a, b, c] = [values[f], values[512 + f], values[1024 + f]]
      return ((a + b + c) * 1e-4 - a - c) / 3
    })
    expect(relativeError(gradients.get('fc.weight')!.subarray(9999 * 512), weight)).toBeLessThan(1e-5)
    expect((await plan.step(features, targets, 0.1)).loss).toBeCloseTo(Math.log(10_000), 4)
  })
})

describe('micro-batches', () => {
  it('give the gradient of the whole batch where no batch norm sees the batch', async () => {
    const batch = photos('e', 5)
    const gradients: Map<string, Float32Array>[] = []
    for (const microBatch of [null, 2]) {
      await using plan = await prepared({ locked: LOCK_ALL, microBatch })
      gradients.push(await plan.gradients(batch, labels(5)))
    }
    for (const [name, whole] of gradients[0])
      expect(relativeError(gradients[1].get(name)!, whole), name).toBeLessThan(1e-5)
  })

  it('are as large as the budget and the limits of the device allow', async () => {
    await using roomy = await prepared({})
    await using tight = await prepared({}, { memoryBudget: 500 * 2 ** 20 })
    expect(roomy.microBatchFor(8, 64)).toBe(8)
    expect(tight.microBatchFor(8, 64)).toBe(8)
    const micro = tight.microBatchFor(32, 224)
    expect(micro).toBeGreaterThanOrEqual(1)
    expect(micro).toBeLessThan(roomy.microBatchFor(32, 224))
    expect(tight.estimateBytes(micro, 224)).toBeLessThanOrEqual(500 * 2 ** 20)
    await roomy.configure(stepConfig({ locked: LOCK_ALL }))
    expect(roomy.estimateBytes(8, 64)).toBeLessThan(tight.estimateBytes(8, 64) / 2)
    await roomy.configure(stepConfig({ microBatch: 3 }))
    expect(roomy.microBatchFor(8, 64)).toBe(3)
  })
})

describe('memory', () => {
  it('is what was estimated, and no more after a second and a third run', async () => {
    using memory = meterMemory(await device)
    await using plan = await prepared({ locked: LOCK_ALL })
    const afterRuns: number[] = []
    for (let run = 0; run < 3; run++) {
      await plan.load(referenceState())
      await plan.configure(stepConfig({ optimizer: ADAM, locked: LOCK_ALL }))
      await plan.step(photos('q', 2), labels(2), 0.001)
      await plan.configure(stepConfig({ optimizer: ADAM }))
      await plan.step(photos('q', 3, 33), labels(3), 0.001)
      const estimate = plan.estimateBytes(3, 33)
      expect(Math.abs(memory.held / estimate - 1)).toBeLessThan(0.01)
      await plan.predict(photos('r', 5, 33))
      afterRuns.push(memory.held)
      expect(memory.held).toBeLessThan(1.1 * estimate)
    }
    expect(afterRuns).toEqual([afterRuns[0], afterRuns[0], afterRuns[0]])
  })
})

describe('a run', () => {
  it('repeats bit by bit, whether one or several steps are in flight', async () => {
    const batches = ['f', 'g', 'h', 'f', 'g'].map((name, i) => photos(name, 4 - (i % 3)))
    const run = async (plan: TrainStep, together: boolean) => {
      const results: Promise<unknown>[] = []
      for (const batch of batches) {
        const result = plan.step(batch, labels(batch.count), 0.001)
        if (!together) await result
        results.push(result)
      }
      return Promise.all(results)
    }
    await using first = await prepared({})
    await using second = await prepared({})
    expect(await run(first, true)).toEqual(await run(second, false))
    await expectSameState(first, second)
  })

  it('goes on from its weights and optimizer state as if never broken', async () => {
    const config = { locked: ['stem', 'layer1', 'layer2', 'layer3'] as const }
    for (const kind of ['adamw', 'sgd'] as const) {
      const optimizer: OptimizerConfig = {
        kind,
        weightDecay: 0.01,
        momentum: 0.9,
        stageScale: { layer4: 0.5 },
      }
      await using first = await prepared({ ...config, optimizer })
      for (let i = 0; i < 2; i++) await first.step(photos('i', 3), labels(3), 0.01)
      await using second = await prepared({ ...config, optimizer }, { state: await first.readState() })
      await second.loadOptimizer(await first.readOptimizer())
      const results = await Promise.all(
        [first, second].map((plan) => plan.step(photos('j', 3), labels(3), 0.01)),
      )
      expect(results[1]).toEqual(results[0])
      await expectSameState(first, second)
      const [ours, theirs] = [await second.readOptimizer(), await first.readOptimizer()]
      expect(ours.size).toBe(theirs.size)
      for (const [name, { step, m, v }] of theirs) {
        const other = ours.get(name)!
        expect(other.step, name).toBe(step)
        expect(sameBits(m, other.m), name).toBe(true)
        expect(v === null ? other.v === null : sameBits(v, other.v!), name).toBe(true)
      }
    }
  })

  it('keeps optimizer state of what stays trained, and begins anew for what is locked in between', async () => {
    await using plan = await prepared({ locked: LOCK_ALL.slice(0, 4) })
    const step = () => plan.step(photos('k', 3), labels(3), 0.001)
    await step()
    const before = await plan.readOptimizer()
    await plan.configure(stepConfig({ optimizer: ADAM, locked: LOCK_ALL }))
    expect([...(await plan.readOptimizer())].sort()).toEqual(
      [...before].filter(([name]) => name.startsWith('fc')).sort(),
    )
    await plan.configure(stepConfig({ optimizer: ADAM, locked: LOCK_ALL.slice(0, 4) }))
    const gradients = await plan.gradients(photos('k', 3), labels(3))
    await step()
    const after = await plan.readOptimizer()
    expect(after.get('fc.weight')!.step).toBe(2)
    expect(after.get('layer4.1.conv2.weight')!.step).toBe(1)
    const { m } = after.get('layer4.1.conv2.weight')!
    const first = gradients.get('layer4.1.conv2.weight')!.map((gradient) => gradient * 0.1)
    expect(relativeError(m, first)).toBeLessThan(1e-5)
    plan.resetOptimizer()
    await step()
    expect((await plan.readOptimizer()).get('fc.weight')!.step).toBe(1)
    await plan.configure(stepConfig({ optimizer: { ...ADAM, kind: 'sgd' }, locked: LOCK_ALL }))
    expect(await plan.readOptimizer()).toEqual(new Map())
    await step()
    await plan.load(withClasses(7))
    expect(await plan.readOptimizer()).toEqual(new Map())
    await step()
    expect((await plan.readOptimizer()).get('fc.bias')!.m).toHaveLength(7)
  })

  it('moves a stage by its share of the learning rate', async () => {
    await using plan = await prepared({
      locked: LOCK_ALL.slice(0, 3),
      optimizer: { ...ADAM, stageScale: { layer3: 0 } },
    })
    await plan.step(photos('l', 3), labels(3), 0.01)
    const state = await plan.readState(['layer3.0.conv1.weight', 'layer4.0.conv1.weight'])
    const before = referenceState()
    expect(state.get('layer3.0.conv1.weight')).toEqual(before.get('layer3.0.conv1.weight'))
    expect(state.get('layer4.0.conv1.weight')).not.toEqual(before.get('layer4.0.conv1.weight'))
  })

  it('that meets NaN or an infinity says so', async () => {
    const values = new Float32Array(2 * SIZE * SIZE * 3)
    values[100] = Number.NaN
    await using plan = await prepared({ locked: LOCK_NONE })
    const result = await plan.step({ kind: 'normalized', values, count: 2, size: SIZE }, labels(2), 0.1)
    expect(result.finite).toBe(false)
    const infinite = new Map(referenceState())
    const { shape } = infinite.get('fc.bias')!
    infinite.set('fc.bias', {
      dtype: 'F32',
      shape,
      data: Float32Array.of(0, Number.POSITIVE_INFINITY, 0, 0, 0),
    })
    await plan.load(infinite)
    await plan.configure(stepConfig({ optimizer: ADAM, locked: LOCK_ALL }))
    expect(await plan.step(photos('m', 2), labels(2), 0.1)).toMatchObject({ loss: Number.NaN, finite: false })
  })
})

describe('a device that fails', () => {
  const open = async () => {
    const opened = await openDevice()
    return opened!.device
  }

  it('rejects what is in flight and what follows, once it is lost', async () => {
    const lost = await open()
    await using plan = await createPlan(lost)
    await plan.load(referenceState())
    await plan.configure(stepConfig({ locked: LOCK_ALL }))
    const step = plan.step(photos('n', 2), labels(2), 0.1)
    await Promise.resolve()
    lost.destroy()
    await expect(step).rejects.toMatchObject({ name: 'EngineError', kind: 'device-lost' })
    await expect(plan.predict(photos('n', 2))).rejects.toMatchObject({ kind: 'device-lost' })
  })

  it('rejects the steps after an error that nobody caught', async () => {
    const broken = await open()
    await using plan = await createPlan(broken, { ownsDevice: true })
    await plan.load(referenceState())
    await plan.configure(stepConfig({ locked: LOCK_ALL }))
    broken.createBuffer({ size: 4, usage: 0 })
    await broken.queue.onSubmittedWorkDone()
    await expect(plan.step(photos('o', 2), labels(2), 0.1)).rejects.toThrow('The GPU reported an error')
  })

  it('that has no room says out of memory', async () => {
    await using plan = await prepared({ locked: LOCK_ALL, microBatch: 4096 })
    const huge: Inputs = {
      kind: 'photos',
      pixels: new Uint8Array(4096 * 128 * 128 * 3),
      count: 4096,
      size: 128,
    }
    await expect(plan.step(huge, labels(4096), 0.1)).rejects.toMatchObject({ kind: 'out-of-memory' })
    const { finite } = await plan.step(photos('p', 2), labels(2), 0.1)
    expect(finite).toBe(true)
  })
})
