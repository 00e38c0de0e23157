/** Stored numbers -> the two host types: floats of any width become float32, int64 stays. Little-endian hosts only. */
import { elements, type HostTensor } from '../model/index.ts'
import { WeightsError } from './errors.ts'

/** Bytes per value, by safetensors' names. */
export const DTYPE_BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8 } as const
export type StoredDtype = keyof typeof DTYPE_BYTES

export const isStoredDtype = (dtype: string): dtype is StoredDtype => Object.hasOwn(DTYPE_BYTES, dtype)

/**
 * A contiguous, row-major tensor from its stored bytes (any alignment); the result owns its memory.
 * @throws WeightsError where the number of bytes is not the shape's.
 */
export function decodeTensor(bytes: Uint8Array, dtype: StoredDtype, shape: readonly number[]): HostTensor {
  if (bytes.length !== elements(shape) * DTYPE_BYTES[dtype])
    throw new WeightsError(
      'not-weights',
      `${bytes.length} bytes do not hold ${dtype} values of shape [${shape}]`,
    )
  // Not slice(): Node's Buffer would share its memory.
  const { buffer } = new Uint8Array(bytes)
  switch (dtype) {
    case 'I64':
      return { dtype: 'I64', shape, data: new BigInt64Array(buffer) }
    case 'F32':
      return { dtype: 'F32', shape, data: new Float32Array(buffer) }
    case 'F64':
      return { dtype: 'F32', shape, data: Float32Array.from(new Float64Array(buffer)) }
    case 'F16':
      return { dtype: 'F32', shape, data: halfToFloat(new Uint16Array(buffer)) }
    case 'BF16':
      return { dtype: 'F32', shape, data: bfloatToFloat(new Uint16Array(buffer)) }
  }
}

/** bfloat16 is the upper half of a float32. */
function bfloatToFloat(values: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(values, (value) => value << 16).buffer)
}

/** IEEE 754 binary16 -> binary32, exactly, by a table of all 65,536 values (11 million of them take a moment each otherwise). */
function halfToFloat(values: Uint16Array): Float32Array {
  halfTable ??= Float32Array.from({ length: 65536 }, (_, bits) => halfValue(bits))
  const table = halfTable
  const floats = new Float32Array(values.length)
  for (let i = 0; i < values.length; i++) floats[i] = table[values[i]]
  return floats
}
let halfTable: Float32Array | undefined

function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
