/** Photos and activations to tensors. */
import * as tf from '@tensorflow/tfjs-core'
import { boundaryShape } from '../../model/index.ts'
import { type Inputs, MEAN, STD } from '../train-step.ts'

export type Activations = Extract<Inputs, { kind: 'activations' }>
export type Photos = Exclude<Inputs, Activations>

/** (byte / 255 - mean) / std of each byte, [256, 3]. */
const NORMALIZED = Float32Array.from(
  { length: 3 * 256 },
  (_, i) => (Math.floor(i / 3) / 255 - MEAN[i % 3]) / STD[i % 3],
)

/** Photos `from` to `to` as [to - from, size, size, 3]. */
export function photoTensor(inputs: Photos, from: number, to: number): tf.Tensor4D {
  const { size } = inputs
  const values = size * size * 3
  const shape: tf.Tensor4D['shape'] = [to - from, size, size, 3]
  if (inputs.kind === 'normalized')
    return tf.tensor4d(inputs.values.slice(from * values, to * values), shape, 'float32')
  const pixels = inputs.pixels.subarray(from * values, to * values)
  const normalized = new Float32Array(pixels.length)
  for (let i = 0; i < pixels.length; i += 3)
    for (let c = 0; c < 3; c++) normalized[i + c] = NORMALIZED[pixels[i + c] * 3 + c]
  return tf.tensor4d(normalized, shape, 'float32')
}

/** Activations `from` to `to` as [to - from, side, side, channels]. */
export function activationTensor(inputs: Activations, from: number, to: number): tf.Tensor4D {
  const { side, channels } = boundaryShape(inputs.boundary, inputs.size)
  const each = side * side * channels
  const shape: tf.Tensor4D['shape'] = [to - from, side, side, channels]
  return tf.tensor4d(inputs.values.slice(from * each, to * each), shape, 'float32')
}
