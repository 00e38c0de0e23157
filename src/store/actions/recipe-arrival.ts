/** Recipes that come by a link or a file, and go out by them. */
import { type Recipe, readRecipe } from '../../recipe/index.ts'
import { isActive } from '../run-state.ts'
import { type RecipeArrival, useApp } from '../state.ts'
import { splitAgain } from './dataset-facts.ts'
import { proposePreset } from './recipe.ts'

/** In bytes; a recipe takes about 2 kB. */
const LARGEST = 100_000

const isRecipeLink = (fragment: string): boolean => fragment.startsWith('#recipe=')

/** @param fragment of the page's address, with its `#`. Anything but a recipe is left alone. */
export async function openRecipeLink(fragment: string): Promise<void> {
  if (!isRecipeLink(fragment)) return
  const { documentOf } = await import('../../recipe/link.ts')
  take({ from: 'link', name: '' }, () => documentOf(fragment))
}

/** Opens the recipe in the page's address, now and whenever a link is pasted over it. Returns a stop function. */
export function followRecipeLinks(): () => void {
  const open = () => void openRecipeLink(location.hash)
  open()
  window.addEventListener('hashchange', open)
  return () => window.removeEventListener('hashchange', open)
}

/** A recipe that the page or the command line wrote. */
export async function importRecipe(file: File): Promise<void> {
  const text = file.size <= LARGEST ? await file.text() : ''
  take({ from: 'file', name: file.name }, () => JSON.parse(text))
}

/** The address's fragment for a recipe. */
export async function recipeLink(recipe: Recipe): Promise<string> {
  const { recipeFragment } = await import('../../recipe/link.ts')
  return recipeFragment(recipe)
}

/** @param read gives the document, or throws where there is none. */
function take(about: Pick<RecipeArrival, 'from' | 'name'>, read: () => unknown): void {
  const { recipe, problems } = attempt(read)
  if (!recipe) {
    useApp.setState({ arrival: { ...about, status: 'refused', problems } })
    return
  }
  const { recipe: before, presetChosen, chosen, switchedOff, run } = useApp.getState()
  if (isActive(run.status)) {
    const problem = { path: '', code: 'running', limit: '' } as const
    useApp.setState({ arrival: { ...about, status: 'refused', problems: [problem] } })
    return
  }
  useApp.setState({
    recipe,
    presetChosen: true,
    chosen: { plan: true, settings: true },
    switchedOff: {},
    arrival: { ...about, status: 'taken', before: { recipe: before, presetChosen, chosen, switchedOff } },
  })
  splitAgain(recipe.seed, recipe.validationShare)
}

function attempt(read: () => unknown) {
  try {
    return readRecipe(read())
  } catch {
    return { recipe: null, problems: [] }
  }
}

/** The settings as they were before a recipe came. */
export function undoArrival(): void {
  const { arrival, run } = useApp.getState()
  if (arrival?.status !== 'taken' || isActive(run.status)) return
  useApp.setState({ ...arrival.before, arrival: null })
  const { seed, validationShare } = arrival.before.recipe
  splitAgain(seed, validationShare)
  // The folder may have been opened since: it begins as any other does.
  proposePreset()
}

export function dismissArrival(): void {
  useApp.setState({ arrival: null })
}
