import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { openWasm } from '../src/engine/core/index.ts'
import { Heap } from '../src/engine/core/wasm/heap.ts'
import { newMoments, updateParameter } from '../src/engine/core/wasm/heap-optimizer.ts'
import { stream } from '../src/random/index.ts'
import { optimizerOf } from './reference/helpers.ts'
import reference from './reference/resnet18.json'

const WASM = fileURLToPath(new URL('../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url))
let heap: Heap

beforeAll(async () => {
  await openWasm(WASM)
  heap = new Heap()
})

const draw = (name: string) => {
  const random = stream(name)
  return Float64Array.from({ length: 8 }, () => random() * 2 - 1)
}

/** Eight values, ten steps, a second parameter that joins at the sixth with a step count of its own. */
test.each(Object.entries(reference.optimizers))("%s moves parameters as PyTorch's does", (name, steps) => {
  const config = optimizerOf(name)
  const rate = Number(/lr=(\S+)/.exec(name)?.[1])
  const drawn = (what: string) => tf.tensor1d(Float32Array.from(draw(what)))
  const parameters = { a: drawn('parameter a'), b: drawn('parameter b') }
  const moments = { a: newMoments(config.kind, 8), b: newMoments(config.kind, 8) }
  steps.forEach((expected, step) => {
    for (const key of step < 5 ? (['a'] as const) : (['a', 'b'] as const)) {
      const gradient = drawn(`gradient ${key} ${step}`)
      const parameter = parameters[key]
      const finite = updateParameter(heap, config, parameter, parameter, gradient, moments[key], rate)
      expect(finite).toBe(true)
      expected[key].forEach((value, i) => {
        const difference = Math.abs(heap.view(parameter)[i] - value)
        expect(difference, `${key}[${i}] after step ${step + 1}`).toBeLessThanOrEqual(1e-6 * Math.abs(value))
      })
    }
  })
  expect([moments.a.step, moments.b.step]).toEqual([10, 5])
})

test.each(['adam', 'adamw', 'sgd'] as const)('%s says when what it writes is not finite', (kind) => {
  const config = { kind, weightDecay: 0, momentum: 0, stageScale: {} }
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    // One among four that are updated at once, and one of the rest.
    for (const at of [1, 6]) {
      const values = new Float32Array(7)
      values[at] = bad
      const gradient = tf.tensor1d(values)
      const parameter = tf.zeros([7])
      expect(updateParameter(heap, config, parameter, parameter, gradient, newMoments(kind, 7), 0.1)).toBe(
        false,
      )
    }
  }
})
