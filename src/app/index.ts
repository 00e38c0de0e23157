/**
 * The page: one folder per panel, theme, translations. Only draws: no decoding, no tensor.
 * Imports `store` (and, for names and counts, `model` and `recipe`); nothing imports it.
 */
export { startPage } from './start-page.tsx'
