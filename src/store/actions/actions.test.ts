import { beforeEach, expect, test, vi } from 'vitest'
import type { GatheredFolder } from '../../dataset/types.ts'
import { FORMER_BUILTIN_WEIGHTS, presetRecipe } from '../../recipe/index.ts'
import type { EpochLog, TrainEvent } from '../../training/events.ts'
import { PATIENT } from '../../training/testing/patient.ts'
import type { ResumableRun, RunRequest } from '../../training/trainer-api.ts'
import { WeightsError } from '../../weights/index.ts'
import { provideServices, type Services } from '../services.ts'
import { initialState, useApp } from '../state.ts'
import { fakeServices, fakeTrainer, folderOf } from '../testing.ts'
import { openFiles, openSamples } from './data.ts'
import { photosKey } from './dataset-facts.ts'
import { changeRecipe, choosePreset, setLocked } from './recipe.ts'
import { resumeRun } from './resume.ts'
import { followTrainer, stop, train, trainWithoutGraphicsCard } from './training.ts'
import { areHere, downloadImageNet, giveWeightFile } from './weights.ts'

const photos = [
  'train/ants/1.jpg',
  'train/ants/2.jpg',
  'train/bees/1.jpg',
  'valid/ants/1.jpg',
  'valid/bees/1.jpg',
]

const samples = folderOf(
  'sample photos',
  ['train', 'valid'].flatMap((split) => ['a', 'b'].map((name) => `${split}/${name}/1.jpg`)),
)

let requests: RunRequest[]
let emit: (event: TrainEvent) => void
let gathered: GatheredFolder
let openImageNet: Services['openImageNet']
let checkWeightFile: Services['checkWeightFile']

beforeEach(() => {
  requests = []
  gathered = folderOf('insects', photos)
  openImageNet = async () => ({ name: 'imagenet', bytes: new ArrayBuffer(4) })
  useApp.setState(initialState, true)
  provideServices(
    fakeServices({
      trainer: fakeTrainer({
        run: async (request) => {
          requests.push(request)
        },
      }),
      onTrainEvent: (listener) => {
        emit = listener
        return () => {}
      },
      gatherDrop: async () => gathered,
      gatherFiles: async () => gathered,
      gatherSamples: async () => samples,
      prepare: async () => [{ path: 'train/ants/2.jpg', reason: 'the file is cut off' }],
      openImageNet: (options) => openImageNet(options),
      checkWeightFile: (bytes) => checkWeightFile(bytes),
    }),
  )
})

test('a folder becomes a dataset, is measured, and its unreadable photos are listed', async () => {
  await openFiles([])
  const { data, probe } = useApp.getState()
  expect(data.status).toBe('ready')
  expect(data.dataset?.classes.map(({ id }) => id)).toEqual(['ants', 'bees'])
  expect(probe?.rates.wasm).toBe(20)
  await vi.waitFor(() => expect(useApp.getState().data.unreadable).toHaveLength(1), PATIENT)
})

test('a folder without a class leaves what was open and says why', async () => {
  await openFiles([])
  gathered = folderOf('loose', ['1.jpg', '2.jpg'])
  await openFiles([])
  const { data } = useApp.getState()
  expect(data.dataset?.name).toBe('insects')
  expect(data.rejected.map(({ code }) => code)).toEqual(['loose-photos'])
})

test('the checkpoint key hangs on the photos, not on their order', async () => {
  await openFiles([])
  const first = useApp.getState().data.checkpointKey
  gathered = folderOf('insects', photos.toReversed())
  await openFiles([])
  expect(useApp.getState().data.checkpointKey).toBe(first)
  gathered = folderOf('insects', [...photos, 'train/bees/2.jpg'])
  await openFiles([])
  expect(useApp.getState().data.checkpointKey).not.toBe(first)
})

test('training asks for all stages with the recipe that is shown', async () => {
  await openSamples()
  choosePreset('course')
  expect(changeRecipe((recipe) => ({ ...recipe, batch: 16, seed: 5 }))).toBeNull()
  await setLocked(['layer1', 'stem'])
  await train()
  expect(requests).toHaveLength(1)
  expect(requests[0].stages).toEqual(['head', 'upper', 'all'])
  expect(requests[0].recipe).toMatchObject({ batch: 16, seed: 5, preset: 'course' })
  expect(requests[0].recipe.stages.all.locked).toEqual(['stem', 'layer1'])
  expect(requests[0].weights).toBeUndefined()
})

test('a value that no recipe may have is not taken', () => {
  expect(changeRecipe((recipe) => ({ ...recipe, batch: 0 }))).toMatchObject({
    path: 'batch',
    code: 'too-small',
  })
  expect(useApp.getState().recipe.batch).toBe(presetRecipe('course').batch)
})

test('a preset keeps the seed and the engine that were chosen', () => {
  changeRecipe((recipe) => ({ ...recipe, seed: 9, engine: 'wasm' }))
  choosePreset('quick')
  expect(useApp.getState().recipe).toMatchObject({ preset: 'quick', seed: 9, engine: 'wasm' })
})

test('a cut-off run waits for its photos and then goes on with its own recipe', async () => {
  await openFiles([])
  const { data } = useApp.getState()
  const run: ResumableRun = {
    checkpointKey: photosKey(data.dataset!),
    datasetName: 'insects',
    savedAt: '2026-01-01T00:00:00Z',
    needs: null,
    recipe: { ...presetRecipe('course'), seed: 77 },
    history: { epochs: [], best: null, engine: 'wasm', adapter: '', kernels: '', version: '' },
  }
  useApp.setState(initialState, true)
  await resumeRun(run)
  expect(requests).toHaveLength(0)
  expect(useApp.getState().awaiting).toBe(run)
  gathered = folderOf('other', ['x/1.jpg', 'x/2.jpg', 'y/1.jpg', 'y/2.jpg'])
  await openFiles([])
  expect(requests).toHaveLength(0)
  gathered = folderOf('insects', photos)
  await openFiles([])
  expect(requests).toHaveLength(1)
  expect(requests[0]).toMatchObject({ resume: true, recipe: { seed: 77 } })
  expect(useApp.getState().awaiting).toBeNull()
})

test('stage two alone goes on from the stage one that is shown, unless the settings changed', async () => {
  const log: EpochLog = {
    stage: 'head',
    epoch: 1,
    learningRate: 0.01,
    train: { loss: 1, accuracy: 0.5, correct: 1, samples: 2 },
    valid: { loss: 1, accuracy: 0.5, correct: 1, samples: 2 },
    seconds: 1,
    locked: [],
  }
  await openSamples()
  await train(['head'])
  const ended = {
    ...useApp.getState().run,
    status: 'completed' as const,
    stage: 'head' as const,
    epochs: [log],
    best: { stage: 'head' as const, epoch: 1, accuracy: 0.5, loss: 1 },
    watched: new Map([['valid/a.jpg', [1]]]),
  }
  useApp.setState({ run: ended })
  await train(['all'])
  expect(useApp.getState().run).toMatchObject({ epochs: [log], watched: ended.watched })
  useApp.setState({ run: ended })
  changeRecipe((recipe) => ({ ...recipe, batch: 16 }))
  await train(['all'])
  expect(useApp.getState().run.epochs).toEqual([])
})

test('a run that goes on is not replaced by another folder', async () => {
  await openSamples()
  followTrainer()
  await train()
  emit({ type: 'stage', stage: 'head', epochs: 2, locked: [] })
  await openFiles([])
  expect(useApp.getState().data.dataset?.name).toBe('sample photos')
})

test('a switch during a run is asked of the trainer and counts from the next epoch', async () => {
  await openSamples()
  await train()
  await setLocked(['stem'])
  expect(useApp.getState().run.nextLocked).toEqual(['stem'])
  expect(useApp.getState().recipe.stages.all.locked).toEqual([])
})

test('a failed download keeps the built-in weights and says what happened; one that works is chosen', async () => {
  openImageNet = async () => {
    throw new WeightsError('no-answer', 'no byte came')
  }
  await downloadImageNet()
  expect(useApp.getState().weights.imagenet).toMatchObject({ status: 'failed', code: 'no-answer' })
  expect(useApp.getState().recipe.weights.kind).toBe('builtin')
  openImageNet = async () => ({ name: 'imagenet', bytes: new ArrayBuffer(4) })
  await downloadImageNet('mirror.example')
  expect(useApp.getState().weights.imagenet.status).toBe('kept')
  expect(useApp.getState().recipe.weights.kind).toBe('imagenet')
})

test('a file trains only where it is the one that the recipe names', async () => {
  const sha256 = 'a'.repeat(64)
  checkWeightFile = async () => ({ sha256, classes: null, classNames: null })
  await openSamples()
  await giveWeightFile(new File(['abcd'], 'mine.safetensors'))
  expect(useApp.getState().recipe.weights).toEqual({ kind: 'file', name: 'mine.safetensors', sha256 })
  await train()
  expect(requests[0].weights?.name).toBe('mine.safetensors')
  const { weights } = useApp.getState()
  expect(areHere(FORMER_BUILTIN_WEIGHTS, weights)).toBe(false)
  expect(areHere({ kind: 'file', name: 'renamed.safetensors', sha256 }, weights)).toBe(true)
})

test('a stop while the weights are still on their way starts nothing', async () => {
  let arrive = (_: { name: string; bytes: ArrayBuffer }) => {}
  openImageNet = () =>
    new Promise((resolve) => {
      arrive = resolve
    })
  await openSamples()
  changeRecipe((recipe) => ({ ...recipe, weights: { kind: 'imagenet' } }))
  const training = train()
  await vi.waitFor(() => expect(useApp.getState().run.phase).toBe('weights'), PATIENT)
  await stop()
  arrive({ name: 'imagenet', bytes: new ArrayBuffer(4) })
  await training
  expect(requests).toHaveLength(0)
  expect(useApp.getState().run.status).toBe('stopped')
})

test('where WebGPU was asked for in vain, the same stages train on the processor', async () => {
  await openSamples()
  changeRecipe((recipe) => ({ ...recipe, engine: 'webgpu' }))
  followTrainer()
  await train(['all'])
  emit({ type: 'failed', code: 'no-webgpu', detail: 'no adapter', history: null })
  await vi.waitFor(() => expect(useApp.getState().run.failure?.code).toBe('no-webgpu'), PATIENT)
  await trainWithoutGraphicsCard()
  expect(requests.map(({ recipe, stages }) => [recipe.engine, stages])).toEqual([
    ['webgpu', ['all']],
    ['wasm', ['all']],
  ])
  expect(useApp.getState().run.failure).toBeNull()
})
