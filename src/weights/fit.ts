/** What training starts from: the file's weights, with its classifier where that fits the dataset, else a new one. */
import { FEATURES, type HostTensor, newClassifier, type StateDict } from '../model/index.ts'
import type { WeightFile } from './weight-file.ts'

/** A class as the dataset has it: the folder's name, and the name people read. */
export interface ClassLabel {
  id: string
  name: string
}

/**
 * A file without a classifier gets a new one. A classifier fits where it has as many outputs as the dataset has classes and, where the file names them, the
 * same names (or the same folder names). Its rows are put in the dataset's order. The other entries are shared
 * with the file, not copied.
 * @param seed draws a new classifier.
 */
export function startState(
  file: Pick<WeightFile, 'state' | 'classes' | 'metadata'>,
  datasetClasses: readonly ClassLabel[],
  seed: number,
): { state: StateDict; keepsClassifier: boolean } {
  const rows =
    file.classes === datasetClasses.length ? matchingRows(file.metadata.classes, datasetClasses) : null
  const state = new Map(file.state)
  if (rows === null) {
    for (const [name, tensor] of newClassifier(datasetClasses.length, seed)) state.set(name, tensor)
    return { state, keepsClassifier: false }
  }
  state.set('fc.weight', reordered(file.state.get('fc.weight'), rows, FEATURES))
  state.set('fc.bias', reordered(file.state.get('fc.bias'), rows, 1))
  return { state, keepsClassifier: true }
}

/** For each class of the dataset the file's output; null where the names differ. */
function matchingRows(names: readonly string[] | null, classes: readonly ClassLabel[]): number[] | null {
  if (names === null) return classes.map((_, index) => index)
  for (const key of ['name', 'id'] as const) {
    const rows = classes.map((label) => names.indexOf(label[key]))
    if (!rows.includes(-1) && new Set(rows).size === rows.length) return rows
  }
  return null
}

function reordered(tensor: HostTensor | undefined, rows: readonly number[], width: number): HostTensor {
  if (tensor?.dtype !== 'F32') throw new Error('the state dict has no float32 classifier')
  const data = new Float32Array(tensor.data.length)
  for (const [to, from] of rows.entries())
    data.set(tensor.data.subarray(from * width, (from + 1) * width), to * width)
  return { dtype: 'F32', shape: tensor.shape, data }
}
