/**
 * The recipe: one zod-checked JSON document that decides a run, its presets and sizes. Imports only `model`.
 */
export * from './presets.ts'
export * from './recipe.ts'
