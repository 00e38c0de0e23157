/** What the bench asks its page for, and what the page answers. Milliseconds are medians of `samples` runs. */

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

export interface ConvolutionTiming {
  kind: Kind
  shape: string
  ours: Timing
  stock: Timing
  /** Largest difference between the two results, as a share of the largest value. */
  difference: number
}

export interface BenchPage {
  /** What the browser says of its WebGPU adapter; null where there is none. */
  adapter(): Promise<string | null>
  /** One training step: all layers, batch norm in train mode, Adam. */
  timeStep(engine: PageEngine, batch: number): Promise<StepTiming>
  /** Number of distinct convolutions. */
  convolutions(): Promise<number>
  timeConvolution(index: number, kind: Kind): Promise<ConvolutionTiming | null>
}

declare global {
  interface Window {
    bench: BenchPage
  }
}
