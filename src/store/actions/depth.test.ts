import { beforeEach, expect, test } from 'vitest'
import { type Preset, presetRecipe } from '../../recipe/index.ts'
import type { DepthReport } from '../../training/depth.ts'
import type { EpochLog } from '../../training/events.ts'
import type { RunRequest } from '../../training/trainer-api.ts'
import { idleRun } from '../run-state.ts'
import { provideServices } from '../services.ts'
import { initialState, useApp } from '../state.ts'
import { fakeServices, fakeTrainer, folderOf } from '../testing.ts'
import { openSamples } from './data.ts'
import { tryDepths } from './depth.ts'
import { changeRecipe } from './recipe.ts'
import { followingStage, trainFurther } from './training.ts'

const metrics = { loss: 1, accuracy: 0.5, correct: 1, samples: 2 }
const log: EpochLog = {
  stage: 'head',
  epoch: 1,
  learningRate: 0.02,
  train: metrics,
  valid: metrics,
  seconds: 1,
  locked: ['stem'],
}
const trial = { depth: 'layer4', before: 0.6, after: 0.4, error: 0.1, seconds: 9 } as const

let calls: string[]
let requests: RunRequest[]
let answer: (report: DepthReport | null) => void

beforeEach(async () => {
  calls = []
  requests = []
  useApp.setState(initialState, true)
  provideServices(
    fakeServices({
      trainer: fakeTrainer({
        run: async (request) => {
          calls.push('run')
          requests.push(request)
        },
        tryDepths: () =>
          new Promise((resolve) => {
            answer = resolve
          }),
        stop: async () => {
          calls.push('stop')
          answer(null)
        },
      }),
      gatherSamples: async () =>
        folderOf(
          'sample photos',
          ['train', 'valid'].flatMap((split) => ['a', 'b'].map((name) => `${split}/${name}/1.jpg`)),
        ),
    }),
  )
  await openSamples()
  const { recipe } = useApp.getState()
  const best = { stage: 'head', epoch: 1, accuracy: 0.5, loss: 1 } as const
  useApp.setState({
    runRecipe: recipe,
    run: { ...idleRun, status: 'completed', stage: 'head', epochs: [log], best },
  })
})

const following = () => followingStage(useApp.getState())

test('quick goes on with the last stage, as the preset has it or as the settings do', () => {
  expect(useApp.getState().recipe.preset).toBe('quick')
  expect(following()).toMatchObject({ stage: 'upper', recipe: { preset: 'standard' } })
  expect(following()?.recipe.stages.upper).toEqual(presetRecipe('standard').stages.upper)
  changeRecipe((recipe) => ({
    ...recipe,
    stages: { ...recipe.stages, upper: { ...recipe.stages.upper, epochs: 3 } },
  }))
  expect(following()?.recipe.stages.upper.epochs).toBe(3)
  changeRecipe((recipe) => ({ ...recipe, batch: 7 }))
  expect(following()).toBeNull()
})

test('what is trying out depths is ended before the run goes on, which asks for its stage alone', async () => {
  const trying = tryDepths()
  expect(useApp.getState().depth.status).toBe('trying')
  await trainFurther()
  await trying
  expect(calls).toEqual(['stop', 'run'])
  expect(requests[0]).toMatchObject({ stages: ['upper'], recipe: { preset: 'standard' } })
  expect(useApp.getState()).toMatchObject({ depth: { status: 'none' }, recipe: { preset: 'standard' } })
})

test('the depth that was worth it is the one that a run goes on with', async () => {
  const trying = tryDepths()
  answer({ choice: 'layer4', trials: [trial] })
  await trying
  expect(useApp.getState().depth).toMatchObject({ status: 'tried', report: { choice: 'layer4' } })
  await trainFurther()
  expect(calls).toEqual(['run'])
  expect(requests[0].recipe.stages.upper.locked).toEqual(['stem', 'layer1', 'layer2', 'layer3'])
})

test('nothing that is worth it is said, and going on is offered all the same', async () => {
  const trying = tryDepths()
  answer({ choice: 'head', trials: [trial] })
  await trying
  expect(following()?.recipe.stages.upper.locked).toContain('layer3')
})

test('standard goes on with all layers; after best, the course or a stopped run nothing follows', () => {
  const ended = (preset: Preset, stage: EpochLog['stage'], status: 'completed' | 'stopped' = 'completed') => {
    const recipe = { ...presetRecipe(preset), weights: useApp.getState().recipe.weights }
    const run = { ...useApp.getState().run, status, stage, epochs: [{ ...log, stage }] }
    useApp.setState({ recipe, runRecipe: recipe, run })
    return following()
  }
  expect(ended('standard', 'upper')).toMatchObject({ stage: 'all', recipe: { preset: 'best' } })
  expect(ended('standard', 'upper', 'stopped')).toBeNull()
  expect(ended('best', 'all')).toBeNull()
  expect(ended('course', 'all')).toBeNull()
})
