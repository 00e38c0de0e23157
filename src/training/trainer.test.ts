import { expect, test } from 'vitest'
import { makeEngine } from '../../tests/engine-factory.ts'
import { EngineError, EngineUnavailable } from '../engine/index.ts'
import { LOCK_ALL } from '../model/index.ts'
import {
  type Preset,
  presentBuiltin,
  presetRecipe,
  type Recipe,
  type TrainingStage,
} from '../recipe/index.ts'
import { openWeightFile, sha256Hex, writeSafetensors } from '../weights/index.ts'
import { randomState } from '../weights/random-state.ts'
import { Checkpoints } from './checkpoints.ts'
import { isWorthIt } from './depth.ts'
import {
  DrawnPhotos,
  ofType,
  ScriptedEngine,
  timeless,
  tinyDataset,
  tinyRecipe,
  tinyRequest,
  tinyTrainer,
} from './testing/fixtures.ts'

const scripted = async () => new ScriptedEngine()

/** The n-th engine opened behaves as the n-th script says, later ones as they come. */
function scripts(...changes: ((engine: ScriptedEngine) => void)[]) {
  const engines: ScriptedEngine[] = []
  const create = async () => {
    const engine = new ScriptedEngine()
    changes[engines.length]?.(engine)
    engines.push(engine)
    return engine
  }
  return { engines, create }
}

const failsAtStep = (step: number, kind: EngineError['kind']) => (engine: ScriptedEngine) => {
  engine.onStep = (count) => {
    if (count === step) throw new EngineError(kind, `${kind} at step ${step}`)
    return {}
  }
}

test('a run names its phases, trains both stages, tests once and finishes', async () => {
  const { trainer, events, end } = tinyTrainer(scripted)
  await trainer.run(tinyRequest())
  const order = events
    .map(({ type }) => type)
    .filter((type, i, all) => type !== all[i - 1] && type !== 'checkpoint')
  expect(order.slice(0, 4)).toEqual(['phase', 'engine', 'stage', 'phase'])
  expect(ofType(events, 'tested')).toHaveLength(1)
  expect(ofType(events, 'checkpoint')).toHaveLength(4)
  const finished = end()
  if (finished.type !== 'finished') throw new Error('not finished')
  expect(finished.reason).toBe('completed')
  expect(finished.history.test?.samples).toBe(3)
  expect(finished.predictions.map(({ split }) => split)).toEqual([
    ...Array(6).fill('valid'),
    ...Array(3).fill('test'),
  ])
  expect(finished.recipe.resolved).toEqual({ engine: 'cpu', kernels: 'scripted', microBatch: null })
})

test('the result is a file with 122 entries that says how to use it', async () => {
  const { trainer } = tinyTrainer(scripted)
  expect(() => trainer.bestWeights()).toThrow('no epoch')
  await trainer.run(tinyRequest())
  const { state, metadata } = openWeightFile(trainer.bestWeights())
  expect(state.size).toBe(122)
  expect(metadata).toMatchObject({
    classes: ['class 0', 'class 1', 'class 2'],
    preprocessing: { size: 32, resize: { mode: 'both', size: 48 } },
  })
  expect(metadata.recipe?.resolved?.engine).toBe('cpu')
})

test('one stage after the other gives what both at once give', async () => {
  const both = tinyTrainer(scripted)
  await both.trainer.run(tinyRequest())
  const apart = tinyTrainer(scripted)
  await apart.trainer.run(tinyRequest({ stages: ['head'] }))
  await apart.trainer.run(tinyRequest({ stages: ['all'] }))
  const [a, b] = [both.end(), apart.end()]
  if (a.type !== 'finished' || b.type !== 'finished') throw new Error('not finished')
  expect(timeless(b.history)).toEqual(timeless(a.history))
})

/** The first stages of the presets, at the size and length of tests. */
function tinyPreset(preset: Preset): Recipe {
  const recipe = tinyRecipe()
  const { stages } = presetRecipe(preset)
  const short = (stage: TrainingStage) => ({ ...stages[stage], epochs: Math.min(2, stages[stage].epochs) })
  return { ...recipe, preset, stages: { head: short('head'), upper: short('upper'), all: short('all') } }
}

test('quick, then going on twice, gives what best gives at once; the best so far is kept', async () => {
  const whole = tinyTrainer(scripted)
  await whole.trainer.run(tinyRequest({ recipe: tinyPreset('best') }))
  const apart = tinyTrainer(scripted)
  for (const [preset, stage] of [
    ['quick', 'head'],
    ['standard', 'upper'],
    ['best', 'all'],
  ] as const)
    await apart.trainer.run(tinyRequest({ recipe: tinyPreset(preset), stages: [stage] }))
  const [a, b] = [whole.end(), apart.end()]
  if (a.type !== 'finished' || b.type !== 'finished') throw new Error('not finished')
  expect(b.history.epochs.map(({ stage }) => stage)).toEqual(['head', 'head', 'upper', 'upper', 'all', 'all'])
  expect(timeless(b.history)).toEqual(timeless(a.history))
  expect(b.history.best).toMatchObject({ stage: 'head' })
})

test('a run that goes on and is cut off before its first epoch can be resumed from what it stood on', async () => {
  const first = tinyTrainer(scripted)
  await first.trainer.run(tinyRequest({ recipe: tinyPreset('quick'), stages: ['head'] }))
  first.onEvent((event) => {
    if (event.type === 'preparing' && event.phase === 'features') first.trainer.stop()
  })
  await first.trainer.run(tinyRequest({ recipe: tinyPreset('standard'), stages: ['upper'] }))
  const second = tinyTrainer(scripted, first.store)
  expect((await second.trainer.resumable()).map(({ history }) => history.epochs.length)).toEqual([2])
  await second.trainer.run(tinyRequest({ recipe: tinyPreset('standard'), resume: true }))
  const whole = tinyTrainer(scripted)
  await whole.trainer.run(tinyRequest({ recipe: tinyPreset('standard') }))
  const [a, b] = [whole.end(), second.end()]
  if (a.type !== 'finished' || b.type !== 'finished') throw new Error('not finished')
  expect(timeless(b.history)).toEqual(timeless(a.history))
})

test('a second run on the same photos computes no features; other photos under the same names are computed', async () => {
  const { trainer, photos, end } = tinyTrainer(scripted)
  const recipe = tinyPreset('quick')
  await trainer.run(tinyRequest({ recipe }))
  // 20 photos to train on, 6 to validate and 3 to test with: each once, all plain.
  expect(photos.loaded).toEqual({ train: 0, evaluate: 29 })
  const first = end()
  await trainer.run(tinyRequest({ recipe }))
  expect(photos.loaded.evaluate).toBe(29)
  expect(end()).toEqual({ ...first, history: expect.anything() })
  await trainer.run(tinyRequest({ recipe: { ...recipe, evaluation: { ...recipe.evaluation, resize: 40 } } }))
  expect(photos.loaded.evaluate).toBe(58)
  trainer.forgetPhotos()
  await trainer.run(tinyRequest({ recipe }))
  expect(photos.loaded.evaluate).toBe(87)
})

test('a backbone that a stage has changed has features of its own', async () => {
  const { trainer, photos } = tinyTrainer(async () => {
    const engine = new ScriptedEngine()
    // The upper layers' epochs have the lower loss.
    engine.onPredict = () => [engine.rates.length > 6 ? 0.1 : 1, 0, 0]
    return engine
  })
  await trainer.run(tinyRequest({ recipe: tinyPreset('standard') }))
  const before = photos.loaded.evaluate
  // Another seed: no going on, but a run from the best weights held, with the whole backbone at rest.
  const { stages, ...recipe } = tinyPreset('best')
  const all = { ...stages.all, locked: [...LOCK_ALL], cachedViews: 1, plainView: true }
  await trainer.run(
    tinyRequest({ recipe: { ...recipe, seed: 9, stages: { ...stages, all } }, stages: ['all'] }),
  )
  // 20 to train on, 6 to validate, and 6 and 3 with the result.
  expect(photos.loaded.evaluate - before).toBe(35)
})

test('trying the depths changes nothing of the run that it goes on from', async () => {
  const wasm = () => makeEngine('wasm')
  const plain = tinyTrainer(wasm)
  const tried = tinyTrainer(wasm)
  const dataset = tinyDataset({ train: 12, valid: 6 })
  const of = (preset: Preset, stage: TrainingStage) =>
    tinyRequest({ dataset, recipe: tinyPreset(preset), stages: [stage] })
  for (const { trainer } of [plain, tried]) await trainer.run(of('quick', 'head'))
  const report = await tried.trainer.tryDepths(dataset)
  expect(report?.trials.length).toBeGreaterThan(0)
  for (const trial of report?.trials ?? []) {
    expect(trial.depth).toMatch(/^layer[34]$/)
    for (const value of [trial.before, trial.after, trial.seconds]) expect(value).toBeGreaterThan(0)
    expect(trial.error).toBeGreaterThanOrEqual(0)
  }
  for (const { trainer } of [plain, tried]) await trainer.run(of('standard', 'upper'))
  const [a, b] = [plain.end(), tried.end()]
  if (a.type !== 'finished' || b.type !== 'finished') throw new Error('not finished')
  expect(timeless(b.history)).toEqual(timeless(a.history))
  expect(await tried.trainer.tryDepths(dataset)).toBeNull()
})

test('of many photos some are tried, from a classifier that learned from no others', async () => {
  const engines: ScriptedEngine[] = []
  const { trainer, photos } = tinyTrainer(async () => {
    const engine = new ScriptedEngine()
    engines.push(engine)
    return engine
  })
  const dataset = tinyDataset({ train: 640, valid: 20 })
  await trainer.run(tinyRequest({ dataset, recipe: tinyPreset('quick'), stages: ['head'] }))
  const before = photos.loaded.evaluate
  const report = await trainer.tryDepths(dataset)
  expect(report?.choice).toBe('head')
  // The classifier's features, then layer4's activations: 601 to train on (three classes, rounded up), 20 to validate.
  expect(photos.loaded.evaluate - before).toBe(2 * 621)
  const { batch, stages } = tinyPreset('quick')
  // The last photo is alone in its batch, which batch norm cannot learn from.
  const steps = Math.floor(601 / batch)
  expect(engines.at(-1)?.rates).toHaveLength(steps * (stages.head.epochs + 3))
})

test('a depth is worth it where validation gains more than the error of the measurement', () => {
  const trial = { depth: 'layer4', before: 0.6, after: 0.5, error: 0.05, seconds: 1 } as const
  expect(isWorthIt(trial)).toBe(true)
  expect(isWorthIt({ ...trial, error: 0.11 })).toBe(false)
  expect(isWorthIt({ ...trial, after: 0.7 })).toBe(false)
})

test('stop finishes with what was learned and leaves a run to resume', async () => {
  const { trainer, onEvent, end } = tinyTrainer(scripted)
  onEvent((event) => {
    if (event.type === 'step' && event.stage === 'all') trainer.stop()
  })
  await trainer.run(tinyRequest())
  const finished = end()
  if (finished.type !== 'finished') throw new Error('not finished')
  expect(finished.reason).toBe('stopped')
  expect(finished.history.epochs).toHaveLength(2)
  expect(finished.predictions).toHaveLength(6)
  expect((await trainer.resumable()).map(({ history }) => history.epochs.length)).toEqual([2])
})

test('a completed run leaves nothing to resume', async () => {
  const { trainer } = tinyTrainer(scripted)
  await trainer.run(tinyRequest())
  expect(await trainer.resumable()).toEqual([])
})

test('a value that is not finite ends the run, with its history and the best weights kept', async () => {
  const { create } = scripts((engine) => {
    engine.onStep = (step) => ({ finite: step !== 5 })
  })
  const { trainer, end } = tinyTrainer(create)
  await trainer.run(tinyRequest())
  expect(end()).toMatchObject({
    type: 'failed',
    code: 'not-finite',
    history: { best: { stage: 'head', epoch: 1 } },
  })
  expect(openWeightFile(trainer.bestWeights()).classes).toBe(3)
})

test('a device lost within a step counts once as out of memory; the run goes on from the last whole epoch', async () => {
  const { engines, create } = scripts(failsAtStep(5, 'device-lost'), failsAtStep(2, 'device-lost'))
  const { trainer, events, end } = tinyTrainer(create)
  await trainer.run(tinyRequest())
  expect(
    ofType(events, 'notice').map(({ code, detail }) => (code === 'micro-batch-halved' ? detail : code)),
  ).toEqual(['4', 'device-reopened', 'device-reopened'])
  expect(engines.map(({ configured }) => configured.at(-1)?.microBatch)).toEqual([null, 4, 4])
  const finished = end()
  if (finished.type !== 'finished') throw new Error('not finished')
  expect(finished.history.epochs.map(({ stage, epoch }) => `${stage} ${epoch}`)).toEqual([
    'head 1',
    'head 2',
    'all 1',
    'all 2',
  ])
  expect(finished.history.microBatch).toBe(4)
  expect(finished.recipe.resolved?.microBatch).toBe(4)
})

test('memory that stays too small halves the micro-batch until there is nothing left to halve', async () => {
  const { create } = scripts(...Array(4).fill(failsAtStep(1, 'out-of-memory')))
  const { trainer, end, events } = tinyTrainer(create)
  await trainer.run(tinyRequest())
  expect(ofType(events, 'notice').map(({ detail }) => detail)).toEqual(['4', '2', '1'])
  expect(end()).toMatchObject({ type: 'failed', code: 'out-of-memory' })
})

test('a device that is lost again and again ends the run', async () => {
  const { create } = scripts(...Array(9).fill(failsAtStep(1, 'device-lost')))
  const { trainer, end } = tinyTrainer(create)
  await trainer.run(tinyRequest())
  expect(end()).toMatchObject({ type: 'failed', code: 'device-lost' })
})

test('a device that is lost and cannot be opened again ends the run, with what was learned', async () => {
  let opened = 0
  const { trainer, end } = tinyTrainer(async () => {
    if (++opened > 1) throw new EngineUnavailable('no adapter any more')
    const engine = new ScriptedEngine()
    failsAtStep(5, 'device-lost')(engine)
    return engine
  })
  await trainer.run(tinyRequest())
  expect(end()).toMatchObject({ type: 'failed', code: 'device-lost', history: { best: { stage: 'head' } } })
  expect(openWeightFile(trainer.bestWeights()).classes).toBe(3)
})

test('a dead engine is for the client to replace', async () => {
  const { create } = scripts(failsAtStep(5, 'dead'))
  const { trainer, events } = tinyTrainer(create)
  await expect(trainer.run(tinyRequest())).rejects.toMatchObject({ kind: 'dead' })
  expect(ofType(events, 'failed')).toHaveLength(0)
  expect(await trainer.resumable()).toHaveLength(1)
  await trainer.run(tinyRequest({ resume: true, deaths: 1 }))
  expect(ofType(events, 'finished')[0].history).toMatchObject({ microBatch: 4 })
})

test('a run that was cut within a step is restored from its checkpoint as one that was stopped', async () => {
  const first = tinyTrainer(scripts(failsAtStep(8, 'dead')).create)
  await expect(first.trainer.run(tinyRequest())).rejects.toThrow('step 8')
  const { trainer, end } = tinyTrainer(scripted, first.store)
  await trainer.restore(tinyRequest(), [])
  expect(end()).toMatchObject({
    type: 'finished',
    reason: 'stopped',
    history: { engine: 'cpu', best: { stage: 'head' } },
  })
  expect(openWeightFile(trainer.bestWeights()).classes).toBe(3)
  expect(await trainer.resumable()).toHaveLength(1)
})

test('a run from weights that are no longer built in says so, and goes on where their file is given', async () => {
  const bytes = writeSafetensors(randomState(3))
  const sha256 = await sha256Hex(bytes)
  const file = () => ({ name: 'former.safetensors', bytes: bytes.slice().buffer })
  const fromFile = tinyRecipe({ weights: { kind: 'file', name: 'former.safetensors', sha256 } })
  const first = tinyTrainer(scripts(failsAtStep(8, 'dead')).create)
  await expect(first.trainer.run(tinyRequest({ recipe: fromFile, weights: file() }))).rejects.toThrow(
    'step 8',
  )

  // As a version wrote it that had this file built in: it was not kept beside the checkpoint.
  const checkpoints = new Checkpoints(first.store)
  const written = await checkpoints.load('tiny')
  if (!written) throw new Error('no checkpoint')
  const weights = { kind: 'builtin', name: 'former', sha256 } as const
  await checkpoints.save('tiny', { ...written, about: { ...written.about, weights } })
  await first.store.folder('tiny').remove(`${sha256}.weights`)

  const { trainer, end } = tinyTrainer(scripted, first.store)
  expect((await trainer.resumable())[0].needs).toEqual(presentBuiltin(sha256))
  await trainer.run(tinyRequest({ resume: true }))
  expect(end()).toMatchObject({ type: 'failed', code: 'former-weights' })
  await trainer.run(tinyRequest({ resume: true, weights: file() }))
  expect(end()).toMatchObject({ type: 'finished', reason: 'completed' })
})

test('a full disk is said once and stops nothing', async () => {
  const { trainer, events, store, end } = tinyTrainer(scripted)
  const folder = store.folder('tiny')
  store.folder = () => ({
    ...folder,
    write: async () => {
      throw new Error('the disk is full')
    },
  })
  await trainer.run(tinyRequest())
  expect(ofType(events, 'notice')).toEqual([
    { type: 'notice', code: 'checkpoint-failed', detail: 'the disk is full' },
  ])
  expect(end().type).toBe('finished')
})

test('what an earlier run resolved is obeyed, unless another engine is named since', async () => {
  const resolved = { engine: 'cpu', kernels: 'scripted', microBatch: 3 } as const
  const { engines, create } = scripts()
  const first = tinyTrainer(create)
  await first.trainer.run(tinyRequest({ recipe: tinyRecipe({ resolved }) }))
  expect(engines[0].configured.at(-1)?.microBatch).toBe(3)
  const second = tinyTrainer(create)
  await second.trainer.run(tinyRequest({ recipe: tinyRecipe({ resolved, engine: 'wasm' }) }))
  expect(engines[1].configured.at(-1)?.microBatch).toBeNull()
})

test('a run and its resumption keep the kernels that it began with, whatever would be chosen now', async () => {
  let tunings = 0
  const asked: (string | undefined)[] = []
  const create: Parameters<typeof tinyTrainer>[0] = async (options) => {
    asked.push(options?.kernels)
    return new ScriptedEngine(options?.kernels ?? `tuned ${++tunings}`)
  }
  const first = tinyTrainer(create)
  first.onEvent((event) => {
    if (event.type === 'step' && event.stage === 'all') first.trainer.stop()
  })
  await first.trainer.run(tinyRequest())
  const second = tinyTrainer(create, first.store)
  await second.trainer.run(tinyRequest({ resume: true }))
  expect(asked).toEqual([undefined, 'tuned 1'])
  expect(ofType(second.events, 'notice')).toEqual([])
  expect(second.end()).toMatchObject({
    type: 'finished',
    reason: 'completed',
    history: { kernels: 'tuned 1' },
    recipe: { resolved: { kernels: 'tuned 1' } },
  })
})

test('a device that is lost is opened again with the kernels of the run', async () => {
  const asked: (string | undefined)[] = []
  const { trainer, end } = tinyTrainer(async (options) => {
    const engine = new ScriptedEngine(options?.kernels ?? 'tuned')
    if (asked.push(options?.kernels) === 1) failsAtStep(5, 'device-lost')(engine)
    return engine
  })
  await trainer.run(tinyRequest())
  expect(asked).toEqual([undefined, 'tuned'])
  expect(end()).toMatchObject({ type: 'finished', history: { kernels: 'tuned' } })
})

test('kernels are tuned for the photos of the recipe', async () => {
  const asked: unknown[] = []
  const { trainer } = tinyTrainer(async (options) => {
    asked.push(options)
    return new ScriptedEngine()
  })
  await trainer.run(tinyRequest({ recipe: tinyRecipe({ precision: 'float16' }) }))
  expect(asked[0]).toMatchObject({ tuning: { size: 32, batch: 8 }, precision: 'float16' })
})

test('the engines that share a batch are as many as the recipe says', async () => {
  const asked: unknown[] = []
  const { trainer, end } = tinyTrainer(async (options) => {
    asked.push(options)
    return new ScriptedEngine()
  })
  await trainer.run(tinyRequest({ recipe: tinyRecipe({ workers: 2 }) }))
  expect(asked[0]).toMatchObject({ workers: 2 })
  expect(end()).toMatchObject({ recipe: { workers: 2 } })
})

test('balanced classes reach the engine as weights, and none where the recipe has none', async () => {
  const configured = async (classWeights: Recipe['classWeights']) => {
    const { engines, create } = scripts()
    const { trainer } = tinyTrainer(create)
    // 20 training photos: 7, 7 and 6 of the classes.
    await trainer.run(tinyRequest({ recipe: tinyRecipe({ classWeights }) }))
    return engines[0].configured.at(-1)?.classWeights
  }
  expect(await configured('balanced')).toEqual([20 / 21, 20 / 21, 20 / 18])
  expect(await configured('none')).toBeUndefined()
})

test('a memory limit is kept by portions of the batch, and said', async () => {
  const { engines, create } = scripts((engine) => {
    engine.estimateBytes = (count) => 100e6 * count
  })
  const { trainer, events, end } = tinyTrainer(create)
  await trainer.run(tinyRequest({ recipe: tinyRecipe({ memoryLimit: 450 }) }))
  expect(engines[0].configured.at(-1)?.microBatch).toBe(3)
  expect(ofType(events, 'notice').map(({ code }) => code)).toEqual(['micro-batch'])
  expect(end()).toMatchObject({ history: { microBatch: 3 }, recipe: { resolved: { microBatch: 3 } } })
})

test('portions are those of steps that begin with what is kept', async () => {
  const { create } = scripts((engine) => {
    engine.estimateBytes = (count, _size, boundary = 0) => (boundary === 4 ? 40e6 : 100e6) * count
  })
  const { head, upper, all } = tinyRecipe().stages
  const stages = {
    upper,
    head: { ...head, epochs: 0 },
    all: { ...all, locked: LOCK_ALL.slice(0, 4), cachedViews: 2 },
  }
  const { trainer, end } = tinyTrainer(create)
  await trainer.run(tinyRequest({ recipe: tinyRecipe({ memoryLimit: 450, stages }) }))
  expect(end()).toMatchObject({ type: 'finished', recipe: { resolved: { microBatch: null } } })
})

test('portions that hold all photos are none to speak of', async () => {
  const { trainer, events, end } = tinyTrainer(
    scripts((engine) => {
      engine.estimateBytes = (count) => 1e6 * count
    }).create,
  )
  await trainer.run(tinyRequest({ recipe: tinyRecipe({ batch: 512, memoryLimit: 450 }) }))
  expect(ofType(events, 'notice')).toEqual([])
  expect(end()).toMatchObject({ history: { microBatch: 257 } })
})

test('a run cannot be resumed without a checkpoint, nor with other photos', async () => {
  const { trainer, onEvent, end } = tinyTrainer(scripted)
  await trainer.run(tinyRequest({ resume: true }))
  expect(end()).toMatchObject({ type: 'failed', code: 'checkpoint' })
  onEvent((event) => {
    if (event.type === 'step' && event.stage === 'all') trainer.stop()
  })
  await trainer.run(tinyRequest())
  await trainer.run(tinyRequest({ resume: true, dataset: tinyDataset({ train: 21, valid: 6, test: 3 }) }))
  expect(end()).toMatchObject({ type: 'failed', code: 'checkpoint' })
})

test('a photo that was found unreadable before a stop stays skipped after it', async () => {
  const photos = new DrawnPhotos(['train/0/000.png'])
  const first = tinyTrainer(scripted, undefined, photos)
  first.onEvent((event) => {
    if (event.type === 'step' && event.stage === 'head' && event.epoch === 2) first.trainer.stop()
  })
  await first.trainer.run(tinyRequest())
  const second = tinyTrainer(scripted, first.store, photos)
  await second.trainer.run(tinyRequest({ resume: true }))
  expect(ofType(first.events, 'photo-skipped')).toHaveLength(1)
  expect(ofType(second.events, 'photo-skipped')).toHaveLength(0)
  expect(ofType(second.events, 'finished')[0].history.epochs.map(({ train }) => train.samples)).toEqual(
    Array(4).fill(19),
  )
})

test('a run that is cut right after stage one goes on with stage two', async () => {
  const first = tinyTrainer(scripted)
  first.onEvent((event) => {
    if (event.type === 'step' && event.stage === 'all') first.trainer.stop()
  })
  await first.trainer.run(tinyRequest())
  const second = tinyTrainer(scripted, first.store)
  await second.trainer.run(tinyRequest({ resume: true }))
  const { epochs } = ofType(second.events, 'finished')[0].history
  expect(epochs.map(({ stage, epoch }) => `${stage} ${epoch}`)).toEqual([
    'head 1',
    'head 2',
    'all 1',
    'all 2',
  ])
})

test('weights that the recipe asks for and nobody gives are a failure with a reason', async () => {
  const { trainer, end } = tinyTrainer(scripted)
  await trainer.run(tinyRequest({ recipe: tinyRecipe({ weights: { kind: 'file', name: 'mine.pth' } }) }))
  expect(end()).toMatchObject({ type: 'failed', code: 'weights' })
})

test('a dropped weight file is kept with the checkpoint and found again', async () => {
  const source = tinyTrainer(scripted)
  await source.trainer.run(tinyRequest())
  const bytes = source.trainer.bestWeights()
  const recipe = tinyRecipe({ weights: { kind: 'file', name: 'mine.safetensors' } })
  const first = tinyTrainer(scripted)
  first.onEvent((event) => {
    if (event.type === 'step' && event.stage === 'all') first.trainer.stop()
  })
  await first.trainer.run(tinyRequest({ recipe, weights: { name: 'mine.safetensors', bytes: bytes.buffer } }))
  const second = tinyTrainer(scripted, first.store)
  await second.trainer.run(tinyRequest({ resume: true }))
  expect(second.end()).toMatchObject({ type: 'finished', reason: 'completed' })
})

test('a loaded file classifies pictures and photos, in its own words', async () => {
  const source = tinyTrainer(scripted)
  await source.trainer.run(tinyRequest())
  const { trainer } = tinyTrainer(scripted)
  const info = trainer.loadForClassifying('best.safetensors', source.trainer.bestWeights())
  expect(info).toMatchObject({ classes: ['class 0', 'class 1', 'class 2'], size: 32 })
  const { top } = await trainer.classify(new Uint8Array(32 * 32 * 3), 32)
  expect(top.map(({ name }) => name)).toEqual(['class 0', 'class 1', 'class 2'])
  const predictions = await trainer.predict(tinyRequest().dataset, 'valid')
  expect(predictions).toHaveLength(6)
  trainer.forgetLoaded()
  expect(() => trainer.classify(new Uint8Array(32 * 32 * 3), 32)).toThrow('no weights')
})

test('photos of no dataset are classified in their order; those that cannot be read have a reason', async () => {
  const source = tinyTrainer(scripted)
  await source.trainer.run(tinyRequest())
  const [first, second, third] = tinyRequest().dataset.samples
  const { trainer } = tinyTrainer(scripted, undefined, new DrawnPhotos([second.path]))
  trainer.loadForClassifying('best.safetensors', source.trainer.bestWeights())
  const answers = await trainer.classifyPhotos([third, second, first], 2)
  expect(answers.map((answer) => ('top' in answer ? answer.top.length : answer.reason))).toEqual([
    2,
    'not an image',
    2,
  ])
  expect(answers.map(({ path }) => path)).toEqual([third.path, second.path, first.path])
})

test('the best weights say what they hold', async () => {
  const { trainer } = tinyTrainer(scripted)
  expect(() => trainer.describeWeights()).toThrow('no epoch')
  await trainer.run(tinyRequest())
  const info = trainer.describeWeights()
  expect(info).toMatchObject({
    bytes: trainer.bestWeights().length,
    entries: 122,
    classes: ['class 0', 'class 1', 'class 2'],
    size: 32,
  })
  expect(info.recipe?.resolved?.engine).toBe('cpu')
})

test('only one run goes on at a time', async () => {
  const { trainer } = tinyTrainer(scripted)
  const first = trainer.run(tinyRequest())
  await expect(trainer.run(tinyRequest())).rejects.toThrow('going on')
  await first
})

test('WebGPU that the recipe asks for and the browser lacks is a failure with that reason', async () => {
  const { trainer, end } = tinyTrainer(async () => {
    throw new EngineUnavailable('this browser gives no WebGPU adapter')
  })
  await trainer.run(tinyRequest({ recipe: tinyRecipe({ engine: 'webgpu' }) }))
  expect(end()).toMatchObject({ type: 'failed', code: 'no-webgpu', history: null })
})

test('a run whose engine is gone goes on with the one that a probe chooses, and says so', async () => {
  const resolved = { engine: 'webgpu', kernels: 'gone', microBatch: null } as const
  let tries = 0
  const { trainer, end, events } = tinyTrainer(async () => {
    if (++tries <= 2) throw new EngineUnavailable('no adapter any more')
    return new ScriptedEngine()
  })
  await trainer.run(tinyRequest({ recipe: tinyRecipe({ engine: 'auto', resolved }) }))
  expect(end()).toMatchObject({ type: 'finished', reason: 'completed' })
  expect(ofType(events, 'notice').map(({ code }) => code)).toEqual(['other-kernels'])
})
