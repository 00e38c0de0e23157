/** What each file format offers; the formats stand in files of their own. */
import type { StateDict } from '../model/index.ts'

/** Tensors by name as the file has them, floats as float32, and the texts that the file carries beside them. */
export interface TensorFile {
  tensors: StateDict
  metadata: Readonly<Record<string, string>>
}

export interface TensorFormat {
  name: 'safetensors' | 'pytorch-zip' | 'pytorch-legacy'
  /** Whether the first bytes are this format's. */
  match(bytes: Uint8Array): boolean
  /** @throws WeightsError */
  open(bytes: Uint8Array): TensorFile
}
