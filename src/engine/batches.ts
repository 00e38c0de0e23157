/** What both engines ask of a batch, and how they cut it into micro-batches. */
import { type Boundary, boundaryValues } from '../model/index.ts'
import type { Inputs } from './train-step.ts'

/** The parts into which `count` samples are cut so that none holds more than `most`: as even as can be. */
export function evenParts(count: number, most: number): { from: number; to: number }[] {
  const parts = Math.ceil(count / Math.max(1, most))
  return Array.from({ length: parts }, (_, i) => ({
    from: Math.floor((i * count) / parts),
    to: Math.floor(((i + 1) * count) / parts),
  }))
}

/** At which cut of the network inputs come in. */
export const boundaryOf = (inputs: Inputs): Boundary => (inputs.kind === 'activations' ? inputs.boundary : 0)

/** The same inputs' samples `from` to `to`, copied. */
export function partOf<T extends Inputs>(inputs: T, from: number, to: number): T {
  const each = boundaryValues(boundaryOf(inputs), inputs.size)
  const count = to - from
  return inputs.kind === 'photos'
    ? { ...inputs, count, pixels: inputs.pixels.slice(from * each, to * each) }
    : { ...inputs, count, values: inputs.values.slice(from * each, to * each) }
}

/**
 * Refuses activations that cannot stand for photos in a step.
 * @throws where a stage before their boundary trains, or its batch norms do.
 */
export function checkRests(inputs: Inputs, resting: Boundary): void {
  if (boundaryOf(inputs) > resting)
    throw new Error(
      'activations can stand for photos only where all stages before them are locked and not in train mode',
    )
}

/** @throws where activations are of a later boundary than what is asked for. */
export function checkComesBefore(inputs: Inputs, boundary: Boundary): void {
  if (boundaryOf(inputs) > boundary)
    throw new Error(`activations of boundary ${boundaryOf(inputs)} hold nothing of boundary ${boundary}`)
}

/** @throws where the arrays do not hold what `count` and `size` say. */
export function checkInputs(inputs: Inputs, labels?: Int32Array, classes = 0): void {
  const { count, size } = inputs
  const { length } = inputs.kind === 'photos' ? inputs.pixels : inputs.values
  const expected = count * boundaryValues(boundaryOf(inputs), size)
  if (count < 1 || length !== expected)
    throw new Error(`${inputs.kind}: ${length} values where ${expected} were expected`)
  if (!labels) return
  if (labels.length !== count) throw new Error(`${labels.length} labels for ${count} samples`)
  const wrong = labels.find((label) => !(label >= 0 && label < classes))
  if (wrong !== undefined) throw new Error(`label ${wrong} is not one of ${classes} classes`)
}
