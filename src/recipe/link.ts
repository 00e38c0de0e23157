/**
 * A recipe in an address's fragment: `#recipe=` and base64url of its deflated JSON, whole, so that a link means the
 * same when the presets have changed. Not part of `index.ts`: who needs it loads it.
 */
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate'
import type { Recipe } from './recipe.ts'

const KEY = '#recipe='
/** In characters; a recipe takes about 700. */
const LONGEST = 8000

/** What ran where stays out of a link: it is made for other machines. */
export function recipeFragment({ resolved: _, ...recipe }: Recipe): string {
  const bytes = deflateSync(strToU8(JSON.stringify(recipe)), { level: 9 })
  return KEY + btoa(strFromU8(bytes, true)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/**
 * The document in a fragment, to be read by `readRecipe`.
 * @throws Error where the fragment is cut off or changed.
 */
export function documentOf(fragment: string): unknown {
  const text = fragment.slice(KEY.length)
  if (text.length > LONGEST) throw new Error(`${text.length} characters are too many for a recipe`)
  const bytes = strToU8(atob(text.replaceAll('-', '+').replaceAll('_', '/')), true)
  const document: unknown = JSON.parse(strFromU8(inflateSync(bytes)))
  return document
}
