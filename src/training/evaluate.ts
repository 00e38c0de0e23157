/** A pass over one split with every batch norm in eval mode: losses, accuracy and a prediction a photo. */
import type { Split } from '../dataset/types.ts'
import { type Metrics, MetricsSum, score } from '../evaluation/index.ts'
import type { TrainingStage } from '../recipe/index.ts'
import { cutBatches } from './batches.ts'
import { betweenBatches, skipUnreadable } from './between.ts'
import type { PhotoPrediction } from './events.ts'
import type { KeptActivations } from './kept/activations.ts'
import { EVALUATION_BATCH, readBatches } from './photos.ts'
import { type Progress, photosOf, type Run, RunFailure } from './run.ts'

export interface Evaluation {
  metrics: Metrics
  predictions: PhotoPrediction[]
}

/**
 * Evaluates a split. `kept`: what the stages that rest give; null asks for whole passes.
 * Returns null where the person stopped it.
 * @throws RunFailure where no photo of the split can be read, or the loss is not finite.
 */
export async function* evaluate(
  run: Run,
  at: { stage: TrainingStage; epoch: number },
  split: Split,
  kept: KeptActivations | null,
  skipped: Set<string>,
): Progress<Evaluation | null> {
  const { recipe, dataset, engine } = run
  const samples = photosOf(dataset, split, skipped)
  const lists = cutBatches(samples, kept?.evaluationBatch ?? EVALUATION_BATCH)
  const transform = { kind: 'evaluate', evaluation: recipe.evaluation } as const
  const batches = kept
    ? yield* kept.batches(samples, lists, transform, skipped)
    : readBatches(run.photos, lists, transform)
  if (!batches) return null

  const sum = new MetricsSum()
  const predictions: PhotoPrediction[] = []
  for await (const batch of batches) {
    yield* skipUnreadable(batch, skipped)
    if (yield* betweenBatches(run)) return null
    if (batch.samples.length === 0) continue
    const logits = await engine.predict(batch.inputs)
    const { loss, correct, predicted } = score(logits, batch.labels, recipe.labelSmoothing)
    sum.add(loss, correct, batch.samples.length)
    for (const [i, { path, label }] of batch.samples.entries()) {
      const { label: predictedClass, probability: confidence, loss: ownLoss } = predicted[i]
      predictions.push({ path, split, trueClass: label, predictedClass, confidence, loss: ownLoss })
    }
    yield { type: 'validating', ...at, done: sum.samples, total: samples.length }
  }
  if (sum.samples === 0) throw new RunFailure('no-photos', `none of the ${split} photos can be read`)
  const metrics = sum.means()
  if (!Number.isFinite(metrics.loss))
    throw new RunFailure('not-finite', `the ${split} loss of epoch ${at.epoch} (${at.stage}) is not finite`)
  return { metrics, predictions }
}
