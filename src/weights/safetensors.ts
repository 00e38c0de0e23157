/**
 * safetensors, read strictly and written.
 * Source of the format: huggingface/safetensors, README "Format": 8 bytes little-endian header length, a JSON
 * header `{name: {dtype, shape, data_offsets}, __metadata__}`, then the tensors' bytes without holes.
 */
import { z } from 'zod'
import { elements, type HostTensor, type StateDict } from '../model/index.ts'
import { DTYPE_BYTES, decodeTensor, isStoredDtype } from './dtypes.ts'
import { WeightsError } from './errors.ts'
import type { TensorFile, TensorFormat } from './format.ts'

/** The specification's own limit, in bytes. */
const LARGEST_HEADER = 100_000_000

const count = z.int().min(0)
const headerSchema = z.record(z.string(), z.unknown())
const metadataSchema = z.record(z.string(), z.string())
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
})

export const safetensors: TensorFormat = {
  name: 'safetensors',
  match: (bytes) => bytes.length > 8 && bytes[8] === 0x7b && headerLength(bytes) <= LARGEST_HEADER,
  open: readSafetensors,
}

/**
 * All tensors of a file, floats as float32.
 * @throws WeightsError: `truncated`, `not-weights`, `unsupported` (a dtype that is not F64, F32, F16, BF16 or I64).
 */
export function readSafetensors(bytes: Uint8Array): TensorFile {
  if (bytes.length < 8) throw new WeightsError('truncated', `The file has only ${bytes.length} bytes.`)
  const length = headerLength(bytes)
  if (length > LARGEST_HEADER)
    throw new WeightsError('not-weights', `A header of ${length} bytes is too long.`)
  if (8 + length > bytes.length)
    throw new WeightsError(
      'truncated',
      `The file ends at byte ${bytes.length}, within its ${length}-byte header.`,
    )
  const { __metadata__: metadata = {}, ...entries } = parseHeader(bytes.subarray(8, 8 + length))
  const data = bytes.subarray(8 + length)
  const tensors = new Map<string, HostTensor>()
  for (const { name, dtype, shape, begin, end } of laidOut(entries, data.length)) {
    if (!isStoredDtype(dtype)) throw new WeightsError('unsupported', `${name} has dtype ${dtype}.`)
    if (end - begin !== elements(shape) * DTYPE_BYTES[dtype])
      throw new WeightsError('not-weights', `${name}: ${end - begin} bytes for ${dtype} of shape [${shape}].`)
    tensors.set(name, decodeTensor(data.subarray(begin, end), dtype, shape))
  }
  const texts = metadataSchema.safeParse(metadata)
  if (!texts.success) throw new WeightsError('not-weights', 'The metadata are not texts by name.')
  return { tensors, metadata: texts.data }
}

/** As a double: lengths beyond 2^53 lose digits but stay far above every limit. */
function headerLength(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (cause) {
    throw new WeightsError('not-weights', 'The header is not a JSON object.', { cause })
  }
}

/** The entries in the order of their bytes; together they cover the data exactly, without a hole or an overlap. */
function laidOut(entries: Record<string, unknown>, dataLength: number) {
  const placed = Object.entries(entries).map(([name, entry]) => {
    const parsed = entrySchema.safeParse(entry)
    if (!parsed.success) throw new WeightsError('not-weights', `${name} is not described as a tensor.`)
    const [begin, end] = parsed.data.data_offsets
    return { name, dtype: parsed.data.dtype, shape: parsed.data.shape, begin, end }
  })
  placed.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let covered = 0
  for (const { name, begin, end } of placed) {
    if (begin !== covered || end < begin)
      throw new WeightsError(
        'not-weights',
        `${name} spans bytes ${begin} to ${end}, expected to start at ${covered}.`,
      )
    covered = end
  }
  if (covered > dataLength)
    throw new WeightsError(
      'truncated',
      `The tensors take ${covered} bytes, the file has ${dataLength} of them.`,
    )
  if (covered < dataLength)
    throw new WeightsError('not-weights', `${dataLength - covered} bytes follow the last tensor.`)
  return placed
}

/** A file of the tensors, in the map's order. The header is padded with spaces so that the data start 8-byte aligned. */
export function writeSafetensors(
  tensors: StateDict,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = {}
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata
  let offset = 0
  for (const [name, { dtype, shape, data }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const length = Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(8 + length + offset)
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true)
  file.set(json, 8)
  file.fill(0x20, 8 + json.length, 8 + length)
  let position = 8 + length
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position)
    position += data.byteLength
  }
  return file
}
