import { beforeAll, describe, expect, it } from 'vitest'
import weighted from '../../../../tests/reference/class-weights.json'
import reference from '../../../../tests/reference/resnet18.json'
import { stream } from '../../../random/index.ts'
import { MEAN, STD } from '../../train-step.ts'
import { relativeError, runKernel, STEP, testDevice } from '../testing.ts'
import { type Kernel, linearGroups } from './kernel.ts'
import { crossEntropyGroups, crossEntropyKernel, RESULT, sumLossesKernel } from './loss.ts'
import { BLOCK, optimizerInvocations, optimizerKernel, TABLE_ROW, tableRow } from './optimizer.ts'
import { normalizeKernel, padChannelsKernel } from './photos.ts'
import { averagePoolGradientKernel, averagePoolKernel, maxPoolGradientKernel, maxPoolKernel } from './pool.ts'

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

const random = (name: string, count: number) => {
  const draw = stream(name)
  return Float32Array.from({ length: count }, () => draw() * 2 - 1)
}
const zeros = (count: number) => new Float32Array(count)
const linear = (kernel: Kernel, invocations: number, constants: number[]) => ({
  kernel,
  groups: linearGroups(kernel, invocations),
  constants,
})

describe('photos', () => {
  it('become normalized values of four channels, the fourth zero', async () => {
    const pixels = 37
    const draw = stream('pixels')
    const bytes = Uint8Array.from({ length: 4 * Math.ceil((pixels * 3) / 4) }, () => draw() * 256)
    const run = linear(normalizeKernel, pixels, [pixels])
    const { x } = await runKernel(device, run, {
      photos: new Uint32Array(bytes.buffer),
      x: zeros(4 * pixels),
    })
    const expected = Array.from(x, (_, i) =>
      i % 4 === 3 ? 0 : (bytes[(i >> 2) * 3 + (i % 4)] / 255 - MEAN[i % 4]) / STD[i % 4],
    )
    expect(relativeError(x, expected)).toBeLessThan(1e-6)
  })

  it('that are normalized already only get the fourth channel', async () => {
    const photos = random('photos', 3 * 11)
    const { x } = await runKernel(device, linear(padChannelsKernel, 11, [11]), { photos, x: zeros(44) })
    expect(Array.from(x)).toEqual(Array.from(x, (_, i) => (i % 4 === 3 ? 0 : photos[(i >> 2) * 3 + (i % 4)])))
  })
})

describe('pools', () => {
  const [count, C] = [3, 8]

  for (const side of [33, 8])
    it(`maximum of a ${side} px map and its gradient: the first of equal values wins`, async () => {
      const outSide = Math.floor((side - 1) / 2) + 1
      // Few distinct values, most of them zero as behind a ReLU: ties in every window.
      const x = random('x', count * side * side * C).map((value) => Math.max(0, Math.round(value * 3)))
      const dy = random('dy', count * outSide * outSide * C)
      const y = zeros(dy.length)
      const dx = zeros(x.length)
      for (let i = 0; i < y.length; i++) {
        const c = i % C
        const pixel = (i - c) / C
        const [ox, oy, image] = [
          pixel % outSide,
          Math.floor(pixel / outSide) % outSide,
          Math.floor(pixel / outSide ** 2),
        ]
        let best = -1
        for (let iy = Math.max(0, 2 * oy - 1); iy < Math.min(side, 2 * oy + 2); iy++)
          for (let ix = Math.max(0, 2 * ox - 1); ix < Math.min(side, 2 * ox + 2); ix++) {
            const at = ((image * side + iy) * side + ix) * C + c
            if (best < 0 || x[at] > x[best]) best = at
          }
        y[i] = x[best]
        dx[best] += dy[i]
      }
      const constants = [y.length / 4, C / 4, side, outSide]
      const pooled = await runKernel(device, linear(maxPoolKernel(false), y.length / 4, constants), {
        x,
        y: zeros(y.length),
        taps: new Uint32Array(y.length / 4),
      })
      expect(Array.from(pooled.y)).toEqual(Array.from(y))
      const gradient = await runKernel(device, linear(maxPoolGradientKernel, y.length / 4, constants), {
        dy,
        taps: new Uint32Array(pooled.taps.buffer),
        dx: zeros(x.length),
      })
      expect(relativeError(gradient.dx, dx)).toBeLessThan(1e-6)
      // The ReLU of a batch norm of mean 1, factor 2 and beta 2: twice x, where x is positive.
      const moments = Float32Array.from([1, 9, 2, 2].flatMap((value) => new Array<number>(C).fill(value)))
      const normalized = await runKernel(device, linear(maxPoolKernel(true), y.length / 4, constants), {
        x: x.map((value, i) => value - (i % 3)),
        moments,
        y: zeros(y.length),
        taps: new Uint32Array(y.length / 4),
      })
      const shifted = await runKernel(device, linear(maxPoolKernel(false), y.length / 4, constants), {
        x: x.map((value, i) => Math.max(0, value - (i % 3))),
        y: zeros(y.length),
        taps: new Uint32Array(y.length / 4),
      })
      expect(Array.from(normalized.y)).toEqual(Array.from(shifted.y, (value) => 2 * value))
      const taps = new Uint32Array(shifted.taps.buffer)
      new Uint32Array(normalized.taps.buffer).forEach((won, i) => {
        for (let c = 0; c < 4; c++)
          if (shifted.y[4 * i + c] > 0) expect((won >> (8 * c)) & 255).toBe((taps[i] >> (8 * c)) & 255)
      })
    })

  it('mean over all pixels and its gradient', async () => {
    const pixels = 49
    const x = random('x', count * pixels * C)
    const mean = new Float64Array(count * C)
    x.forEach((value, i) => {
      mean[Math.floor(i / (pixels * C)) * C + (i % C)] += value / pixels
    })
    const pooled = await runKernel(
      device,
      linear(averagePoolKernel, (count * C) / 4, [(count * C) / 4, C / 4, pixels]),
      { x, y: zeros(count * C) },
    )
    expect(relativeError(pooled.y, mean)).toBeLessThan(1e-5)
    const dy = random('dy', count * C)
    const { dx } = await runKernel(
      device,
      linear(averagePoolGradientKernel, x.length / 4, [x.length / 4, C / 4, pixels]),
      { dy, dx: zeros(x.length) },
    )
    const expected = Array.from(x, (_, i) => dy[Math.floor(i / (pixels * C)) * C + (i % C)] / pixels)
    expect(relativeError(dx, expected)).toBeLessThan(1e-6)
  })
})

describe.each([
  ['by workgroups', false],
  ['by single invocations, as in software', true],
])('cross entropy %s', (_, software) => {
  for (const [classes, labelSmoothing, weighted] of [
    [2, 0, false],
    [5, 0.1, false],
    [101, 0, false],
    [10_000, 0.1, false],
    [3, 0, true],
    [101, 0.1, true],
  ] as const)
    it(`over ${classes} classes with label smoothing ${labelSmoothing}${weighted ? ' and class weights' : ''}`, async () => {
      const weights = Float32Array.from({ length: classes }, (_, c) => (weighted ? 0.25 + (c % 4) : 1))
      const count = 3
      const columns = Math.ceil(classes / 4) * 4
      const logits = random('logits', count * columns).map((value) => value * 8)
      const labels = Uint32Array.from([classes - 1, 0, 1])
      logits[2 * columns + 1] = 9 // sample 2 is classified right
      const run = {
        kernel: crossEntropyKernel(software, weighted),
        groups: crossEntropyGroups(software, count),
        constants: [count, classes, columns],
      }
      const arrays = {
        logits,
        labels,
        ...(weighted && { weights }),
        dlogits: zeros(logits.length).fill(7),
        losses: zeros(2 * count),
        result: new Uint32Array(RESULT.words),
      }
      const step = { ...STEP, labelSmoothing, inverseBatch: 1 / 6 }
      const found = await runKernel(device, run, arrays, step)
      const expected = zeros(logits.length)
      labels.forEach((label, row) => {
        const values = Array.from(logits.subarray(row * columns, row * columns + classes))
        const largest = Math.max(...values)
        const logSum = largest + Math.log(values.reduce((sum, z) => sum + Math.exp(z - largest), 0))
        const smooth = values.reduce((sum, z, c) => sum + weights[c] * (logSum - z), 0) / classes
        const loss =
          (1 - labelSmoothing) * weights[label] * (logSum - values[label]) + labelSmoothing * smooth
        expect(found.losses[2 * row]).toBeCloseTo(loss, 4)
        expect(found.losses[2 * row + 1]).toBe(values.indexOf(largest) === label ? 1 : 0)
        const targets = values.map(
          (_, c) => weights[c] * (labelSmoothing / classes + (c === label ? 1 - labelSmoothing : 0)),
        )
        const whole = targets.reduce((sum, target) => sum + target, 0)
        values.forEach((z, c) => {
          expected[row * columns + c] = (whole * Math.exp(z - logSum) - targets[c]) / 6
        })
      })
      expect(relativeError(found.dlogits, expected)).toBeLessThan(1e-5)
      expect(new Uint32Array(found.result.buffer)[RESULT.notFinite]).toBe(0)
    })

  it.each(weighted.criterion.cases)(
    "with class weights is PyTorch's, label smoothing $label_smoothing",
    async ({ label_smoothing: labelSmoothing, loss, gradient }) => {
      const classes = weighted.weights.length
      const labels = Uint32Array.from(weighted.criterion.labels)
      const [count, columns] = [labels.length, 8]
      const padded = zeros(count * columns)
      weighted.criterion.logits.forEach((value, i) => {
        padded[Math.floor(i / classes) * columns + (i % classes)] = value
      })
      const counts = labels.reduce((sum, label) => sum + weighted.weights[label], 0)
      const { dlogits, losses } = await runKernel(
        device,
        {
          kernel: crossEntropyKernel(software, true),
          groups: crossEntropyGroups(software, count),
          constants: [count, classes, columns],
        },
        {
          logits: padded,
          labels,
          weights: Float32Array.from(weighted.weights),
          dlogits: zeros(padded.length).fill(7),
          losses: zeros(2 * count),
          result: new Uint32Array(RESULT.words),
        },
        { ...STEP, labelSmoothing, inverseBatch: 1 / counts },
      )
      const sum = losses.reduce((total, value, i) => total + (i % 2 === 0 ? value : 0), 0)
      expect(sum / counts).toBeCloseTo(loss, 5)
      const expected = Float64Array.from(padded, (_, i) =>
        i % columns < classes ? gradient[Math.floor(i / columns) * classes + (i % columns)] : 0,
      )
      expect(relativeError(dlogits, expected)).toBeLessThan(1e-5)
    },
  )

  it('says on bits that a logit is not finite', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const { result } = await runKernel(
        device,
        {
          kernel: crossEntropyKernel(software),
          groups: crossEntropyGroups(software, 2),
          constants: [2, 3, 4],
        },
        {
          logits: Float32Array.from([0, 1, 2, 0, 0, value, 2, 0]),
          labels: new Uint32Array(2),
          dlogits: zeros(8),
          losses: zeros(4),
          result: new Uint32Array(RESULT.words),
        },
      )
      expect(new Uint32Array(result.buffer)[RESULT.notFinite]).toBe(1)
    }
  })
})

it('adds losses and hits to those of the micro-batch before', async () => {
  const result = new Uint32Array(RESULT.words)
  new Float32Array(result.buffer)[RESULT.lossSum] = 2.5
  result[RESULT.correct] = 4
  const losses = Float32Array.from([1, 1, 0.25, 0, 3, 1])
  const sums = await runKernel(device, linear(sumLossesKernel, 1, [3]), { losses, result })
  expect(sums.result[RESULT.lossSum]).toBe(6.75)
  expect(new Uint32Array(sums.result.buffer)[RESULT.correct]).toBe(6)
})

describe('optimizers', () => {
  const eight = (name: string) => {
    const draw = stream(name)
    return Float32Array.from({ length: 8 }, () => draw() * 2 - 1)
  }
  const setting = (text: string, key: string) => Number(new RegExp(`${key}=(\\S+)`).exec(text)?.[1] ?? 0)

  for (const [name, steps] of Object.entries(reference.optimizers))
    it(`${name}: ten steps as torch.optim, a second parameter joins at the sixth`, async () => {
      const kind = (['adamw', 'adam', 'sgd'] as const).find((k) => name.startsWith(k))!
      const kernel = optimizerKernel(kind)
      const state: Record<'parameters' | 'first' | 'second', Float32Array<ArrayBuffer>> = {
        parameters: zeros(2 * BLOCK),
        first: zeros(2 * BLOCK),
        second: zeros(2 * BLOCK),
      }
      state.parameters.set(eight('parameter a'), 0)
      state.parameters.set(eight('parameter b'), BLOCK)
      const step = {
        ...STEP,
        weightDecay: setting(name, 'weight_decay'),
        sgdMomentum: setting(name, 'momentum'),
      }
      for (const [i, expected] of steps.entries()) {
        const gradients = zeros(2 * BLOCK)
        gradients.set(eight(`gradient a ${i}`), 0)
        gradients.set(eight(`gradient b ${i}`), BLOCK)
        const table = zeros(2 * TABLE_ROW)
        table.set(tableRow(setting(name, 'lr'), i + 1), 0)
        if (i >= 5) table.set(tableRow(setting(name, 'lr'), i - 4), TABLE_ROW)
        const after = await runKernel(
          device,
          linear(kernel, optimizerInvocations(2 * BLOCK), [2, 0]),
          {
            gradients,
            blocks: Uint32Array.of(0x0100),
            table,
            ...state,
            result: new Uint32Array(RESULT.words),
          },
          step,
        )
        for (const key of ['parameters', 'first', 'second'] as const) if (after[key]) state[key] = after[key]
        expect(relativeError(state.parameters.subarray(0, 8), expected.a)).toBeLessThan(1e-6)
        expect(relativeError(state.parameters.subarray(BLOCK, BLOCK + 8), expected.b)).toBeLessThan(1e-6)
        expect(new Uint32Array(after.result.buffer)[RESULT.notFinite]).toBe(0)
      }
    })

  it('marks a gradient that is not finite', async () => {
    const table = Float32Array.from(tableRow(0.1, 1))
    for (const bad of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const gradients = zeros(BLOCK)
      gradients[13] = bad
      const after = await runKernel(
        device,
        linear(optimizerKernel('sgd'), optimizerInvocations(BLOCK), [1, 0]),
        {
          gradients,
          blocks: new Uint32Array(1),
          table,
          parameters: zeros(BLOCK),
          first: zeros(BLOCK),
          result: new Uint32Array(RESULT.words),
        },
      )
      expect(new Uint32Array(after.result.buffer)[RESULT.notFinite]).toBe(2)
    }
  })
})
