/** A state dict on the host, with torchvision's names and PyTorch's layouts. */
import { type EntrySpec, elements, FEATURES, stateEntries } from './resnet18.ts'

export type HostTensor =
  | { dtype: 'F32'; shape: readonly number[]; data: Float32Array }
  | { dtype: 'I64'; shape: readonly number[]; data: BigInt64Array }

/** Name -> tensor. A complete one has the 122 entries of `stateEntries(classes)`. */
export type StateDict = ReadonlyMap<string, HostTensor>

/** Number of classes of a state dict's `fc`. @throws if `fc.weight` is missing or not [classes, 512]. */
export function classesOf(state: StateDict): number {
  const fc = state.get('fc.weight')
  if (fc?.shape.length !== 2 || fc.shape[1] !== FEATURES)
    throw new Error(
      `fc.weight must have shape [classes, ${FEATURES}], found ${fc ? `[${fc.shape}]` : 'none'}`,
    )
  return fc.shape[0]
}

/** What is wrong with a state dict as torchvision's ResNet-18, one sentence a problem; empty when nothing is. */
export function stateDictProblems(state: StateDict): string[] {
  let classes: number
  try {
    classes = classesOf(state)
  } catch (error) {
    return [(error as Error).message]
  }
  return differences(state, stateEntries(classes))
}

/** What keeps a state dict from having exactly these entries, one sentence a problem; counters may be missing. */
export function differences(state: StateDict, entries: readonly EntrySpec[]): string[] {
  const problems: string[] = []
  for (const entry of entries) {
    const tensor = state.get(entry.name)
    if (!tensor) {
      if (entry.kind !== 'num_batches_tracked') problems.push(`${entry.name} is missing`)
    } else if (
      tensor.shape.length !== entry.shape.length ||
      tensor.shape.some((n, i) => n !== entry.shape[i])
    )
      problems.push(`${entry.name} has shape [${tensor.shape}], expected [${entry.shape}]`)
    else if (tensor.data.length !== elements(entry.shape))
      problems.push(`${entry.name} has ${tensor.data.length} values, expected ${elements(entry.shape)}`)
  }
  const known = new Set(entries.map((entry) => entry.name))
  for (const name of state.keys()) if (!known.has(name)) problems.push(`${name} is not part of ResNet-18`)
  return problems
}
