/** Shares of a batch. */
import { FEATURES } from '../../model/index.ts'
import type { Inputs } from '../train-step.ts'

/** A copy of the samples `from` to `to`. */
export function share(inputs: Inputs, from: number, to: number): Inputs {
  const count = to - from
  if (inputs.kind === 'features')
    return { ...inputs, count, values: inputs.values.slice(from * FEATURES, to * FEATURES) }
  const photo = inputs.size * inputs.size * 3
  return inputs.kind === 'photos'
    ? { ...inputs, count, pixels: inputs.pixels.slice(from * photo, to * photo) }
    : { ...inputs, count, values: inputs.values.slice(from * photo, to * photo) }
}
