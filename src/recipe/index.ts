/**
 * The recipe: one zod-checked JSON document that decides a run, its presets and sizes, and what is wrong with one. `link.ts` puts a recipe
 * into an address. Imports only `model`.
 */
export { BUILTIN_WEIGHTS, FORMER_BUILTIN_WEIGHTS, isFormerBuiltin, presentBuiltin } from './builtin.ts'
export * from './go-on.ts'
export * from './in-order.ts'
export * from './kept.ts'
export * from './operations.ts'
export * from './presets.ts'
export * from './problems.ts'
export * from './recipe.ts'
export * from './sliders.ts'
