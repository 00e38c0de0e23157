/**
 * What the page shows, and what a person can do with it: the only state that React reads (zustand).
 * Imports training, dataset, classify, augment and weights through `services.ts`. Gives `useApp`, the actions, and
 * pure functions (estimates, suggestions) over the state.
 */
export { MEMORY_BUDGET } from '../engine/memory-budget.ts'
export * from './actions/advice.ts'
export * from './actions/browser.ts'
export * from './actions/classify.ts'
export * from './actions/collect.ts'
export * from './actions/collected.ts'
export * from './actions/data.ts'
export * from './actions/dataset-facts.ts'
export * from './actions/project-record.ts'
export * from './actions/projects.ts'
export * from './actions/recipe.ts'
export * from './actions/recipe-arrival.ts'
export * from './actions/results.ts'
export * from './actions/resume.ts'
export * from './actions/runs.ts'
export * from './actions/training.ts'
export * from './actions/view.ts'
export * from './actions/weights.ts'
export { type CollectError, type CollectState, collectedPath } from './collect-state.ts'
export type { Differing, RunDifference } from './compare-runs.ts'
export {
  correctedRate,
  estimateEpochSeconds,
  estimateSeconds,
  lastStage,
  secondsLeft,
  stepCost,
} from './estimate.ts'
export { isBusy, whenFree } from './free.ts'
export { historyCsv } from './history-csv.ts'
export { type MemoryEngine, type StepMemory, type StepShape, stepMemory } from './memory.ts'
export { UPDATE_INTERVAL } from './merge-events.ts'
export { releaseUrl } from './object-url.ts'
export {
  type Advice,
  logOf,
  mostFrequent,
  type Reading,
  type ReadingInput,
  readCurves,
  type Share,
  validPhotosOf,
} from './reading.ts'
export * from './results.ts'
export { idleRun, isActive, type RunState, type RunStatus } from './run-state.ts'
export { provideServices, type Services, services } from './services.ts'
export * from './state.ts'
export * from './suggest.ts'
export { unwantThumbnail, useThumbnails, wantThumbnail } from './thumbnails.ts'
