/**
 * What the curves say, in one sentence: a pure function of the epochs so far. The page shows one reading at a time,
 * the most useful; the order of the rules in `readCurves` is that of their use to the person.
 */
import type { ClassInfo, Sample } from '../dataset/types.ts'
import { isFixed, type Recipe, type TrainingStage } from '../recipe/index.ts'
import type { BestMark, EpochLog } from '../training/events.ts'

export interface ReadingInput {
  /** Of the whole run, in order. */
  epochs: readonly EpochLog[]
  best: BestMark | null
  recipe: Pick<Recipe, 'augmentation'>
  /** Validation photos of each class. */
  validPhotos: readonly { name: string; photos: number }[]
  /** Whether the run is over. */
  ended: boolean
}

/** So many photos of so many: an accuracy with its count. */
export interface Share {
  correct: number
  samples: number
}

/** Which sentence, and what it names: shares, counts of epochs and photos, a class. */
export interface Reading {
  code: ReadingCode
  tone: 'good' | 'note' | 'warn'
  epochs?: number
  photos?: number
  share?: Share
  other?: Share
  name?: string
  /** The stage that runs or ran last, and the earlier one whose weights are the best. */
  stages?: { last: TrainingStage; best: TrainingStage }
}

export type ReadingCode =
  | 'first'
  | 'diverging'
  | 'all-right'
  | 'all-right-few'
  | 'earlier-kept'
  | 'earlier-ahead'
  | 'nothing-yet'
  | 'stage-begins'
  | 'memorising'
  | 'memorised'
  | 'past-best'
  | 'gap'
  | 'too-slow'
  | 'more-epochs'
  | 'settled'
  | 'settled-head'
  | 'train-below'
  | 'falling'
  | 'one-photo'
  | 'uneven'
  | 'ended'

/** Epochs in a row that are no accident. */
const TREND = 3
/** Fewer validation photos make single photos visible in the accuracy. */
const FEW = 100

/** The sentence for the curves as they are; null before the first epoch. */
export function readCurves(input: ReadingInput): Reading | null {
  const last = input.epochs.at(-1)
  if (!last) return null
  for (const rule of RULES) {
    const reading = rule({ ...input, last, stage: runningStage(input.epochs) })
    if (reading) return reading
  }
  return { code: input.ended ? 'ended' : 'uneven', tone: 'note' }
}

/** Validation photos of each class, in class order. */
export function validPhotosOf(
  classes: readonly ClassInfo[],
  samples: readonly Sample[],
): ReadingInput['validPhotos'] {
  const photos = new Array<number>(classes.length).fill(0)
  for (const { split, label } of samples) if (split === 'valid') photos[label]++
  return classes.map(({ name }, label) => ({ name, photos: photos[label] }))
}

interface Curves extends ReadingInput {
  last: EpochLog
  /** The epochs of the stage that the last one belongs to. */
  stage: readonly EpochLog[]
}

type Rule = (curves: Curves) => Reading | null

const shareOf = ({ correct, samples }: Share): Share => ({ correct, samples })

/** What the best epoch got right. */
function bestShare(epochs: readonly EpochLog[], best: BestMark, { valid: { samples } }: EpochLog): Share {
  const log = epochs.find(({ stage, epoch }) => stage === best.stage && epoch === best.epoch)
  return log ? shareOf(log.valid) : { correct: Math.round(best.accuracy * samples), samples }
}

/** The most frequent class: always answering with it needs no learning. */
export function mostFrequent(
  validPhotos: ReadingInput['validPhotos'],
): { name: string; share: Share } | null {
  const samples = validPhotos.reduce((sum, { photos }) => sum + photos, 0)
  if (samples === 0) return null
  const { name, photos } = validPhotos.reduce((a, b) => (b.photos > a.photos ? b : a))
  return { name, share: { correct: photos, samples } }
}

const runningStage = (epochs: readonly EpochLog[]): EpochLog[] => {
  const before = epochs.findLastIndex(({ stage }) => stage !== epochs[epochs.length - 1].stage)
  return epochs.slice(before + 1)
}

/** Cross-entropy of a network that guesses evenly among the classes. */
const guessing = (classes: number): number => Math.log(Math.max(2, classes))

/** Values of the last `TREND` + 1 epochs, so `TREND` changes; null while there are fewer. */
const trend = (stage: readonly EpochLog[], value: (log: EpochLog) => number): number[] | null =>
  stage.length > TREND ? stage.slice(-TREND - 1).map(value) : null

const isFalling = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value < values[index - 1])

const trainLoss = ({ train }: EpochLog): number => train.loss
const validLoss = ({ valid }: EpochLog): number => valid.loss

const diverging: Rule = ({ stage, last, validPhotos }) => {
  // No guessing is so bad: the steps are too large from the start.
  if (last.train.loss > 3 * guessing(validPhotos.length)) return { code: 'diverging', tone: 'warn' }
  if (stage.length < 2) return null
  const lowest = Math.min(...stage.slice(0, -1).map(trainLoss))
  const isHigh = last.train.loss > 1.1 * guessing(validPhotos.length)
  return isHigh && last.train.loss > 1.3 * lowest ? { code: 'diverging', tone: 'warn' } : null
}

const allRight: Rule = ({ best, last }) => {
  if (best?.accuracy !== 1) return null
  const { samples } = last.valid
  return samples < FEW
    ? { code: 'all-right-few', tone: 'good', photos: samples }
    : { code: 'all-right', tone: 'good', photos: samples }
}

/** The stages of the last epoch and of the best, where the best lies in an earlier stage of this run; else null. */
function earlierBest({ epochs, best, last }: Curves): Reading['stages'] | null {
  const isEarlier =
    best !== null && best.stage !== last.stage && epochs.some(({ stage }) => stage === best.stage)
  return isEarlier ? { last: last.stage, best: best.stage } : null
}

const earlierAhead: Rule = (curves) => {
  const { epochs, stage, best, last, ended } = curves
  const stages = earlierBest(curves)
  if (!stages || !best || (!ended && stage.length < TREND)) return null
  const highest = stage.reduce((a, b) => (b.valid.accuracy > a.valid.accuracy ? b : a))
  const shares = { share: bestShare(epochs, best, last), other: shareOf(highest.valid) }
  return { code: ended ? 'earlier-kept' : 'earlier-ahead', tone: 'warn', ...shares, stages }
}

/** More layers move at once: the first epochs are often worse than what the stage before had reached. */
const stageBegins: Rule = (curves) => {
  const { epochs, stage, best, last, ended } = curves
  const stages = earlierBest(curves)
  if (ended || !stages || !best || stage.length >= TREND) return null
  return {
    code: 'stage-begins',
    tone: 'note',
    share: bestShare(epochs, best, last),
    other: shareOf(last.valid),
    stages,
  }
}

/** Always answering with the most frequent class would be as good. */
const nothingYet: Rule = ({ stage, best, last, validPhotos, ended }) => {
  const most = mostFrequent(validPhotos)
  if (!best || !most || (!ended && stage.length < TREND)) return null
  const { correct, samples } = most.share
  if (best.accuracy > correct / samples + 0.5 / last.valid.samples) return null
  return { code: 'nothing-yet', tone: 'warn', ...most }
}

const memorising: Rule = ({ stage, ended }) => {
  let rises = 0
  while (rises < stage.length - 1) {
    const [before, after] = stage.slice(stage.length - rises - 2)
    if (after.valid.loss <= before.valid.loss) break
    rises++
  }
  const fell = stage[stage.length - 1].train.loss < stage[stage.length - 1 - rises].train.loss
  if (rises < TREND || !fell) return null
  return { code: ended ? 'memorised' : 'memorising', tone: 'warn', epochs: rises }
}

/** The lowest validation loss lies behind, and training loss fell since. */
const pastBest: Rule = ({ stage, last }) => {
  const lowest = stage.reduce((a, b) => (b.valid.loss < a.valid.loss ? b : a))
  const ago = last.epoch - lowest.epoch
  const isWorse = last.valid.loss > 1.1 * lowest.valid.loss && last.train.loss < 0.9 * lowest.train.loss
  return ago > TREND && isWorse ? { code: 'past-best', tone: 'warn', epochs: ago } : null
}

const gap: Rule = ({ stage, last: { train, valid } }) =>
  stage.length >= TREND && train.accuracy >= 0.95 && train.accuracy - valid.accuracy >= 0.15
    ? { code: 'gap', tone: 'warn', share: shareOf(train), other: shareOf(valid) }
    : null

const tooSlow: Rule = ({ stage, last, validPhotos }) => {
  if (stage.length <= TREND) return null
  const moved = stage[0].train.loss - last.train.loss
  const isFarOff = last.train.loss > 0.5 * guessing(validPhotos.length)
  return isFarOff && Math.abs(moved) < 0.02 * stage[0].train.loss ? { code: 'too-slow', tone: 'warn' } : null
}

const moreEpochs: Rule = ({ stage, last, best, ended }) => {
  const losses = trend(stage, validLoss)
  if (!ended || !losses || !isFalling(losses)) return null
  const isBest = best?.stage === last.stage && best.epoch === last.epoch
  const share = (losses[0] - losses[TREND]) / losses[0]
  return isBest && share > 0.03 ? { code: 'more-epochs', tone: 'note' } : null
}

/** Twice the usual trend without a change worth the name. */
const settled: Rule = ({ stage }) => {
  if (stage.length < 2 * TREND) return null
  const recent = stage.slice(-2 * TREND)
  const losses = recent.map(validLoss)
  const accuracies = recent.map(({ valid }) => valid.accuracy)
  const spread = (values: number[]) => Math.max(...values) - Math.min(...values)
  const still = spread(losses) < 0.03 * Math.max(...losses) && spread(accuracies) <= 0.01
  // What more layers would bring does not show in the last layer's curve.
  const code = stage[0].stage === 'head' ? 'settled-head' : 'settled'
  return still ? { code, tone: 'note', epochs: recent.length } : null
}

const trainBelow: Rule = ({ stage, last: { train, valid }, recipe }) =>
  stage.length >= TREND && !isFixed(recipe.augmentation) && valid.accuracy - train.accuracy > 0.03
    ? { code: 'train-below', tone: 'note' }
    : null

const falling: Rule = ({ stage, last, ended }) => {
  const before = stage.at(-Math.min(stage.length, TREND + 1))
  return !ended && before && last.valid.loss < 0.98 * before.valid.loss
    ? { code: 'falling', tone: 'good' }
    : null
}

/** A change that is a photo or two, told as what it is. */
const onePhoto: Rule = ({ stage, last: { valid } }) => {
  const before = stage.at(-2)
  if (!before || valid.samples >= FEW) return null
  const change = Math.abs(valid.correct - before.valid.correct)
  return change === 1 || change === 2
    ? {
        code: 'one-photo',
        tone: 'note',
        photos: valid.samples,
        share: { correct: 1, samples: valid.samples },
      }
    : null
}

/** One epoch is no curve: the accuracy is compared with what needs no learning. */
const first: Rule = ({ epochs, last, validPhotos, ended }) => {
  const most = mostFrequent(validPhotos)
  if (ended || epochs.length > 1 || !most) return null
  return { code: 'first', tone: 'note', share: shareOf(last.valid), other: most.share, name: most.name }
}

const RULES: readonly Rule[] = [
  diverging,
  allRight,
  earlierAhead,
  stageBegins,
  nothingYet,
  memorising,
  pastBest,
  gap,
  tooSlow,
  moreEpochs,
  settled,
  trainBelow,
  falling,
  onePhoto,
  first,
]
