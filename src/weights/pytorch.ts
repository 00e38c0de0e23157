/** From unpickled values and raw storages to tensors: what both of PyTorch's file formats have in common. */
import { elements, type HostTensor } from '../model/index.ts'
import { DTYPE_BYTES, decodeTensor, type StoredDtype } from './dtypes.ts'
import { WeightsError } from './errors.ts'
import { type PickleValue, type StorageReference, TensorReference } from './pickle.ts'

const STORAGE_DTYPES: Readonly<Record<string, StoredDtype>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
}

/** Bytes per value of every storage that a checkpoint may hold, beside the weights too. */
const STORAGE_BYTES: Readonly<Record<string, number>> = {
  DoubleStorage: 8,
  FloatStorage: 4,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
}

/** The length of a storage in bytes. @throws WeightsError where its values are of an unknown kind. */
export function storageBytes({ type, length }: StorageReference): number {
  const width = STORAGE_BYTES[type]
  if (width === undefined) throw new WeightsError('unsupported', `The file holds values of a ${type}.`)
  return length * width
}

/**
 * The tensors of a state dict, bare or under `state_dict` or `model`.
 * @param bytesOf the raw bytes of a storage, exactly as many as it has values.
 * @param fileBytes the file's length: together the tensors may not have more values than that, so that no small
 * file asks for a large memory by views of one storage.
 */
export function stateDictTensors(
  value: PickleValue,
  bytesOf: (storage: StorageReference) => Uint8Array,
  fileBytes: number,
): Map<string, HostTensor> {
  const tensors = new Map<string, HostTensor>()
  let values = 0
  for (const [name, entry] of stateDictOf(value)) {
    if (typeof name !== 'string' || !(entry instanceof TensorReference))
      throw new WeightsError('not-weights', `The entry ${String(name)} is not a tensor.`)
    values += elements(entry.shape)
    if (!(values <= fileBytes))
      throw new WeightsError('not-weights', `${name} of shape [${entry.shape}] is larger than the file.`)
    tensors.set(name, tensorOf(name, entry, bytesOf))
  }
  return tensors
}

function stateDictOf(value: PickleValue): Map<PickleValue, PickleValue> {
  if (!(value instanceof Map)) throw new WeightsError('not-weights', 'The file holds no state dict.')
  for (const key of ['state_dict', 'model']) {
    const inner = value.get(key)
    if (inner instanceof Map) return inner
  }
  return value
}

function tensorOf(
  name: string,
  { storage, offset, shape, strides }: TensorReference,
  bytesOf: (storage: StorageReference) => Uint8Array,
): HostTensor {
  const dtype = STORAGE_DTYPES[storage.type]
  if (!dtype) throw new WeightsError('unsupported', `${name} holds values of a ${storage.type}.`)
  const count = elements(shape)
  if (count === 0) return decodeTensor(new Uint8Array(0), dtype, shape)
  const last = shape.reduce((position, size, axis) => position + (size - 1) * strides[axis], offset)
  if (!(last < storage.length))
    throw new WeightsError('not-weights', `${name} reaches beyond its storage of ${storage.length} values.`)
  const bytes = bytesOf(storage)
  const width = DTYPE_BYTES[dtype]
  return decodeTensor(
    isContiguous(shape, strides)
      ? bytes.subarray(offset * width, (offset + count) * width)
      : gather(bytes, width, offset, shape, strides),
    dtype,
    shape,
  )
}

/** Row-major without gaps. The stride of an axis of one does not matter. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false
    expected *= shape[axis]
  }
  return true
}

/** The bytes of a strided view, row-major. */
function gather(
  bytes: Uint8Array,
  width: number,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): Uint8Array {
  const gathered = new Uint8Array(elements(shape) * width)
  const index = new Array<number>(shape.length).fill(0)
  let source = offset
  for (let target = 0; target < gathered.length; target += width) {
    for (let byte = 0; byte < width; byte++) gathered[target + byte] = bytes[source * width + byte]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]
      if (++index[axis] < shape[axis]) break
      source -= shape[axis] * strides[axis]
      index[axis] = 0
    }
  }
  return gathered
}
