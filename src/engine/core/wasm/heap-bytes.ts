/** How much of wasm's heap a run takes, before it begins: its tensors are laid out, and nothing is computed. */
import {
  boundaryShape,
  CONVOLUTIONS,
  elements,
  FEATURES,
  isLocked,
  isTrained,
  parameterEntries,
  restingPrefix,
  type Stage,
  stateEntries,
  updatesBatchNorm,
} from '../../../model/index.ts'
import { evaluatedAtOnce, type MemoryUse } from '../memory.ts'
import { BACKBONE_STAGES, backbone } from '../network.ts'
import { CountedHeap, type CountedTensor } from './counted-heap.ts'
import { CountedFoldedLayers, CountedTrainingLayers } from './counted-layers.ts'

/**
 * The highest address that is used while weights are loaded and steps over `photos` photos of `size` px are taken with
 * evaluations between them. Without photos: of an engine that only evaluates.
 */
export function heapBytes(use: MemoryUse, photos: number, size: number): number {
  const heap = new CountedHeap()
  const { classes, locked } = use
  for (const { kind, shape } of stateEntries(classes))
    if (kind !== 'num_batches_tracked') heap.empty(elements(shape))
  const folded = new CountedFoldedLayers(heap)
  const trained = parameterEntries(classes).filter((entry) => isTrained(locked, entry))
  if (photos > 0)
    for (const { name, shape } of trained)
      if (use.updated?.includes(name) ?? true)
        for (let moment = use.optimizer === 'sgd' ? 1 : 2; moment > 0; moment--) heap.empty(elements(shape))
  // Folded filters are there from the first photos of an evaluation on; the second step finds the gaps that it leaves.
  for (let time = 0; time < 2; time++) {
    if (photos > 0) step(heap, folded, use, photos, size)
    for (let part = 0; part < 2; part++)
      heap.dispose(evaluate(heap, folded, evaluatedAtOnce(size), size, BACKBONE_STAGES))
  }
  return heap.peak
}

function step(
  heap: CountedHeap,
  folded: CountedFoldedLayers,
  { classes, locked, batchNorm, boundary = 0 }: MemoryUse,
  photos: number,
  size: number,
): void {
  const updates = (stage: Stage) => updatesBatchNorm(batchNorm, locked, stage)
  for (const { name, stage } of CONVOLUTIONS) if (updates(stage)) folded.release(name)
  const prefix = restingPrefix(batchNorm, locked)
  const { side, channels } = boundaryShape(boundary, size)
  const given = heap.empty(photos, side, side, channels)
  const x = boundary > 0 && boundary === prefix ? given : backbone(folded, given, boundary, prefix)
  const sums = new Map<string, CountedTensor>()
  const plan = { trains: (stage: Stage) => !isLocked(locked, stage), usesBatchStatistics: updates }
  const layers = new CountedTrainingLayers(heap, folded, plan, sums)
  const pooled = backbone(layers, x, prefix)
  layers.addGradient('fc.weight', classes * FEATURES)
  layers.addGradient('fc.bias', classes)
  layers.backward(pooled)
  heap.dispose(pooled)
  for (const gradient of sums.values()) heap.dispose(gradient)
}

/** What photos become after the first `stages` stages. */
function evaluate(
  heap: CountedHeap,
  folded: CountedFoldedLayers,
  photos: number,
  size: number,
  stages: number,
): CountedTensor {
  return backbone(folded, heap.empty(photos, size, size, 3), 0, stages)
}
