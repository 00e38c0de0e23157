/** The settings: preset, sizes, freeze plan, engine. */
import type { LockableStage } from '../../model/index.ts'
import { normalizeFreezePlan } from '../../model/index.ts'
import { type Preset, type Recipe, recipeSchema, type WeightsSource, withSize } from '../../recipe/index.ts'
import { isActive } from '../run-state.ts'
import { services } from '../services.ts'
import { useApp } from '../state.ts'
import { type Machine, probeRate, recipeFor, suggestPreset } from '../suggest.ts'
import { splitAgain, splitCounts } from './data.ts'

export function choosePreset(preset: Preset): void {
  rebuild(preset, useApp.getState().recipe.weights)
  useApp.setState({ presetChosen: true })
}

/** The preset that suits photos, machine and weights, until the person chose one. */
export function proposePreset(): void {
  const { presetChosen, recipe } = useApp.getState()
  const { photos, rate } = machine()
  if (presetChosen || photos.train === 0) return
  const preset = suggestPreset(photos, recipe.weights, rate)
  if (preset !== recipe.preset) rebuild(preset, recipe.weights)
}

export function chooseWeights(weights: WeightsSource): void {
  rebuild(useApp.getState().recipe.preset, weights)
  proposePreset()
}

/** What the times that the page names are made of. */
export function machine(): Machine {
  const { data, probe, recipe } = useApp.getState()
  const photos = data.dataset ? splitCounts(data.dataset) : { train: 0, valid: 0 }
  return { photos, rate: probeRate(probe, recipe.engine) }
}

/** What a person chose by hand stays when the preset is changed: seed, share and engine. */
function rebuild(preset: Preset, weights: WeightsSource): void {
  const { seed, engine, validationShare } = useApp.getState().recipe
  useApp.setState({ recipe: { ...recipeFor(preset, weights, machine()), seed, engine, validationShare } })
}

/** Changes settings; a value that a recipe may not have is refused. Returns whether it was taken. */
export function changeRecipe(change: (recipe: Recipe) => Recipe): boolean {
  const before = useApp.getState().recipe
  const parsed = recipeSchema.safeParse(change(before))
  if (!parsed.success) return false
  useApp.setState({ recipe: parsed.data, presetChosen: true })
  const { seed, validationShare } = parsed.data
  if (seed !== before.seed || validationShare !== before.validationShare) splitAgain(seed, validationShare)
  return true
}

export const changeSize = (size: number): boolean => changeRecipe((recipe) => withSize(recipe, size))

/** Stage two's plan; while a run goes, the running stage's from its next epoch on. */
export async function setLocked(locked: Iterable<LockableStage>): Promise<void> {
  const plan = normalizeFreezePlan(locked)
  const { run } = useApp.getState()
  if (isActive(run.status)) {
    useApp.setState({ run: { ...run, nextLocked: plan } })
    try {
      await services().trainer.setLocked(plan)
    } catch {
      useApp.setState((state) => ({ run: { ...state.run, nextLocked: null } }))
    }
    return
  }
  useApp.setState(({ recipe }) => ({
    recipe: { ...recipe, stages: { ...recipe.stages, all: { ...recipe.stages.all, locked: [...plan] } } },
  }))
}

/** Measures the engines once, so that times can be named and the faster one chosen. */
export async function measureMachine(): Promise<void> {
  const { probe, probing } = useApp.getState()
  if (probe || probing) return
  useApp.setState({ probing: true })
  try {
    const begun = performance.now()
    const probe = await services().trainer.probe()
    useApp.setState({ probe, probeSeconds: (performance.now() - begun) / 1000 })
    proposePreset()
  } catch {
    // Without a measurement no times are named; the trainer says what is wrong when it is asked to train.
  } finally {
    useApp.setState({ probing: false })
  }
}
