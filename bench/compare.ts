/** Training steps of one run, ours beside each peer of the same photos and batch. */
import { type Row, row } from './report.ts'
import { TARGETS, type Target } from './targets.ts'

export interface MeasuredStep {
  by: 'plan' | 'wasm' | 'stock' | 'pytorch'
  /** e.g. `PyTorch 2.15.0, one thread`. */
  name: string
  /** px */
  size: number
  batch: number
  milliseconds: number
  /** Of the first step. */
  loss: number
}

/** Float32 sums of other orders differ by less, relatively. */
const MOST_DIFFERENCE = 1e-3

/** @throws where two engines did not take the same step: the first losses differ. */
export function compareSteps(steps: readonly MeasuredStep[]): Row[] {
  const isOurs = ({ by }: MeasuredStep) => by === 'plan' || by === 'wasm'
  return steps.filter(isOurs).flatMap((ours) =>
    steps
      .filter((step) => !isOurs(step) && step.batch === ours.batch && step.size === ours.size)
      .map((peer) => {
        if (!(Math.abs(ours.loss / peer.loss - 1) < MOST_DIFFERENCE))
          throw new Error(
            `first losses at batch ${ours.batch}: ${ours.loss} beside ${peer.loss} (${peer.name})`,
          )
        const shape = `${ours.size} px, batch ${ours.batch}, all layers`
        const target = targetOf(ours, peer)
        return row(`${ours.by} step`, shape, ours.milliseconds, peer.milliseconds, peer.name, target)
      }),
  )
}

function targetOf(ours: MeasuredStep, peer: MeasuredStep): Target | null {
  if (ours.by === 'plan' && peer.by === 'stock')
    return ours.size === 64 ? TARGETS.stepBesideStock : TARGETS.largeStepBesideStock
  return ours.by === 'wasm' && peer.by === 'pytorch' && ours.batch === 32
    ? TARGETS.wasmStepBesidePyTorch
    : null
}
