import { beforeAll, describe, expect, it } from 'vitest'
import { BATCH_NORM_EPSILON } from '../../../model/index.ts'
import { stream } from '../../../random/index.ts'
import { relativeError, runKernel, STEP, testDevice, type Words } from '../testing.ts'
import {
  applyKernel,
  directGradientKernel,
  directStatisticsKernel,
  foldKernel,
  gradientApplyKernel,
  gradientScaleKernel,
  gradientSumsKernel,
  type Mask,
  mergeGradientKernel,
  mergeStatisticsKernel,
  rowChunks,
  rowInvocations,
  statisticsKernel,
} from './batch-norm.ts'
import { type Kernel, linearGroups } from './kernel.ts'
import { reductionGroups } from './slices.ts'

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

/** A reduction by the kernels that the plan takes for so many rows, on a GPU or on a software adapter. */
async function reduced(
  x: Float32Array,
  kernels: { direct: Kernel; chunked: Kernel; merge: Kernel },
  software: boolean,
  sources: Record<string, Words>,
  targets: Record<string, Words>,
  step = STEP,
) {
  const rows = x.length / C
  const { chunks, rowsPerChunk } = rowChunks(rows)
  const constants = [rows, C / 4, rowsPerChunk, chunks]
  const run = (kernel: Kernel) => ({ kernel, groups: reductionGroups(kernel, C, software), constants })
  if (chunks === 1) return runKernel(device, run(kernels.direct), { ...sources, ...targets }, step)
  const { partial, ...written } = await runKernel(
    device,
    { kernel: kernels.chunked, groups: linearGroups(kernels.chunked, (chunks * C) / 4), constants },
    { ...sources, partial: zeros(chunks * 2 * C) },
    step,
  )
  return { ...written, ...(await runKernel(device, run(kernels.merge), { partial, ...targets }, step)) }
}

const statistics = (x: Float32Array<ArrayBuffer>, software = false) =>
  reduced(
    x,
    {
      direct: directStatisticsKernel(software),
      chunked: statisticsKernel,
      merge: mergeStatisticsKernel(software),
    },
    software,
    { x },
    {
      gamma: random('gamma', C),
      beta: random('beta', C),
      moments: zeros(4 * C),
      running_mean: zeros(C).fill(0.5),
      running_var: zeros(C).fill(2),
    },
  )

const byRows = (kernel: Kernel, rows: number) => ({
  kernel,
  groups: linearGroups(kernel, rowInvocations(rows, C)),
  constants: [rows, C / 4],
})

/** Mean, 1 / std, gamma / std and beta of x's channels. */
function momentsOf(x: Float32Array, gamma: Float32Array, beta: Float32Array) {
  const { mean, scale } = moments(x)
  return Float32Array.from([...mean, ...scale, ...scale.map((s, c) => s * gamma[c]), ...beta])
}

describe('batch norm', () => {
  for (const rows of [3, 75, 3 * 17 * 17, 20_001])
    it(`finds mean and variance of ${rows} rows, and moves the running ones`, async () => {
      const x = random('x', rows * C)
      const { mean, variance } = moments(x)
      const found = await statistics(x)
      const expected = momentsOf(x, random('gamma', C), random('beta', C))
      for (let row = 0; row < 4; row++) {
        const of = (values: Float32Array) => values.subarray(row * C, (row + 1) * C)
        expect(relativeError(of(found.moments), of(expected))).toBeLessThan(1e-5)
      }
      const runningMean = mean.map((m) => 0.9 * 0.5 + 0.1 * m)
      const runningVar = variance.map((v) => 0.9 * 2 + (0.1 * v * rows) / (rows - 1))
      expect(relativeError(found.running_mean, runningMean)).toBeLessThan(1e-5)
      expect(relativeError(found.running_var, runningVar)).toBeLessThan(1e-5)
      const serial = await statistics(x, true)
      expect(relativeError(serial.moments, found.moments)).toBeLessThan(1e-6)
    })

  it('keeps the variance of values far from zero, where E[x^2] - E[x]^2 loses it', async () => {
    const x = random('far', 5000 * C, 3000)
    const { moments: found } = await statistics(x)
    expect(relativeError(found.subarray(C, 2 * C), moments(x).scale)).toBeLessThan(1e-3)
  })

  it('normalizes, adds the shortcut (normalized or not) and clips at zero', async () => {
    const rows = 77
    const [x, added] = [random('x', rows * C), random('added', rows * C)]
    const applied = {
      moments: momentsOf(x, random('gamma', C), random('beta', C)),
      added_moments: momentsOf(added, random('gamma 2', C), random('beta 2', C)),
    }
    const value = (table: Float32Array, data: Float32Array, i: number) => {
      const c = i % C
      return (data[i] - table[c]) * table[2 * C + c] + table[3 * C + c]
    }
    const expected = {
      nothing: () => 0,
      tensor: (i: number) => added[i],
      normalized: (i: number) => value(applied.added_moments, added, i),
    }
    for (const kind of ['nothing', 'tensor', 'normalized'] as const)
      for (const relu of [false, true]) {
        const run = byRows(applyKernel(kind, relu), rows)
        const { y } = await runKernel(device, run, { x, added, ...applied, y: zeros(x.length) })
        const sums = Array.from(x, (_, i) => value(applied.moments, x, i) + expected[kind](i))
        expect(relativeError(y, relu ? sums.map((sum) => Math.max(0, sum)) : sums)).toBeLessThan(1e-5)
      }
  })

  for (const rows of [5, 3 * 33 * 33])
    for (const mask of ['none', 'output', 'own'] as const satisfies readonly Mask[])
      it(`gives the gradients of ${rows} rows behind a ReLU, masked by: ${mask}`, async () => {
        const count = rows * C
        const [x, y, dy] = [random('x', count), random('y', count), random('dy', count)]
        const [gamma, beta] = [random('gamma', C), random('beta', C)]
        const { mean, scale } = moments(x)
        const normalized = (i: number) => (x[i] - mean[i % C]) * scale[i % C]
        const passes = {
          none: () => true,
          output: (i: number) => y[i] > 0,
          own: (i: number) => normalized(i) * gamma[i % C] + beta[i % C] > 0,
        }[mask]
        const dz = dy.map((value, i) => (passes(i) ? value : 0))
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
        const table = momentsOf(x, gamma, beta)
        for (const software of [false, true]) {
          const sums = await reduced(
            x,
            {
              direct: directGradientKernel(mask, true, software),
              chunked: gradientSumsKernel(mask),
              merge: mergeGradientKernel(true, software),
            },
            software,
            { dy: dy.slice(), y, x, moments: table },
            { totals: zeros(2 * C), gamma_gradient: zeros(C).fill(2), beta_gradient: zeros(C).fill(3) },
            { ...STEP, accumulate: true },
          )
          if (mask === 'output') expect(Array.from(sums.dy)).toEqual(Array.from(dz))
          expect(relativeError(sums.totals, [...dbeta, ...dgamma])).toBeLessThan(1e-5)
          const gammaGradient = dgamma.map((g) => g + 2)
          expect(relativeError(sums.gamma_gradient, gammaGradient)).toBeLessThan(1e-5)
          const betaGradient = dbeta.map((g) => g + 3)
          expect(relativeError(sums.beta_gradient, betaGradient)).toBeLessThan(1e-5)
        }
        const run = byRows(gradientApplyKernel(mask === 'own' ? 'own' : 'none', true), rows)
        const applied = await runKernel(device, run, {
          dy: mask === 'output' ? dz : dy,
          x,
          moments: table,
          totals: Float32Array.from([...dbeta, ...dgamma]),
          dx: zeros(count),
          inner: x,
          inner_moments: table,
          y: zeros(count),
        })
        expect(relativeError(applied.dx, dx)).toBeLessThan(1e-5)
        const again = Array.from(x, (_, i) => Math.max(0, normalized(i) * gamma[i % C] + beta[i % C]))
        expect(relativeError(applied.y, again)).toBeLessThan(1e-5)
      })

  it('in eval mode only scales the gradient, behind the ReLU', async () => {
    const count = 9 * C
    const [y, dy, scale] = [random('y', count), random('dy', count), random('scale', C)]
    const run = byRows(gradientScaleKernel(true), 9)
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
