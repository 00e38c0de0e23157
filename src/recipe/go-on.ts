/** Going on from a finished run: quick, standard and best are one recipe, and each ends a stage later. */
import type { LockableStage } from '../model/index.ts'
import { presetRecipe } from './presets.ts'
import { type Preset, type Recipe, stagesOf, type TrainingStage } from './recipe.ts'

const NEXT: Partial<Record<Preset, { preset: Preset; stage: TrainingStage }>> = {
  quick: { preset: 'standard', stage: 'upper' },
  standard: { preset: 'best', stage: 'all' },
}

export interface GoingOn {
  /** The run's own recipe with one stage more: as a whole it repeats what both runs together came to. */
  recipe: Recipe
  /** The stage that is added. */
  stage: TrainingStage
}

/**
 * What a run of `recipe` goes on with; null where nothing follows, as after the course's. Everything that the stages before
 * depend on stays as the run had it.
 */
export function goingOn({ resolved, ...recipe }: Recipe): GoingOn | null {
  const next = NEXT[recipe.preset]
  if (!next || stagesOf(recipe).includes(next.stage)) return null
  const { preset, stage } = next
  const added = presetRecipe(preset).stages[stage]
  return { recipe: { ...recipe, preset, stages: { ...recipe.stages, [stage]: added } }, stage }
}

/** What rests where layers learn from this one up. */
export const LOCKED_BELOW = {
  layer4: ['stem', 'layer1', 'layer2', 'layer3'],
} as const satisfies Partial<Record<LockableStage, readonly LockableStage[]>>
