/**
 * The recipe, from top to bottom: for each stage a new optimizer and schedule, for each epoch a training and a
 * validation pass, the best weights kept. Stage two starts from the best weights of stage one.
 *
 * Everything that happens is yielded as an event. The caller pauses, stops and locks through `run.control`.
 */

import type { Transform } from '../augment/types.ts'
import type { Sample } from '../dataset/types.ts'
import type { StepResult } from '../engine/train-step.ts'
import { type Metrics, MetricsSum } from '../evaluation/index.ts'
import { backboneRests, type FreezePlan, restingPrefix } from '../model/index.ts'
import { isPlainView, keptViews, type Recipe, TRAINING_STAGES, type TrainingStage } from '../recipe/index.ts'
import { needsTwoPhotos, trainBatches } from './batches.ts'
import { betweenBatches, skipUnreadable } from './between.ts'
import type { RunControl } from './control.ts'
import { evaluate } from './evaluate.ts'
import type { BestMark, EpochLog } from './events.ts'
import { KeptActivations } from './kept/activations.ts'
import { endOfStage, schedulePosition } from './patience.ts'
import { type ReadBatch, readBatches } from './photos.ts'
import { type Progress, photosOf, type Run, RunFailure, StepFailure, stepConfig } from './run.ts'
import { beginStage, changedEntries, complete, isBetter, isPretrained, type RunState } from './run-state.ts'
import { learningRateAt } from './schedules.ts'

/** Steps given to the engine before the first of them is waited for, where it does not say. */
const PIPELINE_DEPTH = 2

/** Runs the stages that are left from `start` on; returns the state after the last whole epoch. */
export async function* train(run: Run, start: RunState): Progress<RunState> {
  let state = start
  for (const stage of stagesLeft(run, start)) {
    if (stage !== state.stage) state = beginStage(state, run.recipe, stage)
    state = yield* trainStage(run, state)
    if (run.control.stopped) break
  }
  return state
}

/** The wanted stages in order, without those that are over or have no epochs. */
function stagesLeft(run: Run, state: RunState): TrainingStage[] {
  return TRAINING_STAGES.slice(TRAINING_STAGES.indexOf(state.stage)).filter(
    (stage) => run.stages.includes(stage) && run.recipe.stages[stage].epochs > 0,
  )
}

async function* trainStage(run: Run, start: RunState): Progress<RunState> {
  const kept = new KeptActivations(run, start.stage)
  try {
    return yield* trainEpochs(run, start, kept)
  } finally {
    await kept.close()
  }
}

async function* trainEpochs(run: Run, start: RunState, kept: KeptActivations): Progress<RunState> {
  const { engine, control, recipe } = run
  const { stage } = start
  const { epochs } = recipe.stages[stage]
  let state = start

  // Loading forgets the optimizer, so a stage starts a new one.
  await engine.load(complete(state.base, state.weights))
  await engine.configure(stepConfig(run, stage, state.locked))
  if (state.optimizer) await engine.loadOptimizer(state.optimizer)
  yield { type: 'stage', stage, epochs, locked: state.locked }
  yield { type: 'phase', phase: 'photos' }

  while (state.epochsDone < endOfStage(recipe, stage, state.epochs).epochs && !control.stopped) {
    const clock = startClock(control)
    const locked = control.takeLocked()
    if (locked) {
      state = { ...state, locked }
      await engine.configure(stepConfig(run, stage, locked))
    }
    const resting = restingPrefix(recipe.batchNorm, state.locked)
    await (resting === 0 ? kept.close() : kept.cutAt(resting, isPretrained(state.weights)))
    const cache = resting === 0 ? null : kept
    const skipped = new Set(state.skipped)
    const epoch = state.epochsDone + 1

    const trained = yield* trainEpoch(run, state, cache, skipped)
    if (!trained) break
    const validated = yield* evaluate(run, { stage, epoch }, 'valid', cache, skipped)
    if (!validated) break

    const log: EpochLog = {
      stage,
      epoch,
      learningRate: trained.learningRate,
      train: trained.metrics,
      valid: validated.metrics,
      seconds: clock(),
      locked: state.locked,
    }
    const best = await keepBest(run, state, log)
    state = {
      ...state,
      ...best.current,
      best: best.best,
      epochsDone: epoch,
      stepsDone: state.stepsDone + trained.steps,
      stageSteps: trained.stageSteps,
      epochs: [...state.epochs, log],
      skipped,
    }
    await run.keep(state)
    yield {
      type: 'epoch',
      log,
      best: best.best.mark,
      isBest: best.isBest,
      predictions: validated.predictions,
    }
  }
  return state
}

/** Reads back what an epoch changed, and keeps it where validation accuracy (ties: a lower loss) is the best yet. */
async function keepBest(run: Run, state: RunState, log: EpochLog) {
  const { engine, recipe, dataset } = run
  const changed = changedEntries(state.locked, recipe.batchNorm, dataset.classes.length)
  const names = new Set([...state.weights.keys(), ...changed])
  const current = { weights: await engine.readState([...names]), optimizer: await engine.readOptimizer() }
  const { stage, epoch, valid } = log
  const mark: BestMark = { stage, epoch, accuracy: valid.accuracy, loss: valid.loss }
  if (state.best && !isBetter(mark, state.best.mark)) return { current, best: state.best, isBest: false }
  return { current, best: { mark, ...current }, isBest: true }
}

interface TrainedEpoch {
  metrics: Metrics
  /** Of the first step. */
  learningRate: number
  steps: number
  stageSteps: number
}

/** One pass over the training photos; null where the person stopped it. */
async function* trainEpoch(
  run: Run,
  state: RunState,
  kept: KeptActivations | null,
  skipped: Set<string>,
): Progress<TrainedEpoch | null> {
  const { engine, control, recipe } = run
  const { stage } = state
  const { epochs, optimizer, schedule } = recipe.stages[stage]
  const epoch = state.epochsDone + 1
  const lists = trainBatches(photosOf(run.dataset, 'train', skipped), recipe, stage, epoch)
  const stageSteps = state.stageSteps ?? lists.length * epochs
  const end = endOfStage(recipe, stage, state.epochs)
  const rateAt = (step: number) => {
    const position = { epoch: epoch - 1, epochs, step: state.stepsDone + step, steps: stageSteps }
    return learningRateAt(schedule, optimizer.learningRate, schedulePosition(position, end))
  }

  const clock = startClock(control)
  const sum = new MetricsSum()
  const inFlight: { result: Promise<StepResult>; samples: number; learningRate: number }[] = []
  let begun = 0
  let done = 0

  /** Waits for the oldest steps until at most `left` are in flight. */
  async function* settle(left: number): Progress<void> {
    while (inFlight.length > left) {
      const [{ result, samples, learningRate }] = inFlight.splice(0, 1)
      const { loss, correct, finite } = await result.catch((cause) => {
        throw new StepFailure(cause)
      })
      const step = ++done
      if (!finite)
        throw new RunFailure('not-finite', `step ${step} of epoch ${epoch} (${stage}) is not finite`)
      sum.add(loss, correct, samples)
      const samplesPerSecond = sum.samples / Math.max(clock(), 1e-3)
      const counts = { step, steps: lists.length, samples: sum.samples, samplesPerSecond }
      yield { type: 'step', stage, epoch, loss, learningRate, ...counts }
    }
  }

  const batches = yield* trainingBatches(run, state, lists, kept, skipped)
  if (!batches) return null
  for await (const batch of batches) {
    yield* skipUnreadable(batch, skipped)
    if (control.paused || control.stopped) yield* settle(0)
    if (yield* betweenBatches(run)) return null
    if (!canTrain(batch, recipe, state.locked)) continue
    const learningRate = rateAt(begun++)
    const result = engine.step(batch.inputs, batch.labels, learningRate)
    // A rejection is seen when its turn comes, not before.
    result.catch(() => undefined)
    inFlight.push({ result, samples: batch.samples.length, learningRate })
    yield* settle((engine.pipelineDepth ?? PIPELINE_DEPTH) - 1)
  }
  yield* settle(0)
  if (done === 0) throw new RunFailure('no-photos', 'none of the training photos can be read')
  return { metrics: sum.means(), learningRate: rateAt(0), steps: done, stageSteps }
}

/**
 * The epoch's photos, augmented afresh. Where stages rest and the recipe caches views, or there is no augmentation (one
 * view is exact then): what those stages give for the view whose turn it is.
 */
async function* trainingBatches(
  run: Run,
  state: RunState,
  lists: readonly (readonly Sample[])[],
  kept: KeptActivations | null,
  skipped: Set<string>,
): Progress<AsyncIterable<ReadBatch> | null> {
  const { augmentation, seed } = run.recipe
  const views = keptViews(run.recipe, state.stage)
  const view = views === null ? state.epochsDone : state.epochsDone % views
  const isPlain = isPlainView(run.recipe, state.stage, view)
  const transform: Transform = isPlain
    ? { kind: 'evaluate', evaluation: run.recipe.evaluation }
    : { kind: 'train', augmentation, seed, stage: state.stage, epoch: view + 1 }
  if (!kept || views === null) {
    if (state.epochsDone === 0 && (yield* decodeFirst(run, lists[0] ?? [], transform))) return null
    return readBatches(run.photos, lists, transform)
  }
  const samples = photosOf(run.dataset, 'train', skipped)
  return yield* kept.batches(samples, lists, transform, skipped)
}

/** The first loss waits for the first batch's photos: how many of them are decoded. True: the person stopped it. */
async function* decodeFirst(run: Run, samples: readonly Sample[], transform: Transform): Progress<boolean> {
  for await (const done of run.photos.decode(samples, transform)) {
    yield { type: 'preparing', phase: 'photos', done, total: samples.length }
    if (yield* betweenBatches(run)) return true
  }
  return false
}

/** Unreadable photos can leave a batch without photos, or with one that has no variance to normalize by. */
const canTrain = ({ samples }: ReadBatch, recipe: Recipe, locked: FreezePlan): boolean =>
  samples.length > 1 ||
  (samples.length === 1 &&
    (!needsTwoPhotos(recipe.evaluation.crop) || backboneRests(recipe.batchNorm, locked)))

/** Seconds since now, without pauses. */
function startClock(control: RunControl): () => number {
  const began = performance.now() - control.pausedMs
  return () => (performance.now() - control.pausedMs - began) / 1000
}
