/**
 * What is measured of a classifier: the criterion, top-1, means over samples. May import `model` and `random`;
 * knows no engine, no page and no worker.
 */
export * from './metrics.ts'
