/**
 * The criterion and what is counted beside it, from logits, in double precision: the same for training and
 * validation.
 */

/** Means over samples; accuracy in 0..1. */
export interface Metrics {
  loss: number
  accuracy: number
  /** Samples classified right. */
  correct: number
  samples: number
}

/**
 * Wilson's 95 % interval of an accuracy, 0..1: where the true one lies in 95 of 100 such counts, if these photos are like those
 * to come. Without samples: 0 to 1. Source: Wilson 1927.
 */
export function accuracyInterval(correct: number, samples: number): { low: number; high: number } {
  if (samples === 0) return { low: 0, high: 1 }
  const z2 = 1.959964 ** 2
  const share = correct / samples
  const middle = (share + z2 / (2 * samples)) / (1 + z2 / samples)
  const half =
    (Math.sqrt(z2) / (1 + z2 / samples)) *
    Math.sqrt((share * (1 - share)) / samples + z2 / (4 * samples ** 2))
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** log(sum(exp(logits))) without overflow. */
function logSumExp(logits: ArrayLike<number>): number {
  let largest = -Infinity
  for (let i = 0; i < logits.length; i++) largest = Math.max(largest, logits[i])
  let sum = 0
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i] - largest)
  return largest + Math.log(sum)
}

/** Probabilities [classes] of one sample's logits [classes]. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const normalizer = logSumExp(logits)
  return Float64Array.from({ length: logits.length }, (_, i) => Math.exp(logits[i] - normalizer))
}

/**
 * torch.nn.CrossEntropyLoss(label_smoothing) of one sample: the target is 1 - smoothing at the label plus
 * smoothing / classes everywhere.
 */
export function crossEntropy(logits: ArrayLike<number>, label: number, smoothing = 0): number {
  const normalizer = logSumExp(logits)
  let sum = 0
  for (let i = 0; i < logits.length; i++) sum += logits[i]
  const uniform = normalizer - sum / logits.length
  return (1 - smoothing) * (normalizer - logits[label]) + smoothing * uniform
}

/** Index of the largest logit; of equal ones the first, as torch.argmax on the CPU. */
export function top1(logits: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i
  return best
}

/** Classes by falling probability, at most `count`; equal ones in class order. */
export function topClasses(
  probabilities: ArrayLike<number>,
  count: number,
): { label: number; probability: number }[] {
  return Array.from({ length: probabilities.length }, (_, label) => ({
    label,
    probability: probabilities[label],
  }))
    .sort((a, b) => b.probability - a.probability || a.label - b.label)
    .slice(0, count)
}

/** Share of the most frequent label: the accuracy of always answering it. 0 without labels. */
export function majorityShare(labels: Iterable<number>): number {
  const counts = new Map<number, number>()
  let total = 0
  for (const label of labels) {
    counts.set(label, (counts.get(label) ?? 0) + 1)
    total++
  }
  return total === 0 ? 0 : Math.max(...counts.values()) / total
}

/** Adds batches up to the means over all samples. */
export class MetricsSum {
  #loss = 0
  #correct = 0
  #samples = 0

  get samples(): number {
    return this.#samples
  }

  /** A batch of `samples` with this mean loss, `correct` of them classified right. */
  add(meanLoss: number, correct: number, samples: number): void {
    this.#loss += meanLoss * samples
    this.#correct += correct
    this.#samples += samples
  }

  /** @throws where nothing was added: a mean over no samples is not a number. */
  means(): Metrics {
    if (this.#samples === 0) throw new Error('no samples to average over')
    return {
      loss: this.#loss / this.#samples,
      accuracy: this.#correct / this.#samples,
      correct: this.#correct,
      samples: this.#samples,
    }
  }
}

/** A batch of logits against its labels. */
export interface Score {
  /** Mean over the batch. */
  loss: number
  correct: number
  /** Class of each sample, its probability, and the sample's own loss: without smoothing, -ln p(true class). */
  predicted: { label: number; probability: number; loss: number }[]
}

/** Scores `logits` [labels.length, classes], row-major. */
export function score(logits: Float32Array, labels: ArrayLike<number>, smoothing = 0): Score {
  const classes = logits.length / labels.length
  let loss = 0
  let correct = 0
  const predicted: Score['predicted'] = []
  for (let i = 0; i < labels.length; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes)
    const label = top1(row)
    loss += crossEntropy(row, labels[i], smoothing)
    if (label === labels[i]) correct++
    predicted.push({ label, probability: softmax(row)[label], loss: crossEntropy(row, labels[i]) })
  }
  return { loss: loss / labels.length, correct, predicted }
}
