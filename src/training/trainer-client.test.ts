/** Stop, where the worker is within a step and hears nothing; the workers here are scripts. */
import { expose } from 'comlink'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EpochLog, History, PhotoPrediction, TrainEvent } from './events.ts'
import { tinyRecipe, tinyRequest } from './testing/fixtures.ts'
import { PATIENT } from './testing/patient.ts'
import type { TrainerApi } from './trainer-api.ts'
import { TrainerClient } from './trainer-client.ts'

beforeEach(() => void vi.stubGlobal('document', { baseURI: 'http://localhost/' }))
afterEach(() => void vi.unstubAllGlobals())

const metrics = { loss: 1, accuracy: 1, correct: 1, samples: 1 }
const log: EpochLog = {
  stage: 'head',
  epoch: 1,
  learningRate: 1,
  train: metrics,
  valid: metrics,
  seconds: 1,
  locked: [],
}
const best = { stage: 'head', epoch: 1, accuracy: 1, loss: 1 } as const
const prediction: PhotoPrediction = {
  path: 'a',
  split: 'valid',
  trueClass: 0,
  predictedClass: 0,
  confidence: 1,
  loss: 0,
}
const epoch: TrainEvent = { type: 'epoch', log, best, isBest: true, predictions: [prediction] }
const checkpoint: TrainEvent = { type: 'checkpoint', stage: 'head', epoch: 1 }
const history: History = { epochs: [log], best, engine: 'wasm', adapter: '', kernels: '', version: '' }
const finished: TrainEvent = {
  type: 'finished',
  reason: 'stopped',
  history,
  predictions: [],
  recipe: tinyRecipe(),
}

type Emit = (event: TrainEvent) => void
const forever = () => new Promise<never>(() => {})

/** A worker of the given answers. */
function scriptedWorker(answers: (emit: Emit) => Partial<TrainerApi>) {
  const { port1, port2 } = new MessageChannel()
  let events: MessagePort | null = null
  const emit: Emit = (event) => events?.postMessage(event)
  expose(
    {
      begin: async () => undefined,
      connectLoaders: async () => undefined,
      connectEvents: async (port: MessagePort) => {
        events = port
      },
      ...answers(emit),
    },
    port2,
  )
  return Object.assign(port1, { terminate: () => port2.close(), onerror: null })
}

/** Within a step: after the events the run goes on for ever and nothing is heard. */
const busy = (events: TrainEvent[]) => (emit: Emit) => ({
  run: async () => {
    for (const event of events) emit(event)
    return forever()
  },
  stop: forever,
})

function client(...scripts: ((emit: Emit) => Partial<TrainerApi>)[]) {
  const started: unknown[] = []
  const events: TrainEvent[] = []
  const trainer = new TrainerClient({
    loaderPorts: () => [],
    startWorker() {
      const worker = scriptedWorker(scripts[started.length])
      started.push(worker)
      return worker
    },
  })
  trainer.onEvent((event) => events.push(event))
  return { trainer, started, events }
}

test('a worker within a step is ended, and the checkpoint is the result', async () => {
  const { trainer, started, events } = client(busy([epoch, checkpoint]), (emit) => ({
    restore: async (_, predictions) => emit({ ...finished, predictions: [...predictions] }),
  }))
  const run = trainer.run(tinyRequest())
  await vi.waitFor(() => expect(events).toHaveLength(2), PATIENT)
  await trainer.stop()
  await run
  expect(started).toHaveLength(2)
  expect(events[2]).toEqual({ ...finished, predictions: [prediction] })
  trainer.close()
})

test('a worker that holds an epoch which is not saved yet is waited for', async () => {
  const { trainer, started, events } = client(busy([checkpoint, epoch]))
  const run = trainer.run(tinyRequest())
  await vi.waitFor(() => expect(events).toHaveLength(2), PATIENT)
  await trainer.stop()
  expect(started).toHaveLength(1)
  trainer.close()
  await run
  expect(started).toHaveLength(1)
})

test('an engine that died takes its worker along; the run goes on in another', async () => {
  const dead = () => ({
    run: async () => {
      throw Object.assign(new Error('the instance aborted'), { name: 'EngineError' })
    },
  })
  const { trainer, started, events } = client(dead, (emit) => ({
    resumable: async () => [],
    run: async ({ deaths }) => {
      expect(deaths).toBe(1)
      emit(finished)
    },
  }))
  await trainer.run(tinyRequest())
  expect(started).toHaveLength(2)
  expect(events.map(({ type }) => type)).toEqual(['notice', 'finished'])
  trainer.close()
})

test('runs are looked for without a worker where no checkpoint is kept', async () => {
  let kept = false
  const startWorker = vi.fn(() => scriptedWorker(() => ({ resumable: async () => [] })))
  const trainer = new TrainerClient({ loaderPorts: () => [], startWorker, hasCheckpoints: async () => kept })
  expect(await trainer.resumable()).toEqual([])
  expect(startWorker).not.toHaveBeenCalled()
  kept = true
  expect(await trainer.resumable()).toEqual([])
  expect(startWorker).toHaveBeenCalledOnce()
  trainer.close()
})
