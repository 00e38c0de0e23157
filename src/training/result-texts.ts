/** The text files that a run leaves beside its weights: the command line writes them, the page offers them. Pure. */
import type { ClassInfo } from '../dataset/types.ts'
import { csvText } from '../evaluation/index.ts'
import type { Recipe } from '../recipe/index.ts'
import type { History, Metrics, PhotoPrediction } from './events.ts'

/** Counts stay out: the file holds means only. */
const means = ({ loss, accuracy }: Metrics) => ({ loss, accuracy })

/** `history.json`. */
export function historyText(history: History): string {
  const { best, test, epochs, engine, adapter, kernels, microBatch, version } = history
  const document = {
    epochs: epochs.map(({ stage, epoch, learningRate, train, valid, seconds, locked }) => ({
      stage,
      epoch,
      learningRate,
      train: means(train),
      valid: means(valid),
      seconds: Math.round(seconds * 1000) / 1000,
      locked,
    })),
    best: best && { stage: best.stage, epoch: best.epoch, accuracy: best.accuracy },
    ...(test && { test: means(test) }),
    engine,
    adapter,
    kernels,
    ...(microBatch !== undefined && { microBatch }),
    version,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** `recipe.json`: with what the run resolved, which a repetition obeys. */
export const recipeText = (recipe: Recipe): string => `${JSON.stringify(recipe, null, 2)}\n`

/** `predictions.csv`: `path,split,true,predicted,confidence`, classes by name, in the order given. */
export function predictionsText(
  predictions: readonly PhotoPrediction[],
  classes: readonly ClassInfo[],
): string {
  return csvText([
    ['path', 'split', 'true', 'predicted', 'confidence'],
    ...predictions.map(({ path, split, trueClass, predictedClass, confidence }) => [
      path,
      split,
      classes[trueClass].name,
      classes[predictedClass].name,
      confidence.toFixed(6),
    ]),
  ])
}
