/** What the bench asks its page for, and what the page answers. Milliseconds are medians of `samples` runs. */
import { type FreezePlan, LOCK_ALL, LOCK_NONE } from '../src/model/index.ts'

export type PageEngine = 'webgpu' | 'wasm' | 'stock-webgpu'

export interface Timing {
  milliseconds: number
  samples: number
}

export interface StepTiming extends Timing {
  /** Of the first step at the timed size: the same number from every engine, since weights and photos are the same. */
  loss: number
  adapter: string
  kernels: string
}

export const KINDS = ['forward', 'input gradient', 'filter gradient'] as const
export type Kind = (typeof KINDS)[number]
export type ConvolutionPeer = 'stock' | 'jax'

/** Milliseconds. */
export interface ConvolutionTiming {
  shape: string
  ours: number
  peer: number
  /** Largest difference between the two results, as a share of the largest value. */
  difference: number
}

/** Milliseconds. */
export interface GradientTiming {
  shape: string
  forward: number
  inputGradient: number
  filterGradient: number
}

/** Milliseconds of one engine, and of one a core that share the work. */
export interface CoresTiming {
  one: number
  all: number
  cores: number
  /** Of products that stay in the cache: on one core, and the same on all at once, which is no slower on free cores. */
  product: number
  products: number
}

/** Milliseconds with the kernels that round once and with those that round twice; null where only the latter run. */
export type KernelsTiming = { fused: number; plain: number } | null

/** Bytes. */
export interface MemoryEstimate {
  /** Most that is held at a time. */
  peak: number
  /** What the engine said beforehand. */
  estimate: number
}

export interface PlanMemory extends MemoryEstimate {
  /** Of the peak: weights, running statistics, gradients and Adam's moments. */
  persistent: number
}

/** Bytes held after the first run and after the third. */
export interface MemoryAfterRuns {
  first: number
  last: number
}

/** What a person may lock, from most to least. */
export const FREEZE_TABLE: readonly { name: string; locked: FreezePlan }[] = [
  { name: 'only fc', locked: LOCK_ALL },
  { name: 'last stage', locked: LOCK_ALL.filter((stage) => stage !== 'layer4') },
  { name: 'last two stages', locked: LOCK_ALL.filter((stage) => stage !== 'layer4' && stage !== 'layer3') },
  { name: 'all layers', locked: LOCK_NONE },
]

export interface BenchPage {
  /** What the browser says of its WebGPU adapter; null where there is none. */
  adapter(): Promise<string | null>
  /** Id of the plan's kernels for such steps. */
  kernels(size: number, batch: number): Promise<string>
  /** One training step: all layers, batch norm in train mode, Adam. */
  timeStep(engine: PageEngine, size: number, batch: number): Promise<StepTiming>
  timeFreezePlans(engine: PageEngine, size: number, batch: number): Promise<Timing[]>
  timePhoto(engine: PageEngine, size: number): Promise<Timing>
  /** Number of distinct convolutions. */
  convolutions(): Promise<number>
  timeConvolution(index: number, kind: Kind, peer: ConvolutionPeer): Promise<ConvolutionTiming | null>
  timeGradients(index: number): Promise<GradientTiming | null>
  countDispatches(size: number, batch: number): Promise<number>
  planMemory(size: number, batch: number): Promise<PlanMemory>
  planMemoryAfterRuns(): Promise<MemoryAfterRuns>
  /** Steps of Adam and an evaluation on a new heap. */
  wasmMemory(size: number, batch: number, locked: FreezePlan): Promise<MemoryEstimate>
  /** The same for one of two engines that share batches of all layers, `photos` each. */
  wasmSharingMemory(size: number, photos: number, rank: 0 | 1): Promise<MemoryEstimate>
  wasmMemoryAfterRuns(): Promise<MemoryAfterRuns>
  timeScript(size: number, batch: number): Promise<Timing>
  /** Logits of a batch, batch norm folded. */
  compareWasmForward(count: number, cores: number): Promise<CoresTiming>
  /** A step of all layers. */
  compareWasmSteps(count: number, cores: number): Promise<CoresTiming>
  /** A step of all layers, on one core. */
  compareWasmKernels(count: number): Promise<KernelsTiming>
  cores(): Promise<number>
}

declare global {
  interface Window {
    bench: BenchPage
  }
}
