/**
 * torch.optim's Adam, AdamW and SGD in float32, four parameters at a time and the rest one by one. Both write `to`, which
 * may be `from`, and return 0 where all of it is finite.
 */

const VECTOR = 16

/** 0 for finite numbers, NaN for others. */
function check(x: v128): v128 {
  return f32x4.mul(x, f32x4.splat(0))
}

function total(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3)
  )
}

/**
 * Kingma and Ba 2015: `size` is the learning rate over the first moment's correction, `root` the square root of the second
 * one's; `shrink` is AdamW's factor on the parameter (Loshchilov and Hutter 2019).
 */
export function adam(
  from: usize,
  to: usize,
  gradient: usize,
  m: usize,
  v: usize,
  count: i32,
  beta1: f32,
  oneLessBeta1: f32,
  beta2: f32,
  oneLessBeta2: f32,
  epsilon: f32,
  size: f32,
  root: f32,
  weightDecay: f32,
  shrink: f32,
): f32 {
  const bytes = (count as usize) << 2
  let bad = f32x4.splat(0)
  let at: usize = 0
  for (; at + VECTOR <= bytes; at += VECTOR) {
    const p = v128.load(from + at)
    const g = f32x4.add(v128.load(gradient + at), f32x4.mul(f32x4.splat(weightDecay), p))
    const mean = f32x4.add(
      f32x4.mul(f32x4.splat(beta1), v128.load(m + at)),
      f32x4.mul(f32x4.splat(oneLessBeta1), g),
    )
    const square = f32x4.add(
      f32x4.mul(f32x4.splat(beta2), v128.load(v + at)),
      f32x4.mul(f32x4.splat(oneLessBeta2), f32x4.mul(g, g)),
    )
    v128.store(m + at, mean)
    v128.store(v + at, square)
    const width = f32x4.add(f32x4.div(f32x4.sqrt(square), f32x4.splat(root)), f32x4.splat(epsilon))
    const next = f32x4.sub(
      f32x4.mul(p, f32x4.splat(shrink)),
      f32x4.div(f32x4.mul(f32x4.splat(size), mean), width),
    )
    v128.store(to + at, next)
    bad = f32x4.add(bad, f32x4.add(check(next), check(square)))
  }
  let rest = total(bad)
  for (; at < bytes; at += 4) {
    const p = load<f32>(from + at)
    const g = load<f32>(gradient + at) + weightDecay * p
    const mean = beta1 * load<f32>(m + at) + oneLessBeta1 * g
    const square = beta2 * load<f32>(v + at) + oneLessBeta2 * (g * g)
    store<f32>(m + at, mean)
    store<f32>(v + at, square)
    const next = p * shrink - (size * mean) / (sqrt<f32>(square) / root + epsilon)
    store<f32>(to + at, next)
    rest += next * 0 + square * 0
  }
  return rest
}

/** torch.optim.SGD without dampening; `m` is the momentum buffer. */
export function sgd(
  from: usize,
  to: usize,
  gradient: usize,
  m: usize,
  count: i32,
  learningRate: f32,
  weightDecay: f32,
  momentum: f32,
): f32 {
  const bytes = (count as usize) << 2
  let bad = f32x4.splat(0)
  let at: usize = 0
  for (; at + VECTOR <= bytes; at += VECTOR) {
    const p = v128.load(from + at)
    const decayed = f32x4.add(v128.load(gradient + at), f32x4.mul(f32x4.splat(weightDecay), p))
    const g = f32x4.add(f32x4.mul(f32x4.splat(momentum), v128.load(m + at)), decayed)
    v128.store(m + at, g)
    const next = f32x4.sub(p, f32x4.mul(f32x4.splat(learningRate), g))
    v128.store(to + at, next)
    bad = f32x4.add(bad, check(next))
  }
  let rest = total(bad)
  for (; at < bytes; at += 4) {
    const p = load<f32>(from + at)
    const g = momentum * load<f32>(m + at) + (load<f32>(gradient + at) + weightDecay * p)
    store<f32>(m + at, g)
    const next = p - learningRate * g
    store<f32>(to + at, next)
    rest += next * 0
  }
  return rest
}

/** sum += values. */
export function addInto(sum: usize, values: usize, count: i32): void {
  const bytes = (count as usize) << 2
  let at: usize = 0
  for (; at + VECTOR <= bytes; at += VECTOR)
    v128.store(sum + at, f32x4.add(v128.load(sum + at), v128.load(values + at)))
  for (; at < bytes; at += 4) store<f32>(sum + at, load<f32>(sum + at) + load<f32>(values + at))
}
