/** What was chosen, for people: a line for each group of layers that are alike. Loads no kernels. */
import { readTableId } from './choice.ts'
import type { Kind } from './kernels/convolution.ts'
import { LAYER_GROUPS } from './layer-groups.ts'
import type { Tuning } from './tuner.ts'
import { storedTuning } from './tuner-store.ts'

export interface KernelCell {
  family: string
  /** As it was measured; null where it was not. */
  milliseconds: number | null
}

export interface KernelRow {
  /** torchvision's name of the first layer. */
  layer: string
  /** How many layers are alike, this one included. */
  layers: number
  /** null: the step never computes it. */
  cells: Record<Kind, KernelCell | null>
}

export interface KernelTable {
  rows: KernelRow[]
  /** What was measured, and how many milliseconds measuring took; null where nothing is known of it. */
  measured: { size: number; count: number; milliseconds: number } | null
}

/**
 * The choice that an id stands for, layer by layer, with the times that `tuning` (by default what this browser keeps)
 * holds; null where the id is that of one family for all.
 */
export async function kernelTable(kernels: string, tuning?: Tuning | null): Promise<KernelTable | null> {
  const names = readTableId(kernels)
  if (!names) return null
  const known = tuning === undefined ? await storedTuning(kernels).catch(() => null) : tuning
  const cell = (kind: Kind, index: number): KernelCell | null => {
    const family = names[kind][index]
    if (family === null) return null
    const entry = known?.entries.find((one) => one.kind === kind && one.layer === LAYER_GROUPS[index].name)
    return { family, milliseconds: entry?.milliseconds[family] ?? null }
  }
  return {
    rows: LAYER_GROUPS.map(({ name, layers }, i) => ({
      layer: name,
      layers: layers.length,
      cells: {
        forward: cell('forward', i),
        inputGradient: cell('inputGradient', i),
        filterGradient: cell('filterGradient', i),
      },
    })),
    measured: known && { size: known.size, count: known.count, milliseconds: known.milliseconds },
  }
}
