/** Learning-rate schedules as pure functions of the position in a stage, with PyTorch's formulas and defaults. */
import type { Schedule } from '../recipe/index.ts'

/** Where a step stands in its stage; all counts from 0. */
export interface StagePosition {
  epoch: number
  epochs: number
  /** Optimizer steps before this one in the whole stage. */
  step: number
  /** Optimizer steps of the whole stage. */
  steps: number
}

/** Learning rate of the step at `position`, from the optimizer's own rate `base`. */
export function learningRateAt(schedule: Schedule, base: number, position: StagePosition): number {
  switch (schedule.kind) {
    case 'constant':
      return base
    case 'step':
      return stepDecay(base, position.epoch, schedule.every, schedule.gamma)
    case 'cosine':
      return cosineAnnealing(base, position.epoch, position.epochs)
    case 'one-cycle':
      return oneCycle(base, position.step, position.steps, schedule.warmup)
  }
}

/**
 * torch.optim.lr_scheduler.StepLR after `epoch` calls. Multiplies one decay at a time, as PyTorch does, so that
 * the last bit agrees too.
 */
export function stepDecay(base: number, epoch: number, every: number, gamma: number): number {
  let rate = base
  for (let decayed = every; decayed <= epoch; decayed += every) rate *= gamma
  return rate
}

/** torch.optim.lr_scheduler.CosineAnnealingLR (T_max = `epochs`, eta_min = `minimum`) after `epoch` calls. */
export function cosineAnnealing(base: number, epoch: number, epochs: number, minimum = 0): number {
  return minimum + ((base - minimum) * (1 + Math.cos((Math.PI * epoch) / epochs))) / 2
}

/** PyTorch's defaults: the first rate is peak / 25, the last one the first / 10,000. */
const DIV_FACTOR = 25
const FINAL_DIV_FACTOR = 1e4

/**
 * torch.optim.lr_scheduler.OneCycleLR (anneal_strategy `cos`, two phases) after `step` calls: up to `peak` in the
 * first `warmup` share of the `steps`, down to nearly nothing in the rest. Momentum is not cycled.
 */
export function oneCycle(peak: number, step: number, steps: number, warmup: number): number {
  const first = peak / DIV_FACTOR
  const last = first / FINAL_DIV_FACTOR
  const peakStep = warmup * steps - 1
  // A photo that turned out unreadable can only shorten a stage, so a step past the end cannot be asked for;
  // a warm-up shorter than one step starts at the peak (PyTorch divides by zero there).
  if (step <= peakStep && peakStep > 0) return annealed(first, peak, step / peakStep)
  const start = Math.max(peakStep, 0)
  return annealed(peak, last, steps - 1 > start ? (step - start) / (steps - 1 - start) : 0)
}

/** From `start` to `end` along half a cosine; `share` in 0..1. */
const annealed = (start: number, end: number, share: number): number =>
  end + ((start - end) / 2) * (1 + Math.cos(Math.PI * share))
