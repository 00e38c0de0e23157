import { useEffect, useState } from 'react'
import type { FreezePlan } from '../../model/index.ts'
import { type Recipe, stepsFrom } from '../../recipe/index.ts'
import {
  lastStage,
  type MemoryEngine,
  type StepMemory,
  type StepShape,
  stepMemory,
  useApp,
} from '../../store/index.ts'
import { largestBatch } from '../../training/batches.ts'

/** What a step of a recipe's run takes here, with this freeze plan and this many photos; null until it is counted. */
export function useStepMemory(
  recipe: Recipe,
  locked: FreezePlan,
  classes: number,
  photos: number,
): StepMemory | null {
  const [memory, setMemory] = useState<StepMemory | null>(null)
  const on = useMemoryEngine(recipe)
  const shape: StepShape = {
    size: recipe.evaluation.crop,
    batch: largestBatch(recipe),
    photos: Math.max(1, photos),
    locked,
    boundary: stepsFrom(recipe, lastStage(recipe), locked),
    batchNorm: recipe.batchNorm,
    classes,
    optimizer: recipe.stages[lastStage(recipe)].optimizer.kind,
    limit: recipe.memoryLimit === null ? null : recipe.memoryLimit * 1e6,
  }
  const asked = useSame(shape)
  const engine = useSame(on)
  useEffect(() => {
    if (!engine) return
    let current = true
    stepMemory(asked, engine).then(
      (counted) => current && setMemory(counted),
      () => current && setMemory(null),
    )
    return () => {
      current = false
    }
  }, [asked, engine])
  return on && memory
}

/** The value as it was when it last changed: plain data, made anew with every render. */
function useSame<T>(value: T): T {
  const [same, setSame] = useState(value)
  if (JSON.stringify(same) === JSON.stringify(value)) return same
  setSame(value)
  return value
}

/** The engine that the recipe's run gets, as far as it is known; null before anything is. */
function useMemoryEngine({ engine: named, resolved, workers }: Recipe): MemoryEngine | null {
  const probe = useApp((state) => state.probe)
  const ran = useApp(({ run }) => run.engine)
  const traits = useApp(({ browser }) => browser?.gpu ?? null)
  const engine = named === 'auto' ? probe?.chosen : named
  if (engine === 'wasm') return { engine, workers }
  if (!engine || !traits) return null
  const measured = probe?.chosen === 'webgpu' ? probe.kernels : undefined
  const kernels = resolved?.kernels ?? (ran?.engine === 'webgpu' ? ran.kernels : measured)
  return { engine, kernels, traits }
}
