/** Training steps of one run, ours beside each peer of the same batch. */
import { type Row, row } from './report.ts'

export const BATCHES = [8, 32]
/** Stock WebGPU takes minutes for more. */
export const STOCK_BATCH = 8

export interface MeasuredStep {
  part: 'plan' | 'wasm' | 'stock' | 'pytorch'
  /** e.g. `PyTorch 2.15.0, one thread`. */
  name: string
  batch: number
  milliseconds: number
  /** Of the first step. */
  loss: number
}

/** Float32 sums of other orders differ by less, relatively. */
const MOST_DIFFERENCE = 1e-3

/** @throws where two engines did not take the same step: the first losses differ. */
export function compareSteps(steps: readonly MeasuredStep[]): Row[] {
  const isOurs = ({ part }: MeasuredStep) => part === 'plan' || part === 'wasm'
  return steps.filter(isOurs).flatMap((ours) =>
    steps
      .filter((step) => !isOurs(step) && step.batch === ours.batch)
      .map((peer) => {
        if (!(Math.abs(ours.loss / peer.loss - 1) < MOST_DIFFERENCE))
          throw new Error(
            `first losses at batch ${ours.batch}: ${ours.loss} beside ${peer.loss} (${peer.name})`,
          )
        const shape = `64 px, batch ${ours.batch}, all layers`
        return row(`${ours.part} step`, shape, ours.milliseconds, peer.milliseconds, peer.name)
      }),
  )
}
