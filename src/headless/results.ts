/** The text files that a run leaves, and the lines that it prints. Pure. */
import type { ClassInfo, Dataset } from '../dataset/index.ts'
import type { Recipe } from '../recipe/index.ts'
import type { EpochLog, History, Metrics, PhotoPrediction } from '../training/events.ts'

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

/** A CSV field (RFC 4180): quoted where it holds a comma, a quote or a line break. */
const field = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** `predictions.csv`: `path,split,true,predicted,confidence`, classes by name, in the order given. */
export function predictionsText(
  predictions: readonly PhotoPrediction[],
  classes: readonly ClassInfo[],
): string {
  const rows = predictions.map(({ path, split, trueClass, predictedClass, confidence }) =>
    [
      field(path),
      split,
      field(classes[trueClass].name),
      field(classes[predictedClass].name),
      confidence.toFixed(6),
    ].join(','),
  )
  return `${['path,split,true,predicted,confidence', ...rows].join('\n')}\n`
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

/** The line that an epoch prints. */
export function epochLine(log: EpochLog, epochs: number, isBest: boolean): string {
  const pass = ({ loss, accuracy }: Metrics) => `${loss.toFixed(4)} ${percent(accuracy).padStart(7)}`
  return [
    `${log.stage.padEnd(4)} ${String(log.epoch).padStart(String(epochs).length)}/${epochs}`,
    `lr ${Number(log.learningRate.toPrecision(4))}`,
    `train ${pass(log.train)}`,
    `valid ${pass(log.valid)}`,
    `${log.seconds.toFixed(1)} s${isBest ? '  best' : ''}`,
  ].join('   ')
}

/** The closing lines: the best epoch of the run and of each stage, beside what always naming one class would give. */
export function summaryLines(history: History, dataset: Dataset): string[] {
  const lines: string[] = []
  for (const stage of ['head', 'all'] as const) {
    const accuracies = history.epochs.filter((log) => log.stage === stage).map((log) => log.valid.accuracy)
    if (accuracies.length > 0)
      lines.push(`best of stage ${stage}: ${Math.max(...accuracies).toFixed(4)} validation accuracy`)
  }
  const { best, test } = history
  if (best)
    lines.push(
      `kept: stage ${best.stage}, epoch ${best.epoch}, validation accuracy ${best.accuracy.toFixed(4)} (majority class ${majorityShare(dataset).toFixed(4)})`,
    )
  if (test) lines.push(`test: loss ${test.loss.toFixed(4)}, accuracy ${test.accuracy.toFixed(4)}`)
  return lines
}

/** Accuracy on the validation photos of always answering with their most frequent class. */
export function majorityShare({ classes, samples }: Dataset): number {
  const counts = new Array<number>(classes.length).fill(0)
  for (const { split, label } of samples) if (split === 'valid') counts[label]++
  const total = counts.reduce((sum, count) => sum + count, 0)
  return total === 0 ? 0 : Math.max(...counts) / total
}
