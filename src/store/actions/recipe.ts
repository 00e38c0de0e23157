/** The settings: preset, sizes, augmentation, freeze plan, engine. What a person chose, no proposal changes. */
import { type FreezePlan, LOCK_ALL, type LockableStage, normalizeFreezePlan } from '../../model/index.ts'
import {
  type Augmentation,
  goingOn,
  isOn,
  OPERATIONS,
  type OperationName,
  type Preset,
  type Recipe,
  type RecipeProblem,
  readRecipe,
  switchedOff,
  switchOperation,
  type WeightsSource,
  withSize,
} from '../../recipe/index.ts'
import { lastStage } from '../estimate.ts'
import { isActive } from '../run-state.ts'
import { services } from '../services.ts'
import { initialState, useApp } from '../state.ts'
import { type Machine, PROPOSED_PRESET, probeRate, recipeFor } from '../suggest.ts'
import { splitAgain, splitCounts } from './dataset-facts.ts'

export function choosePreset(preset: Preset): void {
  rebuild(preset, useApp.getState().recipe.weights)
  useApp.setState(({ chosen }) => ({ presetChosen: true, chosen: { ...chosen, settings: false } }))
}

/** What a new folder begins with, fitted to machine and weights, until the person chose a preset or a run has begun. */
export function proposePreset(): void {
  const { presetChosen, recipe, run } = useApp.getState()
  if (presetChosen || machine().photos.train === 0 || isActive(run.status)) return
  rebuild(PROPOSED_PRESET, recipe.weights)
}

/** Settings that were changed one by one stay; else the preset is fitted to the weights. */
export function chooseWeights(weights: WeightsSource): void {
  const { chosen, recipe } = useApp.getState()
  if (chosen.settings) useApp.setState({ recipe: { ...recipe, weights } })
  else {
    rebuild(recipe.preset, weights)
    proposePreset()
  }
}

/** What the times that the page names are made of. */
export function machine(): Machine {
  const { data, probe, recipe } = useApp.getState()
  const photos = data.dataset ? splitCounts(data.dataset) : { train: 0, valid: 0 }
  return { photos, rate: probeRate(probe, recipe.engine) }
}

/**
 * The recipe that the settings begin with: the preset's for these weights, with the person's own seed and what is this
 * machine's.
 */
export function startingRecipe(): Recipe {
  const { recipe } = useApp.getState()
  const { seed, validationShare } = recipe
  const preset = recipeFor(recipe.preset, recipe.weights, machine())
  return { ...preset, ...ofMachine(recipe), seed, validationShare }
}

const ofMachine = ({ engine, precision, memoryLimit }: Recipe) => ({ engine, precision, memoryLimit })

/** What a person chose by hand stays when the preset is changed: seed, share, what is this machine's, freeze plan. */
function rebuild(preset: Preset, weights: WeightsSource): void {
  const { recipe: before, chosen } = useApp.getState()
  const { seed, validationShare } = before
  const recipe = { ...recipeFor(preset, weights, machine()), ...ofMachine(before), seed, validationShare }
  const stage = lastStage(before)
  // The classifier's stage has no plan of its own.
  if (chosen.plan && stage !== 'head') recipe.stages[stage].locked = before.stages[stage].locked
  useApp.setState({ recipe })
}

/**
 * Changes settings; a value that a recipe may not have is refused. Returns what is wrong with it, else null.
 * While a run goes, changes count for the next one; which photos validate then stays as it is.
 */
export function changeRecipe(change: (recipe: Recipe) => Recipe): RecipeProblem | null {
  const { recipe: before, run } = useApp.getState()
  const { recipe, problems } = readRecipe(change(before))
  if (!recipe) return problems[0]
  const splits = recipe.seed !== before.seed || recipe.validationShare !== before.validationShare
  if (splits && isActive(run.status)) return { path: 'seed', code: 'running', limit: '' }
  setRecipe(recipe)
  if (splits) splitAgain(recipe.seed, recipe.validationShare)
  return null
}

function setRecipe(recipe: Recipe): void {
  useApp.setState((state) => {
    const before = state.recipe.augmentation
    const off = switchedOff(before, recipe.augmentation)
    return {
      recipe,
      presetChosen: true,
      chosen: { ...state.chosen, settings: true },
      switchedOff: { ...state.switchedOff, ...Object.fromEntries(off.map((name) => [name, before])) },
    }
  })
}

export const changeSize = (size: number): RecipeProblem | null =>
  changeRecipe((recipe) => withSize(recipe, size))

export const changeAugmentation = (change: (augmentation: Augmentation) => Augmentation) =>
  changeRecipe((recipe) => ({ ...recipe, augmentation: change(recipe.augmentation) }))

/** An operation that is switched on again has the values that it had. */
export function toggleOperation(name: OperationName): void {
  const remembered = useApp.getState().switchedOff[name]
  changeAugmentation((augmentation) =>
    switchOperation(augmentation, name, !isOn(augmentation, name), remembered),
  )
}

/** All operations off, or those on again that were on before. */
export function toggleAugmentation(on: boolean): void {
  const { recipe, switchedOff } = useApp.getState()
  const before = on ? switchedOff.all : recipe.augmentation
  // Where nothing is remembered: all that go together.
  const names = OPERATIONS.filter((name) => (before ? isOn(before, name) : name !== 'RandomResizedCrop'))
  changeAugmentation((augmentation) =>
    names.reduce((changed, name) => switchOperation(changed, name, on, before), augmentation),
  )
  if (!on) useApp.setState((state) => ({ switchedOff: { ...state.switchedOff, all: recipe.augmentation } }))
}

/** Everything as the preset has it. */
export function resetRecipe(): void {
  const { recipe, run } = useApp.getState()
  const { seed, engine, validationShare } = initialState.recipe
  useApp.setState(({ chosen }) => ({ chosen: { ...chosen, settings: false, plan: false }, switchedOff: {} }))
  rebuild(recipe.preset, recipe.weights)
  if (isActive(run.status)) return
  changeRecipe((now) => ({ ...now, seed, engine, validationShare }))
  useApp.setState(({ chosen }) => ({ chosen: { ...chosen, settings: false } }))
}

/** The plan of the stage that the recipe ends with; while a run goes, the running stage's from its next epoch on. */
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
  useApp.setState(({ recipe: before, presetChosen, chosen }) => {
    const recipe = withPlan(before, plan)
    return {
      recipe,
      presetChosen: presetChosen || recipe.preset !== before.preset,
      chosen: { ...chosen, plan: true },
    }
  })
}

/** Where the classifier alone would learn, layers that are to learn too do so in a stage of their own. */
function withPlan(recipe: Recipe, plan: FreezePlan): Recipe {
  const further =
    lastStage(recipe) === 'head' && plan.length < LOCK_ALL.length ? goingOn(recipe)?.recipe : null
  const changed = further ?? recipe
  const stage = lastStage(changed)
  const { stages } = changed
  return { ...changed, stages: { ...stages, [stage]: { ...stages[stage], locked: [...plan] } } }
}

/** Measures the engines once, so that times can be named and the faster one chosen. */
export async function measureMachine(): Promise<void> {
  const { probe, probing } = useApp.getState()
  if (probe || probing) return
  useApp.setState({ probing: true })
  try {
    useApp.setState({ probe: await services().trainer.probe() })
    proposePreset()
  } catch {
    // Without a measurement no times are named; the trainer says what is wrong when it is asked to train.
  } finally {
    useApp.setState({ probing: false })
  }
}
