/** What is wrong with a document that should be a recipe: where, and what would be right. */
import type { z } from 'zod'
import { type Recipe, recipeSchema } from './recipe.ts'

export type RecipeProblemCode =
  /** The document is no object at all. */
  | 'not-a-recipe'
  | 'missing'
  /** A field that no recipe has. */
  | 'unknown-field'
  | 'not-a-number'
  | 'not-whole'
  | 'wrong-type'
  /** Not one of the words that may stand here. */
  | 'not-offered'
  /** Below `limit`. */
  | 'too-small'
  /** Must be more than `limit`. */
  | 'not-above'
  /** Above `limit`. */
  | 'too-big'
  /** Must be less than `limit`. */
  | 'not-below'
  /** From and to are the wrong way round. */
  | 'order'
  /** Training and validation photos differ in size. */
  | 'sizes-differ'
  /** Cannot be changed while a run goes on. */
  | 'running'

export interface RecipeProblem {
  /** Where, e.g. `stages.head.epochs`; empty for the whole document. */
  path: string
  code: RecipeProblemCode
  /** The bound, or the words that may stand here. */
  limit: string
}

export type ReadRecipe = { recipe: Recipe; problems: null } | { recipe: null; problems: RecipeProblem[] }

/** Reads a recipe from anything; what a recipe may leave out is filled in. */
export function readRecipe(document: unknown): ReadRecipe {
  const parsed = recipeSchema.safeParse(document, { reportInput: true })
  if (parsed.success) return { recipe: parsed.data, problems: null }
  return { recipe: null, problems: parsed.error.issues.flatMap(problemsOf) }
}

/** The kinds of a discriminated union, which zod names but does not type. */
const offered = (issue: object): string =>
  'options' in issue && Array.isArray(issue.options) ? issue.options.map(String).join(', ') : ''

function problemsOf(issue: z.core.$ZodIssue): RecipeProblem[] {
  const path = issue.path.join('.')
  const one = (code: RecipeProblemCode, limit = ''): RecipeProblem[] => [{ path, code, limit }]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...issue.path, key].join('.'),
        code: 'unknown-field',
        limit: '',
      }))
    case 'too_small':
      return one(issue.inclusive === false ? 'not-above' : 'too-small', String(issue.minimum))
    case 'too_big':
      return one(issue.inclusive === false ? 'not-below' : 'too-big', String(issue.maximum))
    case 'invalid_type':
      if (path === '') return one('not-a-recipe')
      if (issue.input === undefined) return one('missing')
      if (issue.expected === 'int') return one('not-whole')
      return one(issue.expected === 'number' ? 'not-a-number' : 'wrong-type', issue.expected)
    case 'invalid_value':
      return one(issue.input === undefined ? 'missing' : 'not-offered', issue.values.map(String).join(', '))
    case 'invalid_union':
      return one(issue.input === undefined ? 'missing' : 'not-offered', offered(issue))
    case 'custom':
      return one(issue.params?.reason === 'order' ? 'order' : 'sizes-differ')
    default:
      return one('wrong-type')
  }
}
