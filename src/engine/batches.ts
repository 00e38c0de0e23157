/** What both engines ask of a batch, and how they cut it into micro-batches. */
import { FEATURES } from '../model/index.ts'
import type { Inputs } from './train-step.ts'

/** The parts into which `count` samples are cut so that none holds more than `most`: as even as can be. */
export function evenParts(count: number, most: number): { from: number; to: number }[] {
  const parts = Math.ceil(count / Math.max(1, most))
  return Array.from({ length: parts }, (_, i) => ({
    from: Math.floor((i * count) / parts),
    to: Math.floor(((i + 1) * count) / parts),
  }))
}

/** @throws where the arrays do not hold what `count` and `size` say. */
export function checkInputs(inputs: Inputs, labels?: Int32Array, classes = 0): void {
  const { count } = inputs
  const [length, expected] =
    inputs.kind === 'features'
      ? [inputs.values.length, count * FEATURES]
      : [
          inputs.kind === 'photos' ? inputs.pixels.length : inputs.values.length,
          count * inputs.size * inputs.size * 3,
        ]
  if (count < 1 || length !== expected)
    throw new Error(`${inputs.kind}: ${length} values where ${expected} were expected`)
  if (!labels) return
  if (labels.length !== count) throw new Error(`${labels.length} labels for ${count} samples`)
  const wrong = labels.find((label) => !(label >= 0 && label < classes))
  if (wrong !== undefined) throw new Error(`label ${wrong} is not one of ${classes} classes`)
}
