/**
 * PyTorch's files since 1.6: an uncompressed zip with `NAME/data.pkl` (the values), `NAME/data/KEY` (each
 * storage's bytes) and `NAME/byteorder`. Source: torch/serialization.py, `_save` and `_load`.
 */
import { unzipSync } from 'fflate'
import { WeightsError } from './errors.ts'
import type { TensorFile, TensorFormat } from './format.ts'
import { unpickle } from './pickle.ts'
import { stateDictTensors, storageBytes } from './pytorch.ts'

export const pytorchZip: TensorFormat = {
  name: 'pytorch-zip',
  match: (bytes) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4,
  open,
}

function open(bytes: Uint8Array): TensorFile {
  const files = unzip(bytes)
  const pickles = [...files.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name))
  if (pickles.length !== 1)
    throw new WeightsError('not-weights', 'The zip file was not written by torch.save.')
  const folder = pickles[0].slice(0, -'data.pkl'.length)
  if (files.has(`${folder}constants.pkl`))
    throw new WeightsError('unsupported', 'The file is a TorchScript program, not a state dict.')
  const order = files.get(`${folder}byteorder`)
  if (order && new TextDecoder().decode(order) !== 'little')
    throw new WeightsError('unsupported', 'The file was written on a big-endian machine.')
  const { value } = unpickle(required(files, pickles[0]))
  const tensors = stateDictTensors(
    value,
    (storage) => {
      const data = required(files, `${folder}data/${storage.key}`)
      if (data.length !== storageBytes(storage))
        throw new WeightsError(
          'not-weights',
          `Storage ${storage.key} has ${data.length} bytes for ${storage.length} values of a ${storage.type}.`,
        )
      return data
    },
    bytes.length,
  )
  return { tensors, metadata: {} }
}

function required(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const file = files.get(name)
  if (!file) throw new WeightsError('truncated', `${name} is missing in the zip file.`)
  return file
}

const WANTED = /^[^/]+\/(data\.pkl|constants\.pkl|byteorder|data\/[^/]+)$/

/** The files of the zip that matter. They are stored, not compressed, and together no larger than the zip itself. */
function unzip(bytes: Uint8Array): Map<string, Uint8Array> {
  const sizes = new Map<string, number>()
  let total = 0
  const refuse = (what: string): never => {
    throw new WeightsError('not-weights', `The zip file is broken or was not written by torch.save: ${what}.`)
  }
  let files: Record<string, Uint8Array>
  try {
    files = unzipSync(bytes, {
      filter: ({ name, size, originalSize, compression }) => {
        if (name === '') refuse('an entry has no name')
        if (!WANTED.test(name)) return false
        if (compression !== 0 || size !== originalSize) refuse(`${name} is compressed`)
        if (sizes.has(name)) refuse(`it has ${name} twice`)
        total += size
        if (!(total <= bytes.length)) refuse(`${name} is larger than the file`)
        sizes.set(name, size)
        return true
      },
    })
  } catch (cause) {
    if (cause instanceof WeightsError) throw cause
    throw new WeightsError('truncated', 'The zip directory at the end of the file is missing or broken.', {
      cause,
    })
  }
  for (const [name, size] of sizes)
    if (files[name]?.length !== size) throw new WeightsError('truncated', `${name} is cut short.`)
  return new Map(Object.entries(files))
}
