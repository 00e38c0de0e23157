/** The samples that a classifier finds hardest: fastai's `plot_top_losses`. */
import type { Answer } from './confusion.ts'

/** A classified sample with its loss: cross entropy without smoothing, -ln of the true class's probability. */
export interface Scored extends Answer {
  loss: number
  /** Probability of the predicted class, 0..1. */
  confidence: number
}

/** Probability of the true class, 0..1. */
export const trueProbability = ({ loss }: Pick<Scored, 'loss'>): number => Math.exp(-loss)

/** By falling loss. */
export function hardest<T extends Scored>(scored: readonly T[]): T[] {
  return scored.toSorted((a, b) => b.loss - a.loss)
}

/** A network that gives so much to another class, and so little to the label, may be right. */
const SURE = 0.9
const UNLIKELY = 0.05

/** Whether a person should look at the label: the network is sure of another class. */
export function mayBeMislabelled(sample: Scored): boolean {
  return (
    sample.predictedClass !== sample.trueClass &&
    sample.confidence >= SURE &&
    trueProbability(sample) <= UNLIKELY
  )
}
