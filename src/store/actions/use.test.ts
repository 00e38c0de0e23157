/** What a person does with a trained network: looking through its answers, trying photos and folders. */

import { beforeEach, expect, test, vi } from 'vitest'
import type { Dataset, Sample } from '../../dataset/types.ts'
import type { PhotoPrediction } from '../../training/events.ts'
import { PATIENT } from '../../training/testing/patient.ts'
import type { PhotoAnswer } from '../../training/trainer-api.ts'
import { filterPredictions, initialResults, useResults } from '../results.ts'
import { idleRun, type RunStatus } from '../run-state.ts'
import { provideServices, type Services } from '../services.ts'
import { initialState, useApp } from '../state.ts'
import { fakeServices, fakeTrainer, folderOf, photoFile } from '../testing.ts'
import {
  cancelFolder,
  classifyFolderFiles,
  classifyPickedFolder,
  MOST_TRIED,
  tryPhotos,
  tryWebcam,
} from './classify.ts'
import { openPhoto, predictSplit, showConfused } from './results.ts'

const sample = (path: string, split: Sample['split'], label: number): Sample => ({
  path,
  split,
  label,
  source: { kind: 'file', file: photoFile(path) },
})
const dataset: Dataset = {
  name: 'insects',
  classes: [
    { id: 'ants', name: 'ants' },
    { id: 'bees', name: 'bees' },
  ],
  samples: [sample('t/1.jpg', 'train', 0), sample('v/1.jpg', 'valid', 0), sample('v/2.jpg', 'valid', 1)],
  problems: [],
  ignored: 0,
  splitBySeed: false,
}
const prediction = (
  path: string,
  split: Sample['split'],
  trueClass: number,
  predictedClass: number,
  confidence: number,
): PhotoPrediction => ({ path, split, trueClass, predictedClass, confidence, loss: 1 })

const predictions = [
  prediction('v/1.jpg', 'valid', 0, 0, 0.6),
  prediction('v/2.jpg', 'valid', 1, 0, 0.9),
  prediction('v/3.jpg', 'valid', 1, 1, 0.7),
]

/** Named by what its path holds; `bad` cannot be read. */
function answer({ path }: Sample): PhotoAnswer {
  if (path.includes('bad')) return { path, reason: 'not an image' }
  const label = path.includes('bee') ? 1 : 0
  return { path, top: [{ label, name: ['ants', 'bees'][label], probability: 0.75 }] }
}

const setStatus = (status: RunStatus) => useApp.setState(({ run }) => ({ run: { ...run, status } }))

function provide(trainer: Partial<Services['trainer']>, own: Partial<Services> = {}) {
  provideServices(fakeServices({ trainer: fakeTrainer(trainer), ...own }))
}

beforeEach(() => {
  useApp.setState(
    {
      ...initialState,
      data: { ...initialState.data, status: 'ready', dataset },
      run: { ...idleRun, status: 'completed', predictions },
      classifier: {
        source: 'run',
        name: 'insects',
        classes: ['ants', 'bees'],
        evaluation: { mode: 'both', resize: 96, crop: 64 },
        accuracy: 0.9,
      },
    },
    true,
  )
  useResults.setState(initialResults, true)
  provide({ classifyPhotos: async (samples) => samples.map(answer) })
})

test('predictions are filtered by right and wrong and by class, and ordered by confidence', () => {
  const paths = (...args: Parameters<typeof filterPredictions>) =>
    filterPredictions(...args).map((p) => p.path)
  const any = { shown: 'all', trueClass: null, predictedClass: null } as const
  expect(paths(predictions, any, 'surest')).toEqual(['v/2.jpg', 'v/3.jpg', 'v/1.jpg'])
  expect(paths(predictions, any, 'least-sure')).toEqual(['v/1.jpg', 'v/3.jpg', 'v/2.jpg'])
  expect(paths(predictions, { ...any, shown: 'wrong' }, 'folder')).toEqual(['v/2.jpg'])
  expect(paths(predictions, { ...any, trueClass: 1, shown: 'right' }, 'folder')).toEqual(['v/3.jpg'])
  expect(paths(predictions, { ...any, predictedClass: 0 }, 'folder')).toEqual(['v/1.jpg', 'v/2.jpg'])
})

test('a cell of the confusion matrix shows its photos, whatever was filtered before', () => {
  useResults.setState({ shown: 'right' })
  showConfused(1, 0)
  expect(useApp.getState().tab).toBe('photos')
  expect(filterPredictions(predictions, useResults.getState(), 'folder').map(({ path }) => path)).toEqual([
    'v/2.jpg',
  ])
})

test('training photos are predicted once for the same weights, and again for others', async () => {
  const predict = vi.fn(async () => [prediction('t/1.jpg', 'train', 0, 0, 0.8)])
  provide({ predict })
  await predictSplit('train')
  await predictSplit('train')
  await predictSplit('valid')
  expect(predict).toHaveBeenCalledTimes(1)
  expect(useResults.getState().asked.train?.status).toBe('ready')
  useApp.setState(({ classifier }) => ({ classifier: classifier && { ...classifier, name: 'other' } }))
  await predictSplit('train')
  expect(predict).toHaveBeenCalledTimes(2)
})

test('a split that could not be predicted says why and can be asked for again', async () => {
  const predict = vi.fn().mockRejectedValueOnce(new Error('the folder is gone')).mockResolvedValue([])
  provide({ predict })
  await predictSplit('train')
  expect(useResults.getState().asked.train).toMatchObject({ status: 'failed', detail: 'the folder is gone' })
  await predictSplit('train')
  expect(useResults.getState().asked.train?.status).toBe('ready')
})

test('who leafs through photos gets the probabilities of the last one', async () => {
  const asked: string[] = []
  provide({
    classifyPhotos: async (samples) => {
      asked.push(...samples.map(({ path }) => path))
      return samples.map(answer)
    },
  })
  await Promise.all([openPhoto('v/1.jpg'), openPhoto('v/2.jpg')])
  expect(asked).toEqual(['v/2.jpg'])
  expect(useResults.getState().opened).toMatchObject({ path: 'v/2.jpg', answer: { path: 'v/2.jpg' } })
})

test('another folder forgets filters and what was open', () => {
  useResults.setState({ trueClass: 1, opened: { path: 'v/1.jpg', answer: null } })
  useApp.setState(({ data }) => ({ data: { ...data, dataset: { ...dataset, samples: [] } } }))
  expect(useResults.getState()).toMatchObject({ trueClass: null, opened: null })
})

test('tried photos are answered in their order, and one that cannot be read has its reason', async () => {
  await tryPhotos([photoFile('ant.jpg'), photoFile('bad.jpg'), photoFile('bee.jpg')])
  expect(
    useApp.getState().tried.map(({ name, result, error }) => [name, result?.top[0].name, error]),
  ).toEqual([
    ['ant.jpg', 'ants', null],
    ['bad.jpg', undefined, 'not an image'],
    ['bee.jpg', 'bees', null],
  ])
})

test('photos tried while the network learns wait for a pause', async () => {
  setStatus('running')
  const tried = tryPhotos([photoFile('ant.jpg')])
  await Promise.resolve()
  expect(useApp.getState().tried[0].result).toBeNull()
  setStatus('paused')
  await tried
  expect(useApp.getState().tried[0].result?.top[0].name).toBe('ants')
})

test('only the newest tried photos are held', async () => {
  await tryPhotos(Array.from({ length: MOST_TRIED + 50 }, (_, i) => photoFile(`ant ${i}.jpg`)))
  await tryPhotos([photoFile('newest.jpg')])
  const { tried } = useApp.getState()
  expect(tried).toHaveLength(MOST_TRIED)
  expect(tried[0].name).toBe('newest.jpg')
})

const gather = (paths: string[]) => ({ gatherFiles: async () => folderOf('garden', paths) })
const table = async () => (await useResults.getState().folder?.table?.text())?.trim().split('\n')

test('a folder becomes a table in the order of its paths; hidden files and texts stay out', async () => {
  provide(
    { classifyPhotos: async (samples) => samples.map(answer) },
    gather(['b/bee.jpg', 'a/ant.jpg', 'bad.png', 'notes.txt', '.hidden/ant.jpg', '__MACOSX/ant.jpg']),
  )
  await classifyFolderFiles([])
  expect(useResults.getState().folder).toMatchObject({
    name: 'garden',
    status: 'completed',
    done: 3,
    total: 3,
    tally: [1, 1],
    unreadable: 1,
    errors: [{ path: 'bad.png', reason: 'not an image' }],
  })
  expect(await table()).toEqual([
    'path,predicted,confidence,second,second_confidence,third,third_confidence,error',
    'a/ant.jpg,ants,0.750000,,,,,',
    'b/bee.jpg,bees,0.750000,,,,,',
    'bad.png,,,,,,,not an image',
  ])
})

test('a folder that is cancelled keeps the rows so far', async () => {
  let calls = 0
  provide(
    {
      classifyPhotos: async (samples) => {
        if (++calls === 3) cancelFolder()
        return samples.map(answer)
      },
    },
    gather(Array.from({ length: 200 }, (_, i) => `${String(i).padStart(3, '0')}.jpg`)),
  )
  await classifyFolderFiles([])
  const job = useResults.getState().folder
  expect(job).toMatchObject({ status: 'cancelled', total: 200 })
  expect(job?.done).toBeGreaterThan(0)
  expect(job?.done).toBeLessThan(200)
  expect(await table()).toHaveLength((job?.done ?? 0) + 1)
})

test('a network that fails in mid-folder is said, with the rows so far', async () => {
  let calls = 0
  provide(
    {
      classifyPhotos: async (samples) => {
        if (++calls === 2) throw new Error('the engine died')
        return samples.map(answer)
      },
    },
    gather(Array.from({ length: 70 }, (_, i) => `${i}.jpg`)),
  )
  await classifyFolderFiles([])
  expect(useResults.getState().folder).toMatchObject({
    status: 'failed',
    failure: 'the engine died',
    done: 32,
  })
  expect(await table()).toHaveLength(33)
})

test('a folder waits while the network learns, and goes on in a pause', async () => {
  provide({ classifyPhotos: async (samples) => samples.map(answer) }, gather(['ant.jpg']))
  setStatus('running')
  const job = classifyFolderFiles([])
  await vi.waitFor(() => expect(useResults.getState().folder?.status).toBe('waiting'), PATIENT)
  setStatus('paused')
  await job
  expect(useResults.getState().folder?.status).toBe('completed')
})

test('a folder without photos, and a picker that is closed, leave nothing half done', async () => {
  provide({}, { ...gather(['notes.txt']), pickFolder: async () => null })
  await classifyFolderFiles([])
  expect(useResults.getState().folder).toMatchObject({ status: 'completed', total: 0 })
  await classifyPickedFolder()
  expect(useResults.getState().folder).toMatchObject({ name: 'garden', total: 0 })
})

test('a folder that cannot be read is said', async () => {
  provide({}, { gatherFiles: () => Promise.reject(new Error('it is gone')) })
  await classifyFolderFiles([])
  expect(useResults.getState().folder).toMatchObject({ status: 'failed', failure: 'it is gone' })
})

test('the webcam is asked for with its tab', () => {
  tryWebcam()
  expect(useApp.getState()).toMatchObject({ tab: 'try', panel: 'results' })
  expect(useResults.getState().webcamWanted).toBe(true)
})
