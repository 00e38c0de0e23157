import fc from 'fast-check'
import { expect, test } from 'vitest'
import { presetRecipe, type TrainingStage } from '../recipe/index.ts'
import type { BestMark, EpochLog } from '../training/events.ts'
import { type ReadingInput, readCurves, validPhotosOf } from './reading.ts'

/** Validation photos of the tests' runs. */
const PHOTOS = 200

interface Curve {
  stage?: TrainingStage
  train: number[]
  valid: number[]
  /** Shares; 0.6 throughout where absent. */
  trainAccuracy?: number[]
  validAccuracy?: number[]
}

/** One stage's epochs from its losses and accuracies. */
function curve(
  { stage = 'all', train, valid, trainAccuracy, validAccuracy }: Curve,
  photos = PHOTOS,
): EpochLog[] {
  const metrics = (loss: number, accuracy = 0.6) => {
    const correct = Math.round(accuracy * photos)
    return { loss, accuracy: correct / photos, correct, samples: photos }
  }
  return train.map((loss, index) => ({
    stage,
    epoch: index + 1,
    learningRate: 0.001,
    train: metrics(loss, trainAccuracy?.[index]),
    valid: metrics(valid[index], validAccuracy?.[index]),
    seconds: 1,
    locked: [],
  }))
}

/** The best epoch by accuracy, ties by loss. */
function bestOf(epochs: readonly EpochLog[]): BestMark | null {
  let best: BestMark | null = null
  for (const { stage, epoch, valid } of epochs)
    if (
      !best ||
      valid.accuracy > best.accuracy ||
      (valid.accuracy === best.accuracy && valid.loss < best.loss)
    )
      best = { stage, epoch, accuracy: valid.accuracy, loss: valid.loss }
  return best
}

const plain = presetRecipe('course')
plain.augmentation = {
  geometry: { kind: 'resize-rotate-crop', resize: 64, rotation: 0, crop: 64 },
  horizontalFlip: 0,
  verticalFlip: 0,
  grayscale: 0,
  jitter: { brightness: 0, contrast: 0, saturation: 0, hue: 0 },
}

const read = (epochs: EpochLog[], change: Partial<ReadingInput> = {}) =>
  readCurves({
    epochs,
    best: bestOf(epochs),
    recipe: plain,
    validPhotos: ['ants', 'bees', 'flies', 'moths'].map((name) => ({ name, photos: PHOTOS / 4 })),
    ended: false,
    ...change,
  })

test('before the first epoch there is nothing to read', () => {
  expect(read([])).toBeNull()
})

test('one epoch is compared with always giving the most frequent answer', () => {
  const validPhotos = [
    { name: 'ants', photos: 150 },
    { name: 'bees', photos: 50 },
  ]
  expect(read(curve({ train: [0.5], valid: [0.5], validAccuracy: [0.8] }), { validPhotos })).toEqual({
    code: 'first',
    tone: 'note',
    share: { correct: 160, samples: 200 },
    other: { correct: 150, samples: 200 },
    name: 'ants',
  })
})

test('validation loss that rose three times while training loss fell is memorising', () => {
  const epochs = curve({ train: [1.2, 0.9, 0.7, 0.5, 0.3], valid: [1.2, 1, 1.05, 1.1, 1.2] })
  expect(read(epochs)).toMatchObject({ code: 'memorising', epochs: 3, tone: 'warn' })
  expect(read(epochs, { ended: true })).toMatchObject({ code: 'memorised', epochs: 3 })
})

test('while the best epoch is among the last, nothing is memorised and nothing is to be stopped', () => {
  const epochs = curve({
    train: [1.2, 0.9, 0.7, 0.5, 0.3],
    valid: [1.2, 1, 1.05, 1.1, 1.2],
    validAccuracy: [0.6, 0.7, 0.7, 0.75, 0.74],
  })
  expect(read(epochs)?.advice).toBeUndefined()
  // Nor in the last layer's stage, whatever its curves are.
  const head = curve({ stage: 'head', train: [1.2, 0.9, 0.7, 0.5, 0.3], valid: [1.2, 1, 1.05, 1.1, 1.2] })
  expect(read(head)?.advice).toBeUndefined()
})

test('a stage that comes as far as the one before, give or take chance, is not said to stay below', () => {
  const head = curve({ stage: 'head', train: [1, 0.8], valid: [1, 0.8], validAccuracy: [0.7, 0.82] })
  const all = curve({ train: [0.7, 0.6, 0.5], valid: [0.9, 0.88, 0.87], validAccuracy: [0.7, 0.8, 0.78] })
  expect(read([...head, ...all], { ended: true })).toMatchObject({ code: 'earlier-equal', tone: 'note' })
  expect(read([...head, ...all])?.code).not.toBe('earlier-ahead')
})

test('two rises are no trend, and rises of both losses are no memorising', () => {
  expect(read(curve({ train: [1.2, 0.9, 0.7], valid: [1, 1.05, 1.1] }))?.code).not.toBe('memorising')
  expect(read(curve({ train: [0.5, 0.6, 0.7, 0.8], valid: [1, 1.1, 1.2, 1.3] }))?.code).not.toBe('memorising')
})

test('a lowest validation loss that lies behind is said where the rise was not steady', () => {
  const epochs = curve({ train: [1.2, 0.8, 0.7, 0.6, 0.5, 0.4], valid: [1.2, 0.8, 0.95, 0.9, 1, 0.98] })
  expect(read(epochs)).toMatchObject({ code: 'past-best', epochs: 4 })
})

test('a stage that stays below an earlier one: the earlier weights were kept', () => {
  const head = curve({ stage: 'head', train: [1, 0.8], valid: [1, 0.8], validAccuracy: [0.7, 0.82] })
  const all = curve({
    train: [0.7, 0.6, 0.5],
    valid: [0.9, 0.88, 0.87],
    validAccuracy: [0.7, 0.75, 0.74],
  })
  expect(read([...head, ...all], { ended: true })).toEqual({
    code: 'earlier-kept',
    tone: 'warn',
    advice: 'lower-rate',
    share: { correct: 164, samples: 200 },
    other: { correct: 150, samples: 200 },
    stages: { last: 'all', best: 'head' },
  })
  expect(read([...head, ...all])).toMatchObject({
    code: 'earlier-ahead',
    share: { correct: 164 },
    other: { correct: 150 },
  })
  // Too early to say: all layers have just begun to move.
  expect(read([...head, ...all.slice(0, 1)])).toMatchObject({
    code: 'stage-begins',
    share: { correct: 164 },
    other: { correct: 140 },
  })
})

test('of three stages it is the best one before that the last is compared with', () => {
  const head = curve({ stage: 'head', train: [1, 0.8], valid: [1, 0.8], validAccuracy: [0.7, 0.75] })
  const upper = curve({ stage: 'upper', train: [0.7, 0.6], valid: [0.9, 0.8], validAccuracy: [0.8, 0.85] })
  const all = curve({ train: [0.5, 0.4], valid: [0.8, 0.8], validAccuracy: [0.78, 0.8] })
  expect(read([...head, ...upper], { ended: true })?.code).not.toBe('earlier-kept')
  expect(read([...head, ...upper, ...all], { ended: true })).toMatchObject({
    code: 'earlier-kept',
    share: { correct: 170 },
    other: { correct: 160 },
    stages: { last: 'all', best: 'upper' },
  })
  expect(read([...head, ...upper, ...all.slice(0, 1)])).toMatchObject({
    code: 'stage-begins',
    stages: { last: 'all', best: 'upper' },
  })
})

test('a stage two of its own is not compared with a stage one', () => {
  const all = curve({ train: [0.7, 0.6, 0.5], valid: [0.9, 0.8, 0.7] })
  expect(read(all, { ended: true })?.code).not.toBe('earlier-kept')
  expect(read(all.slice(0, 2))?.code).not.toBe('stage-begins')
})

test('a training loss that grows means a learning rate that is too high', () => {
  expect(read(curve({ train: [1.4, 2.9], valid: [1.4, 3] }))).toEqual({
    code: 'diverging',
    tone: 'warn',
    advice: 'lower-rate',
  })
  expect(read(curve({ train: [90], valid: [70], validAccuracy: [0.25] }))?.code).toBe('diverging')
  // A little worse is no divergence.
  expect(read(curve({ train: [0.5, 0.55], valid: [0.5, 0.6] }))?.code).not.toBe('diverging')
})

test('accuracy at the share of the most frequent class has learned nothing yet', () => {
  const validPhotos = [
    { name: 'ants', photos: 120 },
    { name: 'bees', photos: 80 },
  ]
  const epochs = curve({
    train: [0.69, 0.68, 0.66],
    valid: [0.69, 0.69, 0.68],
    validAccuracy: [0.6, 0.6, 0.6],
  })
  expect(read(epochs, { validPhotos })).toEqual({
    code: 'nothing-yet',
    tone: 'warn',
    advice: 'more-epochs',
    name: 'ants',
    share: { correct: 120, samples: 200 },
  })
  // After one epoch that is too early to say, unless it was the last one.
  expect(read(epochs.slice(0, 1), { validPhotos })?.code).toBe('first')
  expect(read(epochs.slice(0, 1), { validPhotos, ended: true })?.code).toBe('nothing-ended')
})

test('training loss that hardly moves means a learning rate that is too low', () => {
  const epochs = curve({
    train: [1.3, 1.299, 1.298, 1.297],
    valid: [1.3, 1.31, 1.29, 1.3],
    validAccuracy: [0.3, 0.31, 0.33, 0.32],
  })
  expect(read(epochs)).toEqual({ code: 'too-slow', tone: 'warn', advice: 'higher-rate' })
})

test('everything right is praised, with a warning where that is few photos', () => {
  const many = curve({ train: [0.5, 0.1], valid: [0.4, 0.1], validAccuracy: [0.9, 1] })
  expect(read(many)).toEqual({ code: 'all-right', tone: 'good', photos: 200 })
  const few = curve({ train: [0.5, 0.1], valid: [0.4, 0.1], validAccuracy: [0.9, 1] }, 20)
  expect(read(few)).toEqual({ code: 'all-right-few', tone: 'good', photos: 20 })
})

test('training photos known by heart and validation far behind is a gap', () => {
  const epochs = curve({
    train: [0.3, 0.1, 0.05],
    valid: [0.9, 0.89, 0.9],
    trainAccuracy: [0.9, 0.97, 0.99],
    validAccuracy: [0.7, 0.71, 0.7],
  })
  expect(read(epochs)).toMatchObject({ code: 'gap', share: { correct: 198 }, other: { correct: 140 } })
})

test('a run that ended while validation loss fell should have gone on', () => {
  const epochs = curve({
    train: [1.2, 1, 0.9, 0.8],
    valid: [1.2, 1, 0.9, 0.8],
    validAccuracy: [0.5, 0.6, 0.7, 0.75],
  })
  expect(read(epochs, { ended: true })).toEqual({
    code: 'more-epochs',
    tone: 'note',
    advice: 'more-epochs',
  })
  expect(read(epochs)).toEqual({ code: 'falling', tone: 'good' })
})

test('six epochs without a change have settled', () => {
  const valid = [0.5, 0.501, 0.499, 0.5, 0.502, 0.5]
  const all = curve({ train: [0.4, 0.39, 0.38, 0.385, 0.38, 0.375], valid })
  expect(read(all)).toEqual({ code: 'settled-all', tone: 'note', epochs: 6 })
  expect(read(all, { ended: true })).toMatchObject({ code: 'settled-ended' })
  // More layers can only learn where some do not.
  const upper = all.map((log) => ({ ...log, stage: 'upper' as const, locked: ['stem', 'layer1'] as const }))
  expect(read(upper)).toMatchObject({ code: 'settled' })
  // What more layers would bring is not known from the last layer's curve.
  const head = curve({ stage: 'head', train: [0.4, 0.39, 0.38, 0.385, 0.38, 0.375], valid })
  expect(read(head)).toMatchObject({ code: 'settled-head' })
})

test('training accuracy below validation is explained where photos are augmented, and only there', () => {
  const epochs = curve({
    train: [1.2, 1, 0.9],
    valid: [0.8, 0.81, 0.8],
    trainAccuracy: [0.5, 0.55, 0.6],
    validAccuracy: [0.7, 0.71, 0.72],
  })
  expect(read(epochs, { recipe: presetRecipe('course') })?.code).toBe('train-below')
  expect(read(epochs)?.code).not.toBe('train-below')
})

test('with few validation photos a change of one is told as one', () => {
  const epochs = curve({ train: [0.9, 0.8], valid: [0.9, 0.9], validAccuracy: [0.6, 0.65] }, 20)
  expect(read(epochs)).toEqual({
    code: 'few-photos',
    tone: 'note',
    photos: 20,
    share: { correct: 1, samples: 20 },
  })
})

test('curves that go up and down are left alone, and an ended run points to its wrong photos', () => {
  const epochs = curve({ train: [0.9, 0.8, 0.7], valid: [0.9, 0.95, 0.93], validAccuracy: [0.6, 0.7, 0.6] })
  expect(read(epochs)?.code).toBe('uneven')
  expect(read(epochs, { ended: true })?.code).toBe('ended')
})

test('whatever the curves are, there is one sentence with the values that it names', () => {
  const share = fc.float({ min: 0, max: 1, noNaN: true })
  const loss = fc.oneof(fc.float({ min: 0, max: 20, noNaN: true }), fc.constant(Number.POSITIVE_INFINITY))
  const epoch = fc.record({ train: loss, valid: loss, a: share, b: share })
  fc.assert(
    fc.property(
      fc.array(epoch, { maxLength: 8 }),
      fc.array(epoch, { minLength: 1, maxLength: 8 }),
      fc.array(epoch, { maxLength: 8 }),
      fc.boolean(),
      (one, two, three, ended) => {
        const stage = (name: TrainingStage, logs: typeof one) =>
          curve({
            stage: name,
            train: logs.map(({ train }) => train),
            valid: logs.map(({ valid }) => valid),
            trainAccuracy: logs.map(({ a }) => a),
            validAccuracy: logs.map(({ b }) => b),
          })
        const epochs = [...stage('head', one), ...stage('upper', two), ...stage('all', three)]
        const reading = read(epochs, { ended })
        expect(reading).not.toBeNull()
        for (const share of [reading?.share, reading?.other])
          if (share) expect(share.correct).toBeLessThanOrEqual(share.samples)
      },
    ),
  )
})

test('validation photos are counted by class', () => {
  const sample = (label: number, split: 'train' | 'valid') => ({
    path: `${split}/${label}`,
    label,
    split,
    source: { kind: 'url' as const, url: '' },
  })
  const classes = [
    { id: 'a', name: 'ants' },
    { id: 'b', name: 'bees' },
  ]
  expect(validPhotosOf(classes, [sample(0, 'train'), sample(1, 'valid'), sample(1, 'valid')])).toEqual([
    { name: 'ants', photos: 0 },
    { name: 'bees', photos: 2 },
  ])
})
