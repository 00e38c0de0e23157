/** Which photos make which batch. */

import { featureSides } from '../model/index.ts'
import { shuffled, stream } from '../random/index.ts'
import type { Recipe, TrainingStage } from '../recipe/index.ts'

/** The order of an epoch (1 for the stage's first): drawn from the stream (seed, stage, epoch), or as sorted. */
export function epochOrder<T>(
  items: readonly T[],
  recipe: Pick<Recipe, 'shuffle' | 'seed'>,
  stage: TrainingStage,
  epoch: number,
): readonly T[] {
  return recipe.shuffle ? shuffled(items, stream(recipe.seed, stage, epoch)) : items
}

/**
 * Cuts `items` into batches of `size`; the last, smaller one counts too. With `joinSingle` a last batch of one
 * joins the one before.
 */
export function cutBatches<T>(items: readonly T[], size: number, joinSingle = false): T[][] {
  const batches: T[][] = []
  for (let start = 0; start < items.length; start += size) batches.push(items.slice(start, start + size))
  if (joinSingle && batches.length > 1 && batches[batches.length - 1].length === 1)
    batches[batches.length - 2].push(...(batches.pop() ?? []))
  return batches
}

/**
 * Whether layer4's map is 1 x 1 at this photo size: there a batch of one has a single value a channel, which has
 * no variance (PyTorch raises "Expected more than 1 value per channel when training").
 */
export const needsTwoPhotos = (size: number): boolean => featureSides(size).layer4 === 1

/** Photos of the largest batch that a recipe can have. */
export const largestBatch = (recipe: Pick<Recipe, 'batch' | 'evaluation'>): number =>
  recipe.batch + (needsTwoPhotos(recipe.evaluation.crop) ? 1 : 0)

/** The batches of a training epoch (`epoch` counts from 1). */
export function trainBatches<T>(
  items: readonly T[],
  recipe: Pick<Recipe, 'shuffle' | 'seed' | 'batch' | 'evaluation'>,
  stage: TrainingStage,
  epoch: number,
): T[][] {
  const order = epochOrder(items, recipe, stage, epoch)
  return cutBatches(order, recipe.batch, needsTwoPhotos(recipe.evaluation.crop))
}
