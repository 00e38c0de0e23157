/** What a run leaves: the best weights as a file, and what that file, read back, makes of validation and test. */
import { MEAN, STD } from '../engine/index.ts'
import { FEATURES_BOUNDARY } from '../model/index.ts'
import type { TrainingStage } from '../recipe/index.ts'
import { openWeightFile, writeWeightFile } from '../weights/index.ts'
import { evaluate } from './evaluate.ts'
import type { Metrics, PhotoPrediction } from './events.ts'
import { VERSION } from './history.ts'
import { KeptActivations } from './kept/activations.ts'
import { type Progress, photosOf, type Run, stepConfig } from './run.ts'
import { type Best, complete, isPretrained } from './run-state.ts'
import type { HeldRun } from './start.ts'

/** `best.safetensors`: 122 entries, and how to use them. */
export function resultFile({ about, classes, state }: HeldRun, best: Best): Uint8Array<ArrayBuffer> {
  const { mode, resize, crop } = about.recipe.evaluation
  return writeWeightFile(complete(state.base, best.weights), {
    classes: classes.map(({ name }) => name),
    preprocessing: { size: crop, resize: { mode, size: resize }, mean: [...MEAN], std: [...STD] },
    recipe: about.recipe,
    accuracy: best.mark.accuracy,
    version: VERSION,
  })
}

export interface Result {
  /** null where there are no test photos. */
  test: Metrics | null
  /** Every validation and test photo. */
  predictions: PhotoPrediction[]
}

/** Reads the result back from its file and runs it over validation and, for the only time, test. */
export async function* testResult(run: Run, held: HeldRun, best: Best): Progress<Result | null> {
  const { stage, epoch } = best.mark
  await run.engine.load(openWeightFile(resultFile(held, best)).state)
  await run.engine.configure(stepConfig(run, stage, run.recipe.stages[stage].locked))
  const kept = new KeptActivations(run, stage)
  // Where only the classifier was trained, the file's backbone is the one that the features are of.
  const usesFeatures = run.recipe.batchNorm === 'frozen' && isPretrained(best.weights)
  if (usesFeatures) await kept.cutAt(FEATURES_BOUNDARY, true)
  try {
    return yield* testSplits(run, { stage, epoch }, usesFeatures ? kept : null, held.state.skipped)
  } finally {
    await kept.close()
  }
}

async function* testSplits(
  run: Run,
  at: { stage: TrainingStage; epoch: number },
  kept: KeptActivations | null,
  known: ReadonlySet<string>,
): Progress<Result | null> {
  const skipped = new Set(known)
  const valid = yield* evaluate(run, at, 'valid', kept, skipped)
  if (!valid) return null
  if (photosOf(run.dataset, 'test', skipped).length === 0)
    return { test: null, predictions: valid.predictions }
  const test = yield* evaluate(run, at, 'test', kept, skipped)
  return test && { test: test.metrics, predictions: [...valid.predictions, ...test.predictions] }
}
