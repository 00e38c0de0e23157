/** Which views of a photo go through the resting stages once and are kept. */
import { type Boundary, type FreezePlan, restingPrefix } from '../model/index.ts'
import type { Augmentation, Recipe, TrainingStage } from './recipe.ts'

/** Whether every view of a photo is the same: one view of it is then exact. */
export function isFixed({
  geometry,
  horizontalFlip,
  verticalFlip,
  jitter,
  grayscale,
}: Augmentation): boolean {
  return (
    geometry.kind === 'resize-rotate-crop' &&
    geometry.rotation === 0 &&
    horizontalFlip === 0 &&
    verticalFlip === 0 &&
    grayscale === 0 &&
    Object.values(jitter).every((strength) => strength === 0)
  )
}

/** Whether the view that is the `view`-th of a stage (from 0) is the photo as validation sees it. */
export const isPlainView = (recipe: Recipe, stage: TrainingStage, view: number): boolean =>
  view === 0 && recipe.stages[stage].plainView && keptViews(recipe, stage) !== null

/** How many views of a photo a stage's epochs cycle through; null: each epoch has views of its own. */
export const keptViews = ({ augmentation, stages }: Recipe, stage: TrainingStage): number | null =>
  isFixed(augmentation) ? 1 : stages[stage].cachedViews

/** Where the training steps of a stage begin under a freeze plan (by default its own): 0 where they begin with photos. */
export const stepsFrom = (
  recipe: Recipe,
  stage: TrainingStage,
  locked: FreezePlan = recipe.stages[stage].locked,
): Boundary => (keptViews(recipe, stage) === null ? 0 : restingPrefix(recipe.batchNorm, locked))
