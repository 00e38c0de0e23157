/** What the page proposes: a preset for these photos and this machine, a freeze plan for so few photos a class. */
import type { Dataset } from '../dataset/types.ts'
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

/** Fewer than 500 photos a class: the last stages; more: all. The last layer alone is what the stage before trains. */
export const suggestPlan = (trainPhotos: number, classes: number): 'last-stages' | 'all' =>
  trainPhotos / Math.max(1, classes) < 500 ? 'last-stages' : 'all'

/** Training size in px of the weights that a run starts from; null where a file does not say. */
export const weightsSize = (kind: WeightsSource['kind']): number | null => (kind === 'file' ? null : 224)

/** What is known of the machine: photos a second of the probe (64 px, all stages), and how many photos there are. */
export interface Machine {
  photos: { train: number; valid: number }
  rate: number | null
}

/** Longest run of the head alone that still is "quick", in seconds. */
const QUICK = 3 * 60

/**
 * A preset's recipe at the size that suits the weights. Quick, standard and best are 224 px, all three smaller where the
 * machine would need minutes for the first of them: each goes on from the one before. With torchvision's weights, course is
 * 112 px; with the built-in ones it stays the course's own 64 px, for which the page says that the weights expect more.
 */
export function recipeFor(preset: Preset, weights: WeightsSource, machine?: Machine): Recipe {
  const recipe = { ...presetRecipe(preset), weights }
  if (preset === 'course') return weights.kind === 'imagenet' ? withSize(recipe, 112) : recipe
  const rate = machine?.rate
  if (!machine || !rate) return recipe
  const isQuick = (size: number) =>
    estimateSeconds(withSize(recipe, size), machine.photos, rate, ['head']) < QUICK
  return withSize(recipe, [224, 160].find(isQuick) ?? 112)
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

/** Whether the largest class has at least twice the training photos of the smallest; one without any is another problem. */
export function isUneven({ classes, samples }: Dataset): boolean {
  const counts = new Array<number>(classes.length).fill(0)
  for (const { split, label } of samples) if (split === 'train') counts[label]++
  const filled = counts.filter((count) => count > 0)
  return filled.length > 1 && Math.max(...filled) >= 2 * Math.min(...filled)
}
