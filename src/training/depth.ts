/**
 * Which depth is worth training, tried out: from a run that trained the classifier, a few epochs of the upper layers on some
 * photos, on activations that are computed once. What counts is the calibrated loss of the very same validation photos before
 * and after: layers that learned so few photos by heart are too sure of themselves, whatever they can tell apart.
 */
import type { Dataset, Sample, Split } from '../dataset/types.ts'
import { FEATURES_BOUNDARY, type LockableStage } from '../model/index.ts'
import { shuffled, stream } from '../random/index.ts'
import { goingOn, LOCKED_BELOW, type Recipe } from '../recipe/index.ts'
import { type Comparison, compareLosses } from './calibrated.ts'
import type { RunControl } from './control.ts'
import { evaluate } from './evaluate.ts'
import type { EpochLog, PhotoPrediction } from './events.ts'
import { KeptActivations } from './kept/activations.ts'
import type { Keeping } from './kept/keeping.ts'
import { RememberedFeatures } from './kept/remembered.ts'
import { chooseMicroBatch, type Engines, openEngine } from './open-engine.ts'
import type { PhotoLoader } from './photos.ts'
import { type Progress, type Run, stepConfig } from './run.ts'
import { complete, freshRun, isPretrained, type RunState } from './run-state.ts'
import type { HeldRun } from './start.ts'
import { train } from './train.ts'

/**
 * Photos that a trial learns from, and looks at, at most: they bound its time. With 240 photos of TrashNet to learn from, three
 * epochs of layer4 brought nothing, with 600 they did, as the whole stage does (docs/recipes.md).
 */
const MOST = { train: 600, valid: 300 } as const
const EPOCHS = 3
/** On the stage's rate, which is for more epochs: what it upsets first has no time to come back. */
const RATE_FACTOR = 1 / 3

/** What may learn beside the classifier, from the top of the network down: what the presets have a stage for. */
export const DEPTHS = ['layer4'] as const satisfies readonly LockableStage[]
export type Depth = 'head' | (typeof DEPTHS)[number]

export interface DepthTrial extends Comparison {
  /** The lowest layer that learned. */
  depth: (typeof DEPTHS)[number]
  /** Estimated seconds of the whole stage at this depth on all photos. */
  seconds: number
}

export interface DepthReport {
  /** The depth that is worth it; `head`: nothing beyond the classifier is. */
  choice: Depth
  trials: DepthTrial[]
}

/** What a trial works with. */
export interface DepthParts {
  engines: Engines
  photos: PhotoLoader
  keeping: Keeping
}

/**
 * Tries deeper stages as long as each is worth it. null: the person stopped it, or nothing follows the held run.
 * Changes nothing of the held run. @throws what the engine throws.
 */
export async function tryDepths(
  parts: DepthParts,
  dataset: Dataset,
  held: HeldRun,
  control: RunControl,
): Promise<DepthReport | null> {
  const next = goingOn(held.about.recipe)
  if (next?.stage !== 'upper' || !held.state.best) return null
  const { engine } = await openEngine(parts.engines, held.about.recipe)
  try {
    const few = fewPhotos(dataset, next.recipe.seed)
    const run: Run = {
      engine,
      photos: parts.photos,
      keeping: parts.keeping,
      remembered: new RememberedFeatures(),
      photosKey: '',
      weights: held.about.weights.sha256,
      recipe: next.recipe,
      dataset: few,
      stages: ['upper'],
      control,
      microBatch: null,
      keep: async () => {},
    }
    const start = await classifierOf(run, dataset, held.state)
    let before = start && (await lossesBefore(run, start))
    const trials: DepthTrial[] = []
    let choice: Depth = 'head'
    for (const depth of DEPTHS) {
      const tried = start && before && (await tryDepth(run, dataset, start, depth, before))
      if (!tried) return null
      trials.push(tried.trial)
      if (!isWorthIt(tried.trial)) break
      choice = depth
      before = tried.losses
    }
    return { choice, trials }
  } finally {
    await Promise.resolve(engine[Symbol.asyncDispose]()).catch(() => undefined)
  }
}

/** Better by more than the error of the measurement. */
export const isWorthIt = ({ before, after, error }: DepthTrial): boolean => before - after > error

/**
 * The held run where all of its photos are looked at. Else a classifier that learned from those few alone: one that learned
 * from more would lose by every epoch without them. null where the person stopped it.
 */
async function classifierOf(run: Run, all: Dataset, held: RunState): Promise<RunState | null> {
  if (count(run.dataset, 'train') === count(all, 'train')) return held
  const state = await last(train({ ...run, stages: ['head'] }, freshRun(held.base, run.recipe, 'head')))
  return run.control.stopped || !state.best ? null : state
}

/** The loss of each validation photo by path, as the classifier alone has it. */
async function lossesBefore(
  run: Run,
  { base, best, weights }: RunState,
): Promise<Map<string, number> | null> {
  const own = best?.weights ?? weights
  await run.engine.load(complete(base, own))
  await run.engine.configure(stepConfig(run, 'head', run.recipe.stages.head.locked))
  const kept = new KeptActivations(run, 'head')
  await kept.cutAt(FEATURES_BOUNDARY, isPretrained(own))
  try {
    const evaluated = await last(evaluate(run, { stage: 'head', epoch: 1 }, 'valid', kept, new Set()))
    return evaluated && lossesOf(evaluated.predictions)
  } finally {
    await kept.close()
  }
}

async function tryDepth(
  whole: Run,
  all: Dataset,
  start: RunState,
  depth: (typeof DEPTHS)[number],
  before: ReadonlyMap<string, number>,
): Promise<{ trial: DepthTrial; losses: Map<string, number> } | null> {
  const recipe = trialRecipe(whole.recipe, depth)
  const run = { ...whole, recipe }
  await run.engine.load(complete(start.base, start.best?.weights ?? start.weights))
  const microBatch = await chooseMicroBatch(run.engine, recipe, ['upper'], () =>
    run.engine.configure(stepConfig(run, 'upper', LOCKED_BELOW[depth])),
  )
  let losses = new Map<string, number>()
  const logs: EpochLog[] = []
  for await (const event of train({ ...run, microBatch }, start))
    if (event.type === 'epoch') {
      logs.push(event.log)
      losses = lossesOf(event.predictions)
    }
  if (logs.length < EPOCHS) return null
  const seconds = wholeSeconds(whole.recipe, all, run.dataset, logs)
  const trial = { depth, ...compareLosses(before, losses), seconds }
  return { trial, losses }
}

/** The stage that follows, short and on the plain photo alone. */
function trialRecipe(recipe: Recipe, depth: (typeof DEPTHS)[number]): Recipe {
  const { stages } = recipe
  const upper = {
    ...stages.upper,
    epochs: EPOCHS,
    optimizer: { ...stages.upper.optimizer, learningRate: RATE_FACTOR * stages.upper.optimizer.learningRate },
    locked: [...LOCKED_BELOW[depth]],
    cachedViews: 1,
    plainView: true,
    patience: null,
    labelSmoothing: null,
  }
  return { ...recipe, stages: { ...stages, upper } }
}

/** The first epoch computes what is kept; the last is training alone. */
function wholeSeconds({ stages }: Recipe, all: Dataset, few: Dataset, logs: readonly EpochLog[]): number {
  const { epochs, cachedViews } = stages.upper
  const epoch = logs[logs.length - 1].seconds
  const keeping = Math.max(0, logs[0].seconds - epoch)
  const [train, valid] = [count(all, 'train'), count(all, 'valid')]
  const [fewTrain, fewValid] = [count(few, 'train'), count(few, 'valid')]
  const kept = Math.min(cachedViews ?? epochs, epochs) * train + valid
  return (keeping * kept) / (fewTrain + fewValid) + (epochs * epoch * (train + valid)) / (fewTrain + fewValid)
}

/** As many of each class as the classes' shares allow, the same for the same seed. */
function fewPhotos(dataset: Dataset, seed: number): Dataset {
  const few = (split: 'train' | 'valid'): Sample[] => {
    const samples = dataset.samples.filter((sample) => sample.split === split)
    const share = Math.min(1, MOST[split] / Math.max(1, samples.length))
    return dataset.classes.flatMap((_, label) => {
      const own = samples.filter((sample) => sample.label === label)
      return shuffled(own, stream(seed, 'depth', split, label)).slice(0, Math.ceil(share * own.length))
    })
  }
  return { ...dataset, samples: [...few('train'), ...few('valid')] }
}

const count = ({ samples }: Dataset, of: Split): number => samples.filter(({ split }) => split === of).length

const lossesOf = (predictions: readonly PhotoPrediction[]): Map<string, number> =>
  new Map(predictions.map(({ path, loss }) => [path, loss]))

/** What a part of a run comes to; what it says on the way is for nobody here. */
async function last<T>(progress: Progress<T>): Promise<T> {
  for (;;) {
    const next = await progress.next()
    if (next.done) return next.value
  }
}
