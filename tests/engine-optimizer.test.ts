import { expect, test } from 'vitest'
import { newMoments, updateParameter } from '../src/engine/core/optimizer.ts'
import { stream } from '../src/random/index.ts'
import { optimizerOf } from './reference/helpers.ts'
import reference from './reference/resnet18.json'

const draw = (name: string) => {
  const random = stream(name)
  return Float64Array.from({ length: 8 }, () => random() * 2 - 1)
}

/** Eight values, ten steps, a second parameter that joins at the sixth with a step count of its own. */
test.each(Object.entries(reference.optimizers))("%s moves parameters as PyTorch's does", (name, steps) => {
  const config = optimizerOf(name)
  const rate = Number(/lr=(\S+)/.exec(name)?.[1])
  const parameters = { a: Float32Array.from(draw('parameter a')), b: Float32Array.from(draw('parameter b')) }
  const moments = { a: newMoments(config.kind, 8), b: newMoments(config.kind, 8) }
  steps.forEach((expected, step) => {
    for (const key of step < 5 ? (['a'] as const) : (['a', 'b'] as const)) {
      const gradient = Float32Array.from(draw(`gradient ${key} ${step}`))
      const finite = updateParameter(config, parameters[key], parameters[key], gradient, moments[key], rate)
      expect(finite).toBe(true)
      expected[key].forEach((value, i) => {
        const difference = Math.abs(parameters[key][i] - value)
        expect(difference, `${key}[${i}] after step ${step + 1}`).toBeLessThanOrEqual(1e-6 * Math.abs(value))
      })
    }
  })
  expect([moments.a.step, moments.b.step]).toEqual([10, 5])
})

test.each(['adam', 'adamw', 'sgd'] as const)('%s says when what it writes is not finite', (kind) => {
  const config = { kind, weightDecay: 0, momentum: 0, stageScale: {} }
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const gradient = Float32Array.of(0, bad)
    const parameter = new Float32Array(2)
    expect(updateParameter(config, parameter, parameter, gradient, newMoments(kind, 2), 0.1)).toBe(false)
  }
})
