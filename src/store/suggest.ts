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
export const weightsSize = (kind: WeightsSource['kind']): number | null => (kind === 'file' ? null : 224)

/** What is known of the machine: photos a second of the probe (64 px, all stages), and how many photos there are. */
export interface Machine {
  photos: { train: number; valid: number }
  rate: number | null
}

/** Longest run that still is "quick", in seconds. */
const QUICK = 3 * 60

/**
 * A preset's recipe at the size that suits the weights. Where they were trained at 224 px, quick is 224 px on one
 * cached view, smaller only where the machine would need minutes. With torchvision's, course is 112 px; with the
 * built-in ones it stays the course's own 64 px, for which the page says that the weights expect more.
 */
export function recipeFor(preset: Preset, weights: WeightsSource, machine?: Machine): Recipe {
  const recipe = { ...presetRecipe(preset), weights }
  if (weights.kind === 'file' || preset === 'quality') return recipe
  if (preset === 'course') return weights.kind === 'imagenet' ? withSize(recipe, 112) : recipe
  const sizes = [224, 160, 112].map((size): Recipe => {
    const resize = Math.round((256 / 224) * size)
    const { head } = recipe.stages
    return {
      ...withSize(recipe, size),
      evaluation: { mode: 'short', resize, crop: size },
      stages: { ...recipe.stages, head: { ...head, cachedViews: 1 } },
    }
  })
  const rate = machine?.rate
  if (!machine || !rate) return sizes[0]
  return sizes.find((sized) => estimateSeconds(sized, machine.photos, rate) < QUICK) ?? sizes[2]
}

/** Whether a run's size is more than twice off the size that its weights were trained at. */
export function sizeIsFarOff(recipe: Recipe): boolean {
  const trained = weightsSize(recipe.weights.kind)
  if (trained === null) return false
  const { crop } = recipe.evaluation
  return crop > 2 * trained || crop < trained / 2
}

/**
 * What a new folder begins with: with ImageNet's weights the last layer alone, on features that are computed once at their
 * size, is within a few points of the best in a fraction of its time.
 */
export const PROPOSED_PRESET: Preset = 'quick'

/** Photos a second (64 px, all stages) of the engine that will compute; null while it is not measured. */
export function probeRate(probe: ProbeResult | null, engine: Recipe['engine']): number | null {
  if (!probe) return null
  return probe.rates[engine === 'auto' ? probe.chosen : engine] ?? null
}
