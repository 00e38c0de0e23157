/** Any weight file by its bytes -> a ResNet-18, with its classifier if it has one; a complete ResNet-18 -> safetensors. */
import {
  backboneEntries,
  classesOf,
  differences,
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
import { torchvisionNames } from './tensor-names.ts'

export interface WeightFile {
  format: TensorFormat['name']
  /**
   * By torchvision's names and in torchvision's order: all 122 entries, or the 120 below `fc` where the file has no
   * classifier. Counters that the file lacks are zero.
   */
  state: StateDict
  /** Outputs of its classifier; null where it has none. */
  classes: number | null
  metadata: WeightMetadata
}

const FORMATS: readonly TensorFormat[] = [safetensors, pytorchZip, pytorchLegacy]

/**
 * Opens safetensors and PyTorch files alike: the bytes decide, not the name.
 * Names are torchvision's (and timm's, which are the same) or Hugging Face transformers'.
 * @throws WeightsError where the file is broken, asks for code to be run, or is no ResNet-18.
 */
export function openWeightFile(bytes: Uint8Array): WeightFile {
  const format = FORMATS.find((candidate) => candidate.match(bytes))
  if (!format)
    throw new WeightsError('not-weights', 'The file is neither safetensors nor written by torch.save.')
  const { tensors, metadata: texts } = format.open(bytes)
  const named = torchvisionNames(tensors)
  const isHeadless = !named.has('fc.weight') && !named.has('fc.bias')
  const state = isHeadless ? backbone(named) : completeState(named)
  const classes = isHeadless ? null : classesOf(state)
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

function completeState(tensors: StateDict): StateDict {
  refuse(stateDictProblems(tensors))
  return inOrder(tensors, stateEntries(classesOf(tensors)))
}

function backbone(tensors: StateDict): StateDict {
  const entries = backboneEntries()
  refuse(differences(tensors, entries))
  return inOrder(tensors, entries)
}

function refuse([problem, ...others]: readonly string[]): void {
  if (problem !== undefined)
    throw new WeightsError(
      'architecture',
      `Not a ResNet-18: ${problem}${others.length > 0 ? `, and ${others.length} more differences` : ''}.`,
    )
}

const inOrder = (tensors: StateDict, entries: readonly EntrySpec[]): StateDict =>
  new Map(entries.map((entry) => [entry.name, checked(entry, tensors.get(entry.name))]))

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
