/**
 * PyTorch's files before 1.6: pickles in a row (a magic number, a protocol version, the machine's number format,
 * the values, the storages' keys), then each storage as an int64 length and its bytes.
 * Source: torch/serialization.py, `_legacy_save` and `_legacy_load`.
 */
import { WeightsError } from './errors.ts'
import type { TensorFile, TensorFormat } from './format.ts'
import { type StorageReference, type Unpickled, unpickle } from './pickle.ts'
import { stateDictTensors, storageBytes } from './pytorch.ts'

/** The number 0x1950a86a20f9469cfc6c as pickle's LONG1 (ten bytes), and the stream's end. */
const MAGIC = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
const PROTOCOL_VERSION = 1001

export const pytorchLegacy: TensorFormat = {
  name: 'pytorch-legacy',
  // After the pickle protocol's two bytes, and in protocol 4 a frame's nine.
  match: (bytes) =>
    bytes[0] === 0x80 && [2, 11].some((at) => MAGIC.every((byte, i) => bytes[at + i] === byte)),
  open,
}

function open(bytes: Uint8Array): TensorFile {
  const version = unpickle(bytes, unpickle(bytes).end)
  if (version.value !== PROTOCOL_VERSION)
    throw new WeightsError('unsupported', `The file has protocol version ${String(version.value)}.`)
  const system = unpickle(bytes, version.end)
  if (!(system.value instanceof Map) || system.value.get('little_endian') !== true)
    throw new WeightsError('unsupported', 'The file was written on a big-endian machine.')
  const state = unpickle(bytes, system.end)
  const keys = unpickle(bytes, state.end)
  const storages = readStorages(bytes, keys, state.storages)
  const tensors = stateDictTensors(
    state.value,
    (storage) => {
      const data = storages.get(storage.key)
      if (data?.length !== storageBytes(storage))
        throw new WeightsError('not-weights', `Storage ${storage.key} is missing or of another length.`)
      return data
    },
    bytes.length,
  )
  return { tensors, metadata: {} }
}

/** The storages' bytes by key; each begins with its number of values. */
function readStorages(
  bytes: Uint8Array,
  keys: Unpickled,
  references: ReadonlyMap<string, StorageReference>,
): Map<string, Uint8Array> {
  if (!Array.isArray(keys.value)) throw new WeightsError('not-weights', 'The storages are not listed.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const storages = new Map<string, Uint8Array>()
  let position = keys.end
  for (const key of keys.value) {
    const reference = typeof key === 'string' ? references.get(key) : undefined
    if (!reference) throw new WeightsError('not-weights', `Storage ${String(key)} belongs to no tensor.`)
    const begin = position + 8
    const end = begin + storageBytes(reference)
    if (!(end <= bytes.length))
      throw new WeightsError(
        'truncated',
        `The file ends at byte ${bytes.length}, within storage ${reference.key}.`,
      )
    if (view.getBigInt64(position, true) !== BigInt(reference.length))
      throw new WeightsError(
        'not-weights',
        `Storage ${reference.key} is not ${reference.length} values long.`,
      )
    storages.set(reference.key, bytes.subarray(begin, end))
    position = end
  }
  return storages
}
