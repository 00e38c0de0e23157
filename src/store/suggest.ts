/** What the page proposes: a preset for these photos and this machine, a freeze plan for so few photos a class. */
import { LOCK_ALL, LOCK_NONE, type LockableStage } from '../model/index.ts'
import { type Preset, presetRecipe, type Recipe, type WeightsSource, withSize } from '../recipe/index.ts'
import type { ProbeResult } from '../training/trainer-api.ts'
import { estimateSeconds } from './estimate.ts'

/** The freeze plans that have a name of their own. */
export const PLANS = {
  last: LOCK_ALL,
  'last-stages': ['stem', 'layer1', 'layer2'],
  all: LOCK_NONE,
} as const satisfies Record<string, readonly LockableStage[]>
export type PlanName = keyof typeof PLANS

export function planName(locked: readonly LockableStage[]): PlanName | null {
  for (const name of ['last', 'last-stages', 'all'] as const) {
    const plan: readonly LockableStage[] = PLANS[name]
    if (plan.length === locked.length && plan.every((stage) => locked.includes(stage))) return name
  }
  return null
}

/** Fewer than 50 photos a class: only the last layer; fewer than 500: the last stages; more: all. */
export function suggestPlan(trainPhotos: number, classes: number): PlanName {
  const each = trainPhotos / Math.max(1, classes)
  return each < 50 ? 'last' : each < 500 ? 'last-stages' : 'all'
}

/** Training size in px of the weights that a run starts from; null where a file does not say. */
export const weightsSize = (kind: WeightsSource['kind']): number | null =>
  kind === 'builtin' ? 64 : kind === 'imagenet' ? 224 : null

/**
 * A preset's recipe at the size that suits the weights: with ImageNet's, quick is 224 px on one cached view and
 * course 112 px; with the built-in ones the presets stand as they are.
 */
export function recipeFor(
  preset: Preset,
  weights: WeightsSource,
  keep?: Pick<Recipe, 'seed' | 'engine'>,
): Recipe {
  let recipe = presetRecipe(preset)
  if (weights.kind === 'imagenet' && preset === 'course') recipe = withSize(recipe, 112)
  if (weights.kind === 'imagenet' && preset === 'quick')
    recipe = {
      ...withSize(recipe, 224),
      evaluation: { mode: 'short', resize: 256, crop: 224 },
      headFeatures: { views: 1 },
    }
  return { ...recipe, weights, ...keep }
}

/** Whether a run's size is more than twice off the size that its weights were trained at. */
export function sizeIsFarOff(recipe: Recipe): boolean {
  const trained = weightsSize(recipe.weights.kind)
  if (trained === null) return false
  const { crop } = recipe.evaluation
  return crop > 2 * trained || crop < trained / 2
}

/** Longest run that is proposed without being asked for, in seconds. */
const PATIENCE = 20 * 60

/** The preset to propose; `probeRate` in photos a second, null while it is not measured. */
export function suggestPreset(
  photos: { train: number; valid: number },
  weights: WeightsSource,
  probeRate: number | null,
): Preset {
  if (probeRate === null) return 'course'
  const seconds = (preset: Preset) => estimateSeconds(recipeFor(preset, weights), photos, probeRate)
  if (weights.kind === 'imagenet' && seconds('quality') < PATIENCE) return 'quality'
  return seconds('course') < PATIENCE ? 'course' : 'quick'
}

/** Photos a second (64 px, all stages) of the engine that will compute; null while it is not measured. */
export function probeRate(probe: ProbeResult | null, engine: Recipe['engine']): number | null {
  if (!probe) return null
  return probe.rates[engine === 'auto' ? probe.chosen : engine] ?? null
}
