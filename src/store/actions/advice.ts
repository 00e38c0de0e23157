/** What the sentence below the curves advises, done by its button; what changes settings can be taken back. */
import type { Augmentation, Recipe, TrainingStage } from '../../recipe/index.ts'
import type { Advice } from '../reading.ts'
import { useApp } from '../state.ts'
import { changeRecipe } from './recipe.ts'
import { stop } from './training.ts'

/** Advice that changes the settings of the next run. */
export type SettingAdvice = Exclude<Advice, 'stop'>

const LARGEST_RATE = 10
const MOST_EPOCHS = 1000

/** The stage's number that an advice changes; null for those that change no number. */
export function advisedNumber(
  { stages }: Recipe,
  advice: SettingAdvice,
  stage: TrainingStage,
): number | null {
  if (advice === 'augment') return null
  return advice === 'more-epochs' ? stages[stage].epochs : stages[stage].optimizer.learningRate
}

/** A recipe with what an advice says of a stage. */
export function advisedRecipe(recipe: Recipe, advice: SettingAdvice, stage: TrainingStage): Recipe {
  const of = recipe.stages[stage]
  const changed = (change: Partial<typeof of>): Recipe => ({
    ...recipe,
    stages: { ...recipe.stages, [stage]: { ...of, ...change } },
  })
  const withRate = (factor: number) => {
    // 0.1 * 0.003 is not 0.0003 in binary.
    const learningRate = Number(Math.min(LARGEST_RATE, of.optimizer.learningRate * factor).toPrecision(6))
    return changed({ optimizer: { ...of.optimizer, learningRate } })
  }
  switch (advice) {
    case 'lower-rate':
      return withRate(0.1)
    case 'higher-rate':
      return withRate(10)
    case 'more-epochs':
      return changed({ epochs: Math.min(MOST_EPOCHS, 2 * Math.max(1, of.epochs)) })
    case 'augment':
      return { ...recipe, augmentation: stronger(recipe.augmentation) }
  }
}

/** Up to what a photo still shows the same thing under. */
const MOST = { jitter: 0.4, hue: 0.1, rotation: 30, scale: 0.35 }

/** More of each operation that leaves a photo what it is; upside down is not among them. */
export function stronger({ geometry, jitter, ...rest }: Augmentation): Augmentation {
  const more = (value: number, by: number, most: number) =>
    Number(Math.max(value, Math.min(most, value + by)).toPrecision(6))
  return {
    ...rest,
    horizontalFlip: Math.max(0.5, rest.horizontalFlip),
    geometry:
      geometry.kind === 'resize-rotate-crop'
        ? { ...geometry, rotation: more(geometry.rotation, 10, MOST.rotation) }
        : {
            ...geometry,
            scale: [
              Number(
                Math.min(geometry.scale[0], Math.max(MOST.scale, geometry.scale[0] - 0.25)).toPrecision(6),
              ),
              geometry.scale[1],
            ],
          },
    jitter: {
      brightness: more(jitter.brightness, 0.1, MOST.jitter),
      contrast: more(jitter.contrast, 0.1, MOST.jitter),
      saturation: more(jitter.saturation, 0.1, MOST.jitter),
      hue: more(jitter.hue, 0.03, MOST.hue),
    },
  }
}

/** Does what the sentence says. */
export async function follow(advice: Advice, stage: TrainingStage): Promise<void> {
  if (advice === 'stop') return stop()
  const { recipe, presetChosen, chosen, switchedOff } = useApp.getState()
  const before = { recipe, presetChosen, chosen, switchedOff }
  if (changeRecipe((current) => advisedRecipe(current, advice, stage)) !== null) return
  useApp.setState(({ recipe: after }) => ({ advised: { advice, stage, before, after } }))
}

/** The settings as they were, unless they were changed once more since. */
export function undoAdvice(): void {
  const { advised, recipe } = useApp.getState()
  if (!advised) return
  useApp.setState({ advised: null, ...(recipe === advised.after && advised.before) })
}
