/**
 * Losses of classified photos after temperature scaling (Guo et al. 2017, https://arxiv.org/abs/1706.04599). A network that
 * learned its photos by heart is too sure of itself, and the plain loss punishes that more than it rewards what it got right
 * besides. Scaled by the temperature that suits it best, it shows what it can tell apart.
 */

/** Temperatures that are tried: 1/4 to 16, 12 an octave. */
const TEMPERATURES = Array.from({ length: 73 }, (_, i) => 2 ** (i / 12 - 2))

/** Beyond it a probability is 1 to the last bit. */
const MOST_SURE = 36

export interface Calibrated {
  temperature: number
  /** In the order of what was given, and as large as its mean is smallest. */
  losses: number[]
}

/**
 * @param losses cross entropies, one a photo: exp(-loss) is the true class's probability. All that is known beside it is one
 *   sum, so the true class is scaled against all others together: for two classes that is temperature scaling itself.
 */
export function calibrated(losses: readonly number[]): Calibrated {
  const logits = losses.map(logitOf)
  let best: Calibrated | null = null
  for (const temperature of TEMPERATURES) {
    const scaled = logits.map((logit) => softplus(-logit / temperature))
    if (!best || mean(scaled) < mean(best.losses)) best = { temperature, losses: scaled }
  }
  return best ?? { temperature: 1, losses: [] }
}

/** log(p / (1 - p)) of p = exp(-loss). */
function logitOf(loss: number): number {
  const logit = -loss - Math.log(-Math.expm1(-loss))
  return Math.max(-MOST_SURE, Math.min(MOST_SURE, logit))
}

/** log(1 + exp(x)), without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

export interface Comparison {
  /** Means of the calibrated losses. */
  before: number
  after: number
  /** Standard error of their difference, photo by photo. */
  error: number
}

/** The photos that both know. Infinitely uncertain where those are fewer than two. */
export function compareLosses(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Comparison {
  const paths = [...after.keys()].filter((path) => before.has(path))
  const [own, others] = [before, after].map(
    (losses) => calibrated(paths.map((path) => losses.get(path) ?? 0)).losses,
  )
  const differences = own.map((loss, index) => loss - others[index])
  return { before: mean(own), after: mean(others), error: standardError(differences) }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

function standardError(values: readonly number[]): number {
  if (values.length < 2) return Number.POSITIVE_INFINITY
  const middle = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
  return Math.sqrt(variance / values.length)
}
