/** Any weight file by its bytes -> a complete ResNet-18; and a complete ResNet-18 -> safetensors. */
import {
  classesOf,
  type EntrySpec,
  type HostTensor,
  type StateDict,
  stateDictProblems,
  stateEntries,
} from '../model/index.ts'
import { WeightsError } from './errors.ts'
import type { TensorFormat } from './format.ts'
import { readMetadata, type WeightMetadata, writeMetadata } from './metadata.ts'
import { pytorchLegacy } from './pytorch-legacy.ts'
import { pytorchZip } from './pytorch-zip.ts'
import { safetensors, writeSafetensors } from './safetensors.ts'

export interface WeightFile {
  format: TensorFormat['name']
  /** All 122 entries, in torchvision's order; counters that the file lacks are zero. */
  state: StateDict
  classes: number
  metadata: WeightMetadata
}

const FORMATS: readonly TensorFormat[] = [safetensors, pytorchZip, pytorchLegacy]

/**
 * Opens safetensors and PyTorch files alike: the bytes decide, not the name.
 * @throws WeightsError where the file is broken, asks for code to be run, or is not torchvision's ResNet-18.
 */
export function openWeightFile(bytes: Uint8Array): WeightFile {
  const format = FORMATS.find((candidate) => candidate.match(bytes))
  if (!format)
    throw new WeightsError('not-weights', 'The file is neither safetensors nor written by torch.save.')
  const { tensors, metadata: texts } = format.open(bytes)
  const state = completeState(withoutWrapper(tensors))
  const classes = classesOf(state)
  const metadata = readMetadata(texts)
  if (metadata.classes && metadata.classes.length !== classes) metadata.classes = null
  return { format: format.name, state, classes, metadata }
}

/**
 * A safetensors file with torchvision's 122 entries in torchvision's order, float32 and int64.
 * @throws Error where the state dict is not a complete ResNet-18.
 */
export function writeWeightFile(state: StateDict, metadata: WeightMetadata): Uint8Array<ArrayBuffer> {
  const classes = classesOf(state)
  if (metadata.classes && metadata.classes.length !== classes)
    throw new Error(`${metadata.classes.length} class names for ${classes} classes`)
  return writeSafetensors(completeState(state), writeMetadata(metadata))
}

/** `DataParallel` puts `module.` before every name. */
function withoutWrapper(tensors: StateDict): StateDict {
  const wrapper = 'module.'
  const names = [...tensors.keys()]
  if (names.length === 0 || !names.every((name) => name.startsWith(wrapper))) return tensors
  return new Map([...tensors].map(([name, tensor]) => [name.slice(wrapper.length), tensor]))
}

function completeState(tensors: StateDict): StateDict {
  const [problem, ...others] = stateDictProblems(tensors)
  if (problem !== undefined)
    throw new WeightsError(
      'architecture',
      `Not torchvision's ResNet-18: ${problem}${others.length > 0 ? `, and ${others.length} more differences` : ''}.`,
    )
  return new Map(
    stateEntries(classesOf(tensors)).map((entry) => [entry.name, checked(entry, tensors.get(entry.name))]),
  )
}

function checked(entry: EntrySpec, tensor: HostTensor | undefined): HostTensor {
  // Files from before PyTorch 0.4.1 have no counters.
  if (!tensor) return { dtype: 'I64', shape: [], data: new BigInt64Array(1) }
  const expected = entry.kind === 'num_batches_tracked' ? 'I64' : 'F32'
  if (tensor.dtype !== expected)
    throw new WeightsError(
      'architecture',
      `${entry.name} holds ${tensor.dtype} values, expected ${expected}.`,
    )
  if (tensor.dtype === 'F32' && !allFinite(tensor.data))
    throw new WeightsError('not-finite', `${entry.name} holds values that are not finite.`)
  return tensor
}

function allFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false
  return true
}
