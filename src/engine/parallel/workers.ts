/** How many engines a run has on this machine. */

export interface Workers {
  /** Engines that share what is only evaluated. */
  evaluate: number
  /** Engines that share each training batch; 1: one engine trains with whole batches. */
  train: number
}

/** More of them take memory and give little. */
const MOST_EVALUATION_WORKERS = 8
/** Bytes that one engine which only evaluates takes, about. */
const EVALUATION_BYTES = 300e6
/** Of the memory that a run may take. */
const EVALUATION_SHARE = 0.5

/**
 * Engines that evaluate: one a core, and where there are more than two, one core is left for loading photos; those beside
 * the first take at most half of `memoryLimit` (bytes).
 */
export function workersHere(train: number, memoryLimit: number | null): Workers {
  if (typeof Worker === 'undefined') return { train, evaluate: 1 }
  const cores = navigator.hardwareConcurrency
  const allowed =
    memoryLimit === null ? MOST_EVALUATION_WORKERS : (EVALUATION_SHARE * memoryLimit) / EVALUATION_BYTES
  const evaluate = Math.min(MOST_EVALUATION_WORKERS, cores > 2 ? cores - 1 : cores, 1 + Math.floor(allowed))
  return { train, evaluate }
}
