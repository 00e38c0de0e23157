/** The lines that a run prints. Pure. */
import type { Dataset } from '../dataset/index.ts'
import { TRAINING_STAGES } from '../recipe/index.ts'
import type { DepthReport } from '../training/depth.ts'
import type { EpochLog, History, Metrics } from '../training/events.ts'

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

/** The line that an epoch prints. */
export function epochLine(log: EpochLog, epochs: number, isBest: boolean): string {
  const pass = ({ loss, accuracy }: Metrics) => `${loss.toFixed(4)} ${percent(accuracy).padStart(7)}`
  return [
    `${log.stage.padEnd(5)} ${String(log.epoch).padStart(String(epochs).length)}/${epochs}`,
    `lr ${Number(log.learningRate.toPrecision(4))}`,
    `train ${pass(log.train)}`,
    `valid ${pass(log.valid)}`,
    `${log.seconds.toFixed(1)} s${isBest ? '  best' : ''}`,
  ].join('   ')
}

/** The closing lines: the best epoch of the run and of each stage, beside what always naming one class would give. */
export function summaryLines(history: History, dataset: Dataset): string[] {
  const lines: string[] = []
  for (const stage of TRAINING_STAGES) {
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

/** What trying the depths came to. */
export function depthLines(report: DepthReport | null): string[] {
  if (!report) return ['nothing follows this run']
  const advice =
    report.choice === 'head'
      ? 'worth training: the classifier alone'
      : `worth training: from ${report.choice} up (--preset standard)`
  const trials = report.trials.map(
    ({ depth, before, after, error, seconds }) =>
      `tried from ${depth} up: calibrated validation loss ${before.toFixed(3)} -> ${after.toFixed(3)} (standard error of the difference ${error.toFixed(3)}), about ${seconds.toFixed(0)} s as a whole stage`,
  )
  return [...trials, advice]
}

/** Accuracy on the validation photos of always answering with their most frequent class. */
export function majorityShare({ classes, samples }: Dataset): number {
  const counts = new Array<number>(classes.length).fill(0)
  for (const { split, label } of samples) if (split === 'valid') counts[label]++
  const total = counts.reduce((sum, count) => sum + count, 0)
  return total === 0 ? 0 : Math.max(...counts) / total
}
