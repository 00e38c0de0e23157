/** Between PyTorch's layouts (in files and in every interface) and TF.js's (in tensors). */

/** A convolution's filter is [kh, kw, in, out] in TF.js, [out, in, kh, kw] in PyTorch; `fc` is transposed. */
export function tensorShape(shape: readonly number[]): number[] {
  if (shape.length === 4) return [shape[2], shape[3], shape[1], shape[0]]
  return shape.length === 2 ? [shape[1], shape[0]] : [...shape]
}

/** A copy of PyTorch's values in TF.js's layout. `shape` is PyTorch's. */
export function toTensorLayout(data: Float32Array, shape: readonly number[]): Float32Array {
  return shape.length < 2 ? data.slice() : transpose(data, ...asMatrix(shape))
}

/** A copy of TF.js's values in PyTorch's layout. `shape` is PyTorch's. */
export function toStateLayout(data: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length < 2) return data.slice()
  const [outputs, inputs, taps] = asMatrix(shape)
  const result = new Float32Array(data.length)
  let from = 0
  for (let tap = 0; tap < taps; tap++)
    for (let input = 0; input < inputs; input++)
      for (let output = 0; output < outputs; output++)
        result[(output * inputs + input) * taps + tap] = data[from++]
  return result
}

const asMatrix = (shape: readonly number[]): [outputs: number, inputs: number, taps: number] => [
  shape[0],
  shape[1],
  shape.length === 4 ? shape[2] * shape[3] : 1,
]

function transpose(data: Float32Array, outputs: number, inputs: number, taps: number): Float32Array {
  const result = new Float32Array(data.length)
  let from = 0
  for (let output = 0; output < outputs; output++)
    for (let input = 0; input < inputs; input++)
      for (let tap = 0; tap < taps; tap++) result[(tap * inputs + input) * outputs + output] = data[from++]
  return result
}
