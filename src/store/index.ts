/**
 * What the page shows, and what a person can do with it: the only state that React reads (zustand).
 * Imports training, dataset, classify, augment and weights through `services.ts`. Gives `useApp`, the actions, and
 * pure functions (estimates, suggestions) over the state.
 */
export * from './actions/classify.ts'
export * from './actions/data.ts'
export * from './actions/recipe.ts'
export * from './actions/training.ts'
export * from './actions/view.ts'
export * from './actions/weights.ts'
export { estimateSeconds, secondsLeft, stepCost } from './estimate.ts'
export { UPDATE_INTERVAL } from './merge-events.ts'
export { idleRun, isActive, type RunState, type RunStatus } from './run-state.ts'
export { provideServices, type Services, services } from './services.ts'
export * from './state.ts'
export * from './suggest.ts'
export { unwantThumbnail, useThumbnails, wantThumbnail } from './thumbnails.ts'
