import { expect, test } from 'vitest'
import type { EpochLog, PhotoPrediction, TrainEvent } from '../training/events.ts'
import { idleRun, isActive, type RunState, reduceRun, WATCHED } from './run-state.ts'

const metrics = { loss: 0.5, accuracy: 0.75, correct: 3, samples: 4 }

function log(stage: 'head' | 'all', epoch: number): EpochLog {
  const locked = stage === 'head' ? (['stem', 'layer1', 'layer2', 'layer3', 'layer4'] as const) : []
  return { stage, epoch, learningRate: 0.01, train: metrics, valid: metrics, seconds: 2, locked }
}

function epochEvent(stage: 'head' | 'all', epoch: number, predictions: PhotoPrediction[] = []): TrainEvent {
  const best = { stage, epoch, accuracy: 0.75, loss: 0.5 }
  return { type: 'epoch', log: log(stage, epoch), best, isBest: true, predictions }
}

const stepEvent = (stage: 'head' | 'all', epoch: number, step: number): TrainEvent => ({
  type: 'step',
  stage,
  epoch,
  step,
  steps: 4,
  loss: 1,
  learningRate: 0.01,
  samples: 32 * step,
  samplesPerSecond: 40,
})

const stageEvent = (stage: 'head' | 'all'): TrainEvent => ({
  type: 'stage',
  stage,
  epochs: 2,
  locked: log(stage, 1).locked,
})

const after = (events: TrainEvent[], from: RunState = { ...idleRun, status: 'starting' }): RunState =>
  events.reduce((state, event, index) => reduceRun(state, event, index * 1000), from)

test('before the first loss the phase is named, with how much of it is done', () => {
  const state = after([
    { type: 'phase', phase: 'weights' },
    { type: 'phase', phase: 'photos' },
    { type: 'preparing', phase: 'photos', done: 3, total: 12 },
  ])
  expect(state.status).toBe('starting')
  expect(state.phase).toBe('photos')
  expect(state.preparing).toMatchObject({ done: 3, total: 12 })
})

test('the first step ends the phases', () => {
  const state = after([{ type: 'phase', phase: 'photos' }, stageEvent('head'), stepEvent('head', 1, 1)])
  expect(state.status).toBe('running')
  expect(state.phase).toBeNull()
  expect(state.samplesPerSecond).toBe(40)
})

test('stage two stands behind stage one on the axis of steps', () => {
  const state = after([
    stageEvent('head'),
    stepEvent('head', 1, 2),
    epochEvent('head', 1),
    stepEvent('head', 2, 4),
    epochEvent('head', 2),
    stageEvent('all'),
    stepEvent('all', 1, 1),
  ])
  expect(state.stepSeries.points.map(({ position }) => position)).toEqual([0.5, 2, 2.25])
})

test('a switch during the run counts from the next epoch on', () => {
  const asked = { ...after([stageEvent('all'), stepEvent('all', 1, 1)]), nextLocked: ['stem'] as const }
  expect(asked.locked).toEqual([])
  const next = reduceRun(asked, epochEvent('all', 1), 0)
  expect(next.locked).toEqual(['stem'])
  expect(next.nextLocked).toBeNull()
})

test('the same photos are watched in every epoch, the classes in turn', () => {
  const photos = Array.from({ length: 40 }, (_, index): PhotoPrediction => {
    const trueClass = index < 30 ? 0 : 1
    return { path: `${index}.jpg`, split: 'valid', trueClass, predictedClass: 0, confidence: 0.9, loss: 0.1 }
  })
  const better = photos.map((photo) => ({ ...photo, predictedClass: photo.trueClass }))
  const state = after([stageEvent('head'), epochEvent('head', 1, photos), epochEvent('head', 2, better)])
  expect(state.watched.size).toBe(WATCHED)
  expect([...state.watched.keys()].slice(0, 4)).toEqual(['0.jpg', '30.jpg', '1.jpg', '31.jpg'])
  expect(state.watched.get('30.jpg')).toEqual([0, 1])
})

test('a run that failed says why and keeps its best', () => {
  const running = after([stageEvent('head'), epochEvent('head', 1)])
  const failed = reduceRun(
    running,
    { type: 'failed', code: 'not-finite', detail: 'step 3', history: null },
    0,
  )
  expect(failed.status).toBe('failed')
  expect(failed.failure).toEqual({ code: 'not-finite', detail: 'step 3' })
  expect(failed.best?.accuracy).toBe(0.75)
  expect(isActive(failed.status)).toBe(false)
})

test('stopping is not undone by the pause that it passes through', () => {
  const stopping: RunState = { ...after([stageEvent('head'), stepEvent('head', 1, 1)]), status: 'stopping' }
  expect(reduceRun(stopping, { type: 'paused' }, 0).status).toBe('stopping')
})
