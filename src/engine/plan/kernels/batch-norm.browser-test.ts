import { beforeAll, describe, expect, it } from 'vitest'
import { BATCH_NORM_EPSILON } from '../../../model/index.ts'
import { stream } from '../../../random/index.ts'
import { relativeError, runKernel, STEP, testDevice } from '../testing.ts'
import {
  applyKernel,
  foldKernel,
  gradientApplyKernel,
  gradientScaleKernel,
  gradientSumsKernel,
  mergeGradientKernel,
  mergeGroups,
  mergeStatisticsKernel,
  rowChunks,
  statisticsKernel,
} from './batch-norm.ts'
import { linearGroups } from './kernel.ts'

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

const C = 64
const random = (name: string, count: number, center = 0) => {
  const draw = stream(name)
  return Float32Array.from({ length: count }, () => center + draw() * 2 - 1)
}
const zeros = (count: number) => new Float32Array(count)

/** Mean and mean squared deviation of each channel, in float64. */
function moments(x: Float32Array) {
  const rows = x.length / C
  const mean = new Float64Array(C)
  const variance = new Float64Array(C)
  for (let i = 0; i < x.length; i++) mean[i % C] += x[i] / rows
  for (let i = 0; i < x.length; i++) variance[i % C] += (x[i] - mean[i % C]) ** 2 / rows
  return { mean, variance, scale: variance.map((v) => 1 / Math.sqrt(v + BATCH_NORM_EPSILON)) }
}

async function statistics(x: Float32Array<ArrayBuffer>) {
  const rows = x.length / C
  const { chunks, rowsPerChunk } = rowChunks(rows)
  const constants = [rows, C / 4, rowsPerChunk, chunks]
  const { partial } = await runKernel(
    device,
    { kernel: statisticsKernel, groups: linearGroups(statisticsKernel, (chunks * C) / 4), constants },
    { x, partial: zeros(chunks * 2 * C) },
  )
  return runKernel(
    device,
    { kernel: mergeStatisticsKernel, groups: mergeGroups(C), constants },
    {
      partial,
      batch_mean: zeros(C),
      batch_scale: zeros(C),
      running_mean: zeros(C).fill(0.5),
      running_var: zeros(C).fill(2),
    },
  )
}

const elementwise = (kernel: Parameters<typeof linearGroups>[0], count: number, ...more: number[]) => ({
  kernel,
  groups: linearGroups(kernel, count / 4),
  constants: [count / 4, C / 4, ...more],
})

describe('batch norm', () => {
  for (const rows of [3, 75, 3 * 17 * 17, 20_001])
    it(`finds mean and variance of ${rows} rows, and moves the running ones`, async () => {
      const x = random('x', rows * C)
      const { mean, variance, scale } = moments(x)
      const found = await statistics(x)
      expect(relativeError(found.batch_mean, mean)).toBeLessThan(1e-5)
      expect(relativeError(found.batch_scale, scale)).toBeLessThan(1e-5)
      const runningMean = mean.map((m) => 0.9 * 0.5 + 0.1 * m)
      const runningVar = variance.map((v) => 0.9 * 2 + (0.1 * v * rows) / (rows - 1))
      expect(relativeError(found.running_mean, runningMean)).toBeLessThan(1e-5)
      expect(relativeError(found.running_var, runningVar)).toBeLessThan(1e-5)
    })

  it('keeps the variance of values far from zero, where E[x^2] - E[x]^2 loses it', async () => {
    const x = random('far', 5000 * C, 3000)
    expect(relativeError((await statistics(x)).batch_scale, moments(x).scale)).toBeLessThan(1e-3)
  })

  it('normalizes, adds the shortcut and clips at zero', async () => {
    const count = 77 * C
    const x = random('x', count)
    const added = random('added', count)
    const [gamma, beta] = [random('gamma', C), random('beta', C)]
    const { mean, scale } = moments(x)
    const arrays = { x, mean: Float32Array.from(mean), scale: Float32Array.from(scale), gamma, beta, added }
    const value = (i: number) => (x[i] - mean[i % C]) * scale[i % C] * gamma[i % C] + beta[i % C]
    const both = await runKernel(device, elementwise(applyKernel(true, true), count), {
      ...arrays,
      y: zeros(count),
    })
    expect(
      relativeError(
        both.y,
        Array.from(x, (_, i) => Math.max(0, value(i) + added[i])),
      ),
    ).toBeLessThan(1e-5)
    const plain = await runKernel(device, elementwise(applyKernel(false, false), count), {
      ...arrays,
      y: zeros(count),
    })
    expect(
      relativeError(
        plain.y,
        Array.from(x, (_, i) => value(i)),
      ),
    ).toBeLessThan(1e-5)
  })

  for (const rows of [5, 3 * 33 * 33])
    it(`gives the gradients of ${rows} rows behind a ReLU`, async () => {
      const count = rows * C
      const [x, y, dy] = [random('x', count), random('y', count), random('dy', count)]
      const gamma = random('gamma', C)
      const { mean, scale } = moments(x)
      const dz = dy.map((value, i) => (y[i] > 0 ? value : 0))
      const normalized = (i: number) => (x[i] - mean[i % C]) * scale[i % C]
      const dbeta = new Float64Array(C)
      const dgamma = new Float64Array(C)
      dz.forEach((value, i) => {
        dbeta[i % C] += value
        dgamma[i % C] += value * normalized(i)
      })
      const dx = Array.from(dz, (value, i) => {
        const c = i % C
        return gamma[c] * scale[c] * (value - dbeta[c] / rows - (normalized(i) * dgamma[c]) / rows)
      })

      const { chunks, rowsPerChunk } = rowChunks(rows)
      const saved = { x, mean: Float32Array.from(mean), scale: Float32Array.from(scale) }
      const kernel = gradientSumsKernel(true)
      const sums = await runKernel(
        device,
        {
          kernel,
          groups: linearGroups(kernel, (chunks * C) / 4),
          constants: [rows, C / 4, rowsPerChunk, chunks],
        },
        { dy: dy.slice(), y, ...saved, partial: zeros(chunks * 2 * C) },
      )
      expect(Array.from(sums.dy)).toEqual(Array.from(dz))
      const merged = await runKernel(
        device,
        { kernel: mergeGradientKernel(true), groups: mergeGroups(C), constants: [C / 4, chunks] },
        {
          partial: sums.partial,
          dbeta: zeros(C),
          dgamma: zeros(C),
          gamma_gradient: zeros(C).fill(2),
          beta_gradient: zeros(C).fill(3),
        },
        { ...STEP, accumulate: true },
      )
      expect(relativeError(merged.dbeta, dbeta)).toBeLessThan(1e-5)
      expect(relativeError(merged.dgamma, dgamma)).toBeLessThan(1e-5)
      expect(
        relativeError(
          merged.gamma_gradient,
          dgamma.map((g) => g + 2),
        ),
      ).toBeLessThan(1e-5)
      expect(
        relativeError(
          merged.beta_gradient,
          dbeta.map((g) => g + 3),
        ),
      ).toBeLessThan(1e-5)
      const applied = await runKernel(device, elementwise(gradientApplyKernel, count, rows), {
        dz,
        ...saved,
        gamma,
        sums: Float32Array.from([...dbeta, ...dgamma]),
        dx: zeros(count),
      })
      expect(relativeError(applied.dx, dx)).toBeLessThan(1e-5)
    })

  it('in eval mode only scales the gradient, behind the ReLU', async () => {
    const count = 9 * C
    const [y, dy, scale] = [random('y', count), random('dy', count), random('scale', C)]
    const run = elementwise(gradientScaleKernel(true), count)
    const { dx } = await runKernel(device, run, { dy: dy.slice(), y, scale, dx: zeros(count) })
    const expected = Array.from(dy, (value, i) => (y[i] > 0 ? value * scale[i % C] : 0))
    expect(relativeError(dx, expected)).toBeLessThan(1e-6)
  })

  it('folds running statistics into one factor and one summand a channel', async () => {
    const parameters = random('parameters', 4 * C)
    const [runningMean, runningVar] = [random('mean', C), random('var', C, 2)]
    const table = Uint32Array.from({ length: C / 2 }, (_, i) => (i % 2 ? C / 2 : C / 4) + (i >> 1))
    const { scale, shift } = await runKernel(
      device,
      { kernel: foldKernel, groups: linearGroups(foldKernel, C / 4), constants: [C / 4] },
      {
        table,
        parameters,
        running_mean: runningMean,
        running_var: runningVar,
        scale: zeros(C),
        shift: zeros(C),
      },
    )
    const factor = Array.from(runningVar, (v, c) => parameters[C + c] / Math.sqrt(v + BATCH_NORM_EPSILON))
    expect(relativeError(scale, factor)).toBeLessThan(1e-5)
    const summand = factor.map((f, c) => parameters[2 * C + c] - runningMean[c] * f)
    expect(relativeError(shift, summand)).toBeLessThan(1e-5)
  })
})
