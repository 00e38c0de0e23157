/** The record of a run, as `history.json` holds it. */
import { version } from '../../package.json'
import type { Metrics } from '../evaluation/index.ts'
import type { BestMark, EngineInfo, EpochLog, History } from './events.ts'

export { version as VERSION }

export function makeHistory(
  { engine, adapter, kernels, microBatch }: EngineInfo,
  epochs: readonly EpochLog[],
  best: BestMark | null,
  test?: Metrics,
): History {
  return {
    epochs: [...epochs],
    best,
    ...(test && { test }),
    engine,
    adapter,
    kernels,
    ...(microBatch !== null && { microBatch }),
    version,
  }
}
