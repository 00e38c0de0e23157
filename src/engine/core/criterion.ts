/** torch.nn.CrossEntropyLoss on the host, with label smoothing and class weights. */

export interface Criterion {
  /** Sum over the samples. */
  lossSum: number
  correct: number
  /** Of `scale` times the sum, with respect to the logits [count, classes]. */
  gradient: Float32Array
}

/**
 * The target is (1 - smoothing) on the label plus smoothing / classes everywhere, each times the weight of its class.
 * @param logits [labels.length, classes], row-major
 */
export function crossEntropy(
  logits: Float32Array,
  labels: Int32Array,
  smoothing: number,
  scale: number,
  weights?: readonly number[],
): Criterion {
  const classes = logits.length / labels.length
  const gradient = new Float32Array(logits.length)
  let lossSum = 0
  let correct = 0
  for (let row = 0; row < labels.length; row++) {
    const start = row * classes
    const label = labels[row]
    let best = 0
    for (let c = 1; c < classes; c++) if (logits[start + c] > logits[start + best]) best = c
    if (best === label && Number.isFinite(logits[start + best])) correct++
    const largest = logits[start + best]
    let sum = 0
    let total = 0
    for (let c = 0; c < classes; c++) {
      const shifted = logits[start + c] - largest
      sum += Math.exp(shifted)
      total += shifted
    }
    const logSum = Math.log(sum)
    const even = smoothing / classes
    if (weights) {
      const log = (c: number) => logits[start + c] - largest - logSum
      const target = (c: number) => weights[c] * (even + (c === label ? 1 - smoothing : 0))
      let whole = 0
      for (let c = 0; c < classes; c++) {
        lossSum -= target(c) * log(c)
        whole += target(c)
      }
      for (let c = 0; c < classes; c++) gradient[start + c] = scale * (whole * Math.exp(log(c)) - target(c))
      continue
    }
    lossSum -=
      (1 - smoothing) * (logits[start + label] - largest - logSum) + even * (total - classes * logSum)
    for (let c = 0; c < classes; c++)
      gradient[start + c] = scale * (Math.exp(logits[start + c] - largest) / sum - even)
    gradient[start + label] -= scale * (1 - smoothing)
  }
  return { lossSum, correct, gradient }
}
