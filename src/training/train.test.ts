import { expect, test } from 'vitest'
import { LOCK_ALL } from '../model/index.ts'
import type { TrainEvent } from './events.ts'
import { RunFailure } from './run.ts'
import { freshRun } from './run-state.ts'
import {
  collect,
  DrawnPhotos,
  ScriptedEngine,
  tinyBase,
  tinyDataset,
  tinyRecipe,
  tinyRun,
} from './testing/fixtures.ts'
import { train } from './train.ts'

const ofType = <K extends TrainEvent['type']>(events: TrainEvent[], type: K) =>
  events.filter((event): event is Extract<TrainEvent, { type: K }> => event.type === type)

const begin = (setup: ReturnType<typeof tinyRun>, onEvent?: (event: TrainEvent) => void) =>
  collect(train(setup.run, freshRun(tinyBase, setup.run.recipe, 'head')), onEvent)

const plain = (recipe = tinyRecipe()) => ({
  ...recipe,
  augmentation: {
    geometry: { kind: 'resize-rotate-crop', resize: 48, rotation: 0, crop: 32 },
    horizontalFlip: 0,
    verticalFlip: 0,
    jitter: { brightness: 0, contrast: 0, saturation: 0, hue: 0 },
    grayscale: 0,
  } as const,
})

test('both stages run their epochs, each with a training and a validation pass', async () => {
  const setup = tinyRun({})
  const { events, result } = await begin(setup)
  expect(result.epochs.map(({ stage, epoch }) => `${stage} ${epoch}`)).toEqual([
    'head 1',
    'head 2',
    'all 1',
    'all 2',
  ])
  expect(ofType(events, 'stage').map(({ locked }) => locked)).toEqual([LOCK_ALL, []])
  expect(result.epochs.map(({ train, valid }) => [train.samples, valid.samples])).toEqual(
    Array(4).fill([20, 6]),
  )
  expect(setup.kept.map((state) => state.epochs.length)).toEqual([1, 2, 3, 4])
})

test('training loss and accuracy are means over samples, also of an uneven last batch', async () => {
  const engine = new ScriptedEngine()
  // Batches of 8, 8 and 4 photos.
  engine.onStep = (step) => ({ loss: step % 3 === 0 ? 5 : 1, correct: 2 })
  const { result } = await begin(tinyRun({ engine }))
  expect(result.epochs[0].train).toEqual({
    loss: (16 * 1 + 4 * 5) / 20,
    accuracy: 6 / 20,
    correct: 6,
    samples: 20,
  })
})

test('at most two steps are in flight', async () => {
  const engine = new ScriptedEngine()
  await begin(tinyRun({ engine }))
  expect(engine.mostInFlight).toBe(2)
})

test('stage two starts from the best weights of stage one, not from the last', async () => {
  const engine = new ScriptedEngine()
  // Validation features are predicted once an epoch: right in epoch one, wrong in epoch two.
  engine.onPredict = (index, batch) =>
    [0, 1, 2].map((label) => Number(label === Math.floor(index / 2) + batch - 1))
  const setup = tinyRun({ engine })
  await begin(setup)
  const [head1, head2] = setup.kept
  expect(head2.best).toBe(head1.best)
  expect(engine.loaded[1].get('fc.bias')).toBe(head1.weights.get('fc.bias'))
})

test('the best epoch has the highest validation accuracy, and of equal ones the lower loss', async () => {
  const engine = new ScriptedEngine()
  const margins = [1, 2, 0.5, 0.1]
  // Two of six are right in each epoch; a larger margin on them and on wrong ones changes the loss alone.
  engine.onPredict = (_, batch) => [margins[Math.min(batch, 4) - 1], 0, 0]
  const { result } = await begin(tinyRun({ engine }))
  const losses = result.epochs.map(({ valid }) => valid.loss)
  expect(new Set(result.epochs.map(({ valid }) => valid.accuracy)).size).toBe(1)
  const lowest = result.epochs[losses.indexOf(Math.min(...losses))]
  expect(result.best?.mark).toMatchObject({ stage: lowest.stage, epoch: lowest.epoch })
})

test('a value that is not finite stops the run and keeps the best weights', async () => {
  const engine = new ScriptedEngine()
  engine.onStep = (step) => ({ finite: step !== 5 })
  const setup = tinyRun({ engine })
  await expect(begin(setup)).rejects.toThrowError(RunFailure)
  expect(setup.kept.at(-1)?.best?.mark).toMatchObject({ stage: 'head', epoch: 1 })
})

test('a validation loss that is not finite stops the run too', async () => {
  const engine = new ScriptedEngine()
  engine.onPredict = () => [Number.NaN, 0, 0]
  await expect(begin(tinyRun({ engine }))).rejects.toMatchObject({ code: 'not-finite' })
})

test('one-cycle changes the rate after each batch, cosine after each epoch', async () => {
  const engine = new ScriptedEngine()
  const { head, upper, all } = tinyRecipe().stages
  const recipe = tinyRecipe({
    stages: {
      upper,
      head: { ...head, schedule: { kind: 'cosine' } },
      all: { ...all, schedule: { kind: 'one-cycle', warmup: 0.5 } },
    },
  })
  const { result } = await begin(tinyRun({ engine, recipe }))
  expect(engine.rates.slice(0, 6)).toEqual([0.01, 0.01, 0.01, 0.005, 0.005, 0.005])
  expect(new Set(engine.rates.slice(6)).size).toBe(6)
  expect(Math.max(...engine.rates.slice(6))).toBe(0.001)
  expect(result.epochs.map(({ learningRate }) => learningRate)).toEqual([
    0.01,
    0.005,
    engine.rates[6],
    engine.rates[9],
  ])
})

test('a plan that is set during a run holds from the next epoch of the running stage, and is recorded', async () => {
  const engine = new ScriptedEngine()
  const setup = tinyRun({ engine })
  const { result } = await begin(setup, (event) => {
    if (event.type === 'step' && event.stage === 'all' && event.epoch === 1)
      setup.run.control.setLocked(['layer1', 'stem'])
  })
  expect(result.epochs.map(({ locked }) => locked)).toEqual([LOCK_ALL, LOCK_ALL, [], ['stem', 'layer1']])
  expect(engine.configured.at(-1)?.locked).toEqual(['stem', 'layer1'])
})

test('a pause holds between steps until it ends', async () => {
  const setup = tinyRun({})
  let stepsAtPause = -1
  const steps: number[] = []
  const { events } = await begin(setup, (event) => {
    if (event.type === 'step') steps.push(event.step)
    if (event.type === 'step' && steps.length === 2) setup.run.control.pause()
    if (event.type === 'paused') {
      stepsAtPause = steps.length
      setTimeout(() => setup.run.control.resume(), 30)
    }
  })
  const types = events.map(({ type }) => type)
  expect(types.indexOf('resumed')).toBe(types.indexOf('paused') + 1)
  expect(stepsAtPause).toBeLessThanOrEqual(4)
  expect(ofType(events, 'epoch')).toHaveLength(4)
})

test('stop ends within the epoch and leaves the state of the last whole one', async () => {
  const setup = tinyRun({})
  const { events, result } = await begin(setup, (event) => {
    if (event.type === 'step' && event.stage === 'head' && event.epoch === 2) setup.run.control.stop()
  })
  expect(result.epochs).toHaveLength(1)
  expect(result.best?.mark.epoch).toBe(1)
  expect(ofType(events, 'epoch')).toHaveLength(1)
})

test('stop ends a pause', async () => {
  const setup = tinyRun({})
  const { result } = await begin(setup, (event) => {
    if (event.type === 'step') setup.run.control.pause()
    if (event.type === 'paused') setTimeout(() => setup.run.control.stop(), 10)
  })
  expect(result.epochs).toHaveLength(0)
})

test('fresh augmentation loads each training photo every epoch, validation once while the backbone is locked', async () => {
  const photos = new DrawnPhotos()
  const engine = new ScriptedEngine()
  await begin(tinyRun({ photos, engine, stages: ['head'] }))
  expect(photos.loaded).toEqual({ train: 40, evaluate: 6 })
  expect(engine.stepKinds.every((kind) => kind === 'photos')).toBe(true)
  expect(engine.predictedKinds.every((kind) => kind === 'activations')).toBe(true)
})

test('cached views are computed once and cycled through', async () => {
  const photos = new DrawnPhotos()
  const engine = new ScriptedEngine()
  const { head, upper, all } = tinyRecipe().stages
  const recipe = tinyRecipe({ stages: { upper, head: { ...head, epochs: 5, cachedViews: 2 }, all } })
  await begin(tinyRun({ photos, engine, recipe, stages: ['head'] }))
  expect(photos.loaded.train).toBe(40)
  const trained = photos.transforms.flatMap((transform) =>
    transform.kind === 'train' ? [transform.epoch] : [],
  )
  expect(trained).toEqual([1, 2])
  expect(engine.stepKinds.every((kind) => kind === 'activations')).toBe(true)
})

test('the first of the cached views is the photo as validation sees it, where the stage wants that', async () => {
  const photos = new DrawnPhotos()
  const { head, ...rest } = tinyRecipe().stages
  const recipe = tinyRecipe({
    stages: { ...rest, head: { ...head, epochs: 5, cachedViews: 2, plainView: true } },
  })
  await begin(tinyRun({ photos, recipe, stages: ['head'] }))
  // 20 photos plain and once augmented; 6 to validate with.
  expect(photos.loaded).toEqual({ train: 20, evaluate: 26 })
  const trained = photos.transforms.flatMap((transform) =>
    transform.kind === 'train' ? [transform.epoch] : [],
  )
  expect(trained).toEqual([2])
})

test('a stage ends where patience is over, with its schedule at its end, and the next one begins', async () => {
  const engine = new ScriptedEngine()
  // Every epoch validates as the one before.
  engine.onPredict = () => [1, 0, 0]
  const { head, all, upper } = tinyRecipe().stages
  const recipe = tinyRecipe({
    stages: {
      head: { ...head, epochs: 9, patience: 2, schedule: { kind: 'cosine' } },
      upper,
      all: { ...all, epochs: 1 },
    },
  })
  const { result } = await begin(tinyRun({ engine, recipe }))
  expect(result.epochs.map(({ stage, epoch }) => `${stage} ${epoch}`)).toEqual([
    ...[1, 2, 3, 4, 5].map((epoch) => `head ${epoch}`),
    'all 1',
  ])
  // After the third epoch (2 beyond the best) six ninths of the cosine are left for two epochs.
  expect(result.epochs[3].learningRate).toBeCloseTo(0.005 * (1 + Math.cos(Math.PI / 3)), 12)
  expect(result.epochs[4].learningRate).toBeCloseTo(0.005 * (1 + Math.cos((2 * Math.PI) / 3)), 12)
})

test('without augmentation one view is exact, so that it is computed once', async () => {
  const photos = new DrawnPhotos()
  await begin(tinyRun({ photos, recipe: plain(), stages: ['head'] }))
  expect(photos.loaded).toEqual({ train: 20, evaluate: 6 })
})

test('what rests before a stage that trains is computed once too, for training views and for validation', async () => {
  const photos = new DrawnPhotos()
  const engine = new ScriptedEngine()
  const { head, upper, all } = tinyRecipe().stages
  const locked = LOCK_ALL.slice(0, 3)
  const recipe = tinyRecipe({ stages: { upper, head, all: { ...all, epochs: 5, locked, cachedViews: 2 } } })
  await begin(tinyRun({ photos, engine, recipe, stages: ['all'] }))
  expect(photos.loaded).toEqual({ train: 40, evaluate: 6 })
  expect(new Set([...engine.stepKinds, ...engine.predictedKinds])).toEqual(new Set(['activations']))
})

test('photos that are augmented afresh are stepped on as photos, and validate from what is kept', async () => {
  const photos = new DrawnPhotos()
  const engine = new ScriptedEngine()
  const { head, upper, all } = tinyRecipe().stages
  const recipe = tinyRecipe({ stages: { upper, head, all: { ...all, locked: ['stem', 'layer1'] } } })
  await begin(tinyRun({ photos, engine, recipe, stages: ['all'] }))
  expect(photos.loaded).toEqual({ train: 40, evaluate: 6 })
  expect(new Set(engine.stepKinds)).toEqual(new Set(['photos']))
  expect(new Set(engine.predictedKinds)).toEqual(new Set(['activations']))
})

test('what is kept is forgotten while the first stage trains', async () => {
  const photos = new DrawnPhotos()
  const { head, upper, all } = tinyRecipe().stages
  const locked = LOCK_ALL.slice(0, 3)
  const recipe = { ...plain(), stages: { upper, head, all: { ...all, epochs: 3, locked } } }
  const setup = tinyRun({ photos, recipe, stages: ['all'] })
  await begin(setup, (event) => {
    if (event.type === 'epoch') setup.run.control.setLocked(event.log.epoch === 1 ? ['layer1'] : locked)
  })
  expect(photos.loaded).toEqual({ train: 60, evaluate: 18 })
})

test('tutorial mode caches nothing', async () => {
  const photos = new DrawnPhotos()
  const engine = new ScriptedEngine()
  await begin(tinyRun({ photos, engine, recipe: { ...plain(), batchNorm: 'tutorial' }, stages: ['head'] }))
  expect(photos.loaded).toEqual({ train: 40, evaluate: 12 })
  expect(engine.featured).toBe(0)
})

test('features are forgotten where a stage is unlocked', async () => {
  const photos = new DrawnPhotos()
  const { head, upper, all } = tinyRecipe().stages
  const recipe = { ...plain(), stages: { upper, head: { ...head, epochs: 3 }, all } }
  const setup = tinyRun({ photos, recipe, stages: ['head'] })
  await begin(setup, (event) => {
    if (event.type === 'epoch')
      setup.run.control.setLocked(event.log.epoch === 1 ? LOCK_ALL.slice(0, 4) : LOCK_ALL)
  })
  expect(photos.loaded).toEqual({ train: 60, evaluate: 18 })
})

test('a photo that cannot be read is listed once and skipped', async () => {
  const photos = new DrawnPhotos(['train/0/000.png', 'valid/1/001.png'])
  const { events, result } = await begin(tinyRun({ photos }))
  expect(
    ofType(events, 'photo-skipped')
      .map(({ path }) => path)
      .sort(),
  ).toEqual(['train/0/000.png', 'valid/1/001.png'])
  expect(result.epochs.map(({ train, valid }) => [train.samples, valid.samples])).toEqual(
    Array(4).fill([19, 5]),
  )
})

test('a run without a readable photo fails with a reason', async () => {
  const dataset = tinyDataset({ train: 3, valid: 3 })
  const broken = (split: string) => dataset.samples.filter((s) => s.split === split).map(({ path }) => path)
  for (const split of ['train', 'valid'])
    await expect(begin(tinyRun({ dataset, photos: new DrawnPhotos(broken(split)) }))).rejects.toMatchObject({
      code: 'no-photos',
    })
})

test('a last batch of one joins the one before at 32 px', async () => {
  const engine = new ScriptedEngine()
  await begin(tinyRun({ engine, dataset: tinyDataset({ train: 17, valid: 3 }), stages: ['head'] }))
  expect(engine.stepCounts).toEqual([8, 9, 8, 9])
})

test('a stage without epochs is left out', async () => {
  const { head, upper, all } = tinyRecipe().stages
  const recipe = tinyRecipe({ stages: { upper, head: { ...head, epochs: 0 }, all } })
  const { result } = await begin(tinyRun({ recipe }))
  expect(result.epochs.map(({ stage }) => stage)).toEqual(['all', 'all'])
})

test('only what the unlocked stages own is read back', async () => {
  const setup = tinyRun({})
  await begin(setup)
  expect([...setup.kept[0].weights.keys()]).toEqual(['fc.weight', 'fc.bias'])
  expect(setup.kept[2].weights.size).toBe(122)
})

test('before the first step of a stage the photos of its first batch are decoded, and counted', async () => {
  const { events } = await begin(tinyRun({}))
  const first = events.findIndex(({ type }) => type === 'step')
  expect(
    ofType(events.slice(0, first), 'preparing').map(({ phase, done, total }) => [phase, done, total]),
  ).toEqual(Array.from({ length: 8 }, (_, index) => ['photos', index + 1, 8]))
  const later = ofType(events.slice(first), 'preparing')
  expect(later.filter(({ phase }) => phase === 'photos')).toHaveLength(8)
})

test('a stop while the first photos are decoded ends the run before its first step', async () => {
  const setup = tinyRun({})
  const { events, result } = await begin(setup, (event) => {
    if (event.type === 'preparing') setup.run.control.stop()
  })
  expect(ofType(events, 'step')).toHaveLength(0)
  expect(result.epochs).toHaveLength(0)
})
