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

/** What a reading advises, and its button does. All but `stop` change the settings of the next run. */
export type Advice = 'stop' | 'lower-rate' | 'higher-rate' | 'more-epochs' | 'augment'

/** Which sentence, and what it names: shares, counts of epochs and photos, a class. */
export interface Reading {
  code: ReadingCode
  tone: 'good' | 'note' | 'warn'
  /** For the stage that runs or ran last. */
  advice?: Advice
  epochs?: number
  photos?: number
  share?: Share
  other?: Share
  name?: string
  /** The stage that runs or ran last, and the earlier one whose weights are the best. */
  stages?: { last: TrainingStage; best: TrainingStage }
}

/** `-ended`: in the past tense, of a run that is over. */
export type ReadingCode =
  | 'first'
  | 'diverging'
  | 'diverging-ended'
  | 'all-right'
  | 'all-right-few'
  | 'earlier-kept'
  | 'earlier-equal'
  | 'earlier-ahead'
  | 'nothing-yet'
  | 'nothing-ended'
  | 'stage-begins'
  | 'memorising'
  | 'memorised'
  | 'past-best'
  | 'gap'
  | 'gap-head'
  | 'too-slow'
  | 'too-slow-ended'
  | 'more-epochs'
  | 'settled'
  | 'settled-all'
  | 'settled-head'
  | 'settled-ended'
  | 'train-below'
  | 'falling'
  | 'few-photos'
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

/** The epoch that a mark names, where it is among these. */
export const logOf = (epochs: readonly EpochLog[], mark: BestMark | null): EpochLog | undefined =>
  epochs.find(({ stage, epoch }) => stage === mark?.stage && epoch === mark.epoch)

/** What the best epoch got right. */
function bestShare(epochs: readonly EpochLog[], best: BestMark, { valid: { samples } }: EpochLog): Share {
  const log = logOf(epochs, best)
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

/**
 * Photos that a count of right ones goes up or down by without meaning anything: its standard error, at least two. What is
 * measured on the same photos varies less than that, but not much where different ones are wrong.
 */
function chancePhotos({ correct, samples }: Share): number {
  const share = correct / samples
  return Math.max(2, Math.ceil(Math.sqrt(samples * share * (1 - share))))
}

/** Whether the epoch that is kept lies among the stage's last ones: then what came since is no trend. Few photos jump about. */
function isBestRecent({ best, last }: Curves): boolean {
  const since = best?.stage === last.stage ? last.epoch - best.epoch : last.epoch
  return since < (last.valid.samples < FEW ? 3 * TREND : TREND)
}

/** Only the classifier learns: it cannot change what the network sees in a photo. */
const isHead = ({ last }: Curves): boolean => last.stage === 'head'

const trainLoss = ({ train }: EpochLog): number => train.loss
const validLoss = ({ valid }: EpochLog): number => valid.loss

const diverging: Rule = ({ stage, last, validPhotos, ended }) => {
  const reading = {
    code: ended ? 'diverging-ended' : 'diverging',
    tone: 'warn',
    advice: 'lower-rate',
  } as const
  // No guessing is so bad: the steps are too large from the start.
  if (!(last.train.loss <= 5 * guessing(validPhotos.length))) return reading
  if (stage.length < 2) return null
  const lowest = Math.min(...stage.slice(0, -1).map(trainLoss))
  const lowestValid = Math.min(...stage.slice(0, -1).map(validLoss))
  const isHigh = last.train.loss > 1.1 * guessing(validPhotos.length)
  // A large step now and then is no divergence, as long as validation does not suffer.
  const isWorse = last.train.loss > 1.3 * lowest && !(last.valid.loss <= 1.3 * lowestValid)
  return isHigh && isWorse ? reading : null
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
  const isChance = shares.share.correct - shares.other.correct <= chancePhotos(shares.share)
  if (isChance) return ended ? { code: 'earlier-equal', tone: 'note', ...shares, stages } : null
  return ended
    ? { code: 'earlier-kept', tone: 'warn', advice: 'lower-rate', ...shares, stages }
    : { code: 'earlier-ahead', tone: 'warn', ...shares, stages }
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
  return { code: ended ? 'nothing-ended' : 'nothing-yet', tone: 'warn', advice: 'more-epochs', ...most }
}

/** Judged by what is kept: while that is still found, nothing is to be stopped. */
const memorising: Rule = (curves) => {
  const { stage, ended } = curves
  if (isHead(curves) || isBestRecent(curves)) return null
  let rises = 0
  while (rises < stage.length - 1) {
    const [before, after] = stage.slice(stage.length - rises - 2)
    if (after.valid.loss <= before.valid.loss) break
    rises++
  }
  const fell = stage[stage.length - 1].train.loss < stage[stage.length - 1 - rises].train.loss
  if (rises < TREND || !fell) return null
  return ended
    ? { code: 'memorised', tone: 'warn', advice: 'augment', epochs: rises }
    : { code: 'memorising', tone: 'warn', advice: 'stop', epochs: rises }
}

/** The lowest validation loss lies behind, and training loss fell since. */
const pastBest: Rule = (curves) => {
  const { stage, last, ended } = curves
  if (ended || isHead(curves) || isBestRecent(curves)) return null
  const lowest = stage.reduce((a, b) => (b.valid.loss < a.valid.loss ? b : a))
  const ago = last.epoch - lowest.epoch
  const isWorse = last.valid.loss > 1.1 * lowest.valid.loss && last.train.loss < 0.9 * lowest.train.loss
  return ago > TREND && isWorse ? { code: 'past-best', tone: 'warn', advice: 'stop', epochs: ago } : null
}

const gap: Rule = (curves) => {
  const { stage, last } = curves
  const { train, valid } = last
  // The accuracy that is kept may be a better one than the last epoch's.
  const kept = Math.max(valid.accuracy, ...stage.map((log) => log.valid.accuracy))
  if (stage.length < TREND || train.accuracy < 0.8 || train.accuracy - kept < 0.15) return null
  const shares = { share: shareOf(train), other: shareOf(valid) }
  return isHead(curves)
    ? { code: 'gap-head', tone: 'note', ...shares }
    : { code: 'gap', tone: 'warn', advice: 'augment', ...shares }
}

const tooSlow: Rule = ({ stage, last, validPhotos, ended }) => {
  if (stage.length <= TREND) return null
  const moved = stage[0].train.loss - last.train.loss
  const isFarOff = last.train.loss > 0.5 * guessing(validPhotos.length)
  if (!isFarOff || Math.abs(moved) >= 0.02 * stage[0].train.loss) return null
  return { code: ended ? 'too-slow-ended' : 'too-slow', tone: 'warn', advice: 'higher-rate' }
}

const moreEpochs: Rule = ({ stage, last, best, ended }) => {
  const losses = trend(stage, validLoss)
  if (!ended || !losses || !isFalling(losses)) return null
  const isBest = best?.stage === last.stage && best.epoch === last.epoch
  const share = (losses[0] - losses[TREND]) / losses[0]
  return isBest && share > 0.03 ? { code: 'more-epochs', tone: 'note', advice: 'more-epochs' } : null
}

/** Twice the usual trend without a change worth the name. */
const settled: Rule = (curves) => {
  const { stage, last, ended } = curves
  if (stage.length < 2 * TREND) return null
  const recent = stage.slice(-2 * TREND)
  const losses = recent.map(validLoss)
  const counts = recent.map(({ valid }) => valid.correct)
  const spread = (values: number[]) => Math.max(...values) - Math.min(...values)
  const isStill =
    spread(losses) < 0.03 * Math.max(...losses) && spread(counts) <= Math.max(1, 0.01 * last.valid.samples)
  if (!isStill) return null
  // What more layers would bring does not show in the last layer's curve; and where all learn there are no more.
  const running = isHead(curves) ? 'settled-head' : last.locked.length === 0 ? 'settled-all' : 'settled'
  return { code: ended ? 'settled-ended' : running, tone: 'note', epochs: recent.length }
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

/** A change that is a few photos, told as what it is. */
const fewPhotos: Rule = ({ stage, last: { valid } }) => {
  const before = stage.at(-2)
  if (!before || valid.samples >= FEW) return null
  const photos = Math.abs(valid.correct - before.valid.correct)
  return photos > 0 && photos <= chancePhotos(valid)
    ? {
        code: 'few-photos',
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
  fewPhotos,
  first,
]
