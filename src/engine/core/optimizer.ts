/** torch.optim's Adam, AdamW and SGD on float32 arrays; arithmetic in double precision. */
import type { OptimizerConfig } from '../train-step.ts'

/** PyTorch's defaults. */
export const BETA1 = 0.9
export const BETA2 = 0.999
export const EPSILON = 1e-8

export interface Moments {
  /** How many updates this parameter has had. */
  step: number
  /** Adam's mean of gradients, or SGD's momentum buffer. */
  m: Float32Array
  /** Adam's mean of squared gradients; null for SGD. */
  v: Float32Array | null
}

export const newMoments = (kind: OptimizerConfig['kind'], count: number): Moments => ({
  step: 0,
  m: new Float32Array(count),
  v: kind === 'sgd' ? null : new Float32Array(count),
})

/**
 * One update of one parameter: reads `from`, writes `to` (which may be the same array), moves `moments` on.
 * @returns whether all that was written is finite
 */
export function updateParameter(
  { kind, weightDecay, momentum }: OptimizerConfig,
  from: Float32Array,
  to: Float32Array,
  gradient: Float32Array,
  moments: Moments,
  learningRate: number,
): boolean {
  moments.step++
  if (!moments.v) return sgd(from, to, gradient, moments.m, learningRate, weightDecay, momentum)
  const decoupled = kind === 'adamw'
  return adam(
    from,
    to,
    gradient,
    moments.m,
    moments.v,
    moments.step,
    learningRate,
    decoupled ? 0 : weightDecay,
    decoupled ? 1 - learningRate * weightDecay : 1,
  )
}

/** Kingma and Ba 2015 as in torch.optim.Adam; `shrink` is AdamW's factor on the parameter (Loshchilov and Hutter 2019). */
function adam(
  from: Float32Array,
  to: Float32Array,
  gradient: Float32Array,
  m: Float32Array,
  v: Float32Array,
  step: number,
  learningRate: number,
  weightDecay: number,
  shrink: number,
): boolean {
  const size = learningRate / (1 - BETA1 ** step)
  const root = Math.sqrt(1 - BETA2 ** step)
  let check = 0
  for (let i = 0; i < gradient.length; i++) {
    const p = from[i]
    const g = gradient[i] + weightDecay * p
    const mean = BETA1 * m[i] + (1 - BETA1) * g
    const square = BETA2 * v[i] + (1 - BETA2) * g * g
    m[i] = mean
    v[i] = square
    const next = p * shrink - (size * mean) / (Math.sqrt(square) / root + EPSILON)
    to[i] = next
    check += (next + square) * 0
  }
  return check === 0
}

function sgd(
  from: Float32Array,
  to: Float32Array,
  gradient: Float32Array,
  buffer: Float32Array,
  learningRate: number,
  weightDecay: number,
  momentum: number,
): boolean {
  let check = 0
  for (let i = 0; i < gradient.length; i++) {
    const p = from[i]
    const g = momentum * buffer[i] + gradient[i] + weightDecay * p
    buffer[i] = g
    const next = p - learningRate * g
    to[i] = next
    check += next * 0
  }
  return check === 0
}
