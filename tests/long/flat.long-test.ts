/** Long training holds no more memory than short training: on the plan (in Node on Dawn) and on wasm. */
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, test } from 'vitest'
import { meterMemory } from '../../bench/meter.ts'
import { openDawn } from '../../scripts/dawn.ts'
import type { TrainStep } from '../../src/engine/index.ts'
import { createPlan, openDevice } from '../../src/engine/plan/index.ts'
import { makeEngine } from '../engine-factory.ts'
import { begin, javascriptBytes, takeSteps, wholeRun } from './memory.ts'

/** Kept for as long as its device: nothing else holds it. */
const dawn = openDawn(true)

/** Steps until everything that is made once is made. */
const WARM = 50
const STEPS = 500
/** Of what is held after the warm steps; the collector's own figures waver by less. */
const WAVER = 0.01

/** What must stay the same to the byte, by name. */
type Exact = () => Record<string, number>

async function held(exact: Exact) {
  return { exact: exact(), javascript: await javascriptBytes() }
}

async function expectFlat(engine: TrainStep, exact: Exact): Promise<void> {
  await begin(engine)
  await takeSteps(engine, 0, WARM)
  const start = await held(exact)
  await takeSteps(engine, WARM, WARM + STEPS / 2)
  const middle = await held(exact)
  await takeSteps(engine, WARM + STEPS / 2, WARM + STEPS)
  const end = await held(exact)
  console.log([start, middle, end].map((each) => JSON.stringify(each)).join('\n'))
  expect(middle.exact).toEqual(start.exact)
  expect(end.exact).toEqual(start.exact)
  expect(end.javascript.buffers).toBeLessThan(start.javascript.buffers * (1 + WAVER))
  // Code that is compiled on the way counts as heap: the first half still has some.
  expect(end.javascript.heap).toBeLessThan(middle.javascript.heap * (1 + WAVER))
}

async function expectSameAfterRuns(engine: TrainStep, exact: Exact): Promise<void> {
  await wholeRun(engine)
  const first = await held(exact)
  await wholeRun(engine)
  await wholeRun(engine)
  const third = await held(exact)
  console.log(JSON.stringify({ first, third }))
  for (const [name, bytes] of Object.entries(third.exact))
    expect(Math.abs(bytes / first.exact[name] - 1), name).toBeLessThan(0.01)
  expect(third.javascript.heap).toBeLessThan(first.javascript.heap * (1 + WAVER))
}

describe('the plan', async () => {
  const opened = await openDevice(dawn)
  if (!opened) throw new Error('Dawn finds no adapter here, not even a software one')
  const { device, adapter } = opened
  const meter = meterMemory(device)
  const engine = await createPlan(device, { adapter, ownsDevice: true })
  afterAll(() => engine[Symbol.asyncDispose]())
  const exact = () => ({ 'GPU bytes': meter.held })

  test('holds the same after 500 steps', () => expectFlat(engine, exact))
  test('holds the same after three runs', () => expectSameAfterRuns(engine, exact))
})

describe('wasm', async () => {
  const engine = await makeEngine('wasm')
  afterAll(() => engine[Symbol.asyncDispose]())
  const exact = () => {
    const { numBytes, numTensors } = tf.memory()
    return { 'heap bytes': heapBytes(), 'tensor bytes': numBytes, tensors: numTensors }
  }

  test('holds the same after 500 steps', () => expectFlat(engine, exact))
  test('holds the same after three runs', () => expectSameAfterRuns(engine, exact))
})

/** The size of the wasm backend's memory. */
function heapBytes(): number {
  const wasm: unknown = Reflect.get(tf.backend(), 'wasm')
  const heap: unknown = typeof wasm === 'object' && wasm ? Reflect.get(wasm, 'HEAPU8') : null
  if (!(heap instanceof Uint8Array)) throw new Error('TF.js shows no heap')
  return heap.buffer.byteLength
}
