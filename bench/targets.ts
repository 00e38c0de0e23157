/** What the engine is to reach, and how well it does. */

export interface Target {
  /** What has to be reached, and what would be better still. */
  bar: number
  aim: number
  better: 'more' | 'less'
}

export const TARGETS = {
  stepBesideStock: { bar: 25, aim: 50, better: 'more' },
  largeStepBesideStock: { bar: 20, aim: 40, better: 'more' },
  convolutionBesideJax: { bar: 3, aim: 5, better: 'more' },
  filterGradientByForward: { bar: 1.3, aim: 1, better: 'less' },
  inputGradientByForward: { bar: 1.2, aim: 1, better: 'less' },
  dispatches: { bar: 260, aim: 180, better: 'less' },
  wasmStepBesidePyTorch: { bar: 0.3, aim: 0.45, better: 'more' },
  wasmForwardAllCores: { bar: 1.7, aim: 1.9, better: 'more' },
  wasmStepTwoWorkers: { bar: 1.5, aim: 1.8, better: 'more' },
  wasmForwardBesidePyTorch: { bar: 0.35, aim: 0.6, better: 'more' },
  /** MB above weights, optimizer and gradients. */
  photoMemory: { bar: 24, aim: 16, better: 'less' },
  /** MB. */
  batchMemory: { bar: 1200, aim: 800, better: 'less' },
  /** % that the estimate before a run is away from the peak. */
  estimateError: { bar: 10, aim: 10, better: 'less' },
  /** % away from what the first run left. */
  memoryAfterRuns: { bar: 1, aim: 0, better: 'less' },
  /** s. */
  headEpoch: { bar: 1, aim: 0.4, better: 'less' },
  /** ms. */
  scriptTime: { bar: 8, aim: 2, better: 'less' },
  loaderBesideTorchvision: { bar: 1, aim: 2, better: 'more' },
  /** % of the time. */
  engineIdle: { bar: 10, aim: 3, better: 'less' },
  gpuStepBesidePyTorch: { bar: 0.3, aim: 0.7, better: 'more' },
} as const satisfies Record<string, Target>

export type Reached = 'aim' | 'bar' | 'neither'

export function reached(figure: number, { bar, aim, better }: Target): Reached {
  const meets = (limit: number) => (better === 'more' ? figure >= limit : figure <= limit)
  return meets(aim) ? 'aim' : meets(bar) ? 'bar' : 'neither'
}
