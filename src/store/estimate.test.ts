import { expect, test } from 'vitest'
import { LOCKABLE_STAGES } from '../model/index.ts'
import { BUILTIN_WEIGHTS, presetRecipe } from '../recipe/index.ts'
import type { EpochLog } from '../training/events.ts'
import { correctedRate, estimateSeconds, secondsLeft, stepCost } from './estimate.ts'
import { isUneven, planName, recipeFor, sizeIsFarOff, suggestPlan } from './suggest.ts'

const photos = { train: 240, valid: 150 }

test('a step that trains only the last layer costs a forward pass, all layers three times that', () => {
  expect(stepCost(['stem', 'layer1', 'layer2', 'layer3', 'layer4'])).toBeCloseTo(1 / 3)
  expect(stepCost([])).toBeCloseTo(1)
  expect(stepCost(['stem', 'layer1'])).toBeGreaterThan(stepCost(['stem', 'layer1', 'layer2']))
  // A gap in the frozen layers saves nothing: the gradient passes through.
  expect(stepCost(['layer4'])).toBeCloseTo(1)
})

test('twice the size takes four times as long', () => {
  const small = estimateSeconds(presetRecipe('course', 64), photos, 20)
  const large = estimateSeconds(presetRecipe('course', 128), photos, 20)
  expect(large / small).toBeCloseTo(4)
})

test('cached views make the head stage shorter, a stage that is not asked for costs nothing', () => {
  const course = presetRecipe('course')
  const { stages } = course
  const cached = { ...course, stages: { ...stages, head: { ...stages.head, cachedViews: 1 } } }
  expect(estimateSeconds(cached, photos, 20, ['head'])).toBeLessThan(
    estimateSeconds(course, photos, 20, ['head']),
  )
  expect(estimateSeconds(course, photos, 20, [])).toBe(0)
})

test('a stage on cached views takes the frozen layers once a view, the others each epoch', () => {
  const { stages, ...rest } = presetRecipe('best')
  const timeOf = (cachedViews: number | null, epochs: number) => {
    const all = { ...stages.all, locked: LOCKABLE_STAGES.slice(0, 4), cachedViews, epochs }
    return estimateSeconds({ ...rest, stages: { ...stages, all } }, photos, 20, ['all'])
  }
  expect(timeOf(4, 12)).toBeLessThan(timeOf(null, 12) / 1.4)
  expect(timeOf(4, 4)).toBeCloseTo(timeOf(null, 4))
  // Beyond the views an epoch is layer4's alone.
  expect(timeOf(4, 13) - timeOf(4, 12)).toBeLessThan((timeOf(null, 13) - timeOf(null, 12)) / 1.5)
})

test('each preset takes longer than the one that it goes on from, by the stage that it adds', () => {
  const [quick, standard, best] = (['quick', 'standard', 'best'] as const).map((preset) =>
    estimateSeconds(presetRecipe(preset), photos, 20),
  )
  expect(standard - quick).toBeCloseTo(estimateSeconds(presetRecipe('best'), photos, 20, ['upper']))
  expect(best - standard).toBeCloseTo(estimateSeconds(presetRecipe('best'), photos, 20, ['all']))
  expect(standard).toBeGreaterThan(quick)
  expect(best).toBeGreaterThan(standard)
})

test('a machine too slow for Quick at 224 px gets the same smaller size for all that go on from it', () => {
  for (const [rate, size] of [
    [60, 224],
    [20, 160],
    [6, 112],
  ])
    for (const preset of ['quick', 'standard', 'best'] as const)
      expect(
        recipeFor(preset, BUILTIN_WEIGHTS, { photos: { train: 900, valid: 225 }, rate }).evaluation.crop,
      ).toBe(size)
})

test('what the epochs of a run took corrects the probe, unless it is too far off to tell', () => {
  const recipe = presetRecipe('standard')
  const epochs = (seconds: number): EpochLog[] =>
    Array.from({ length: 12 }, (_, index) => ({
      stage: 'upper',
      epoch: index + 1,
      learningRate: 0.001,
      train: { loss: 1, accuracy: 0, correct: 0, samples: 1 },
      valid: { loss: 1, accuracy: 0, correct: 0, samples: 1 },
      seconds,
      locked: [],
    }))
  const planned = estimateSeconds(recipe, photos, 20, ['upper'])
  expect(correctedRate(recipe, photos, 20, epochs(planned / 12))).toBeCloseTo(20)
  expect(correctedRate(recipe, photos, 20, epochs(planned / 24))).toBeCloseTo(40)
  expect(correctedRate(recipe, photos, 20, epochs(planned / 1200))).toBe(20)
})

test('nothing is promised before there is something to estimate from', () => {
  const log: EpochLog = {
    stage: 'all',
    epoch: 1,
    learningRate: 0.01,
    train: { loss: 1, accuracy: 0, correct: 0, samples: 1 },
    valid: { loss: 1, accuracy: 0, correct: 0, samples: 1 },
    seconds: 10,
    locked: [],
  }
  const progress = {
    recipe: presetRecipe('course'),
    stages: ['all'] as const,
    stage: 'all' as const,
    epoch: 1,
    share: 1,
    steps: 1,
    epochStartedAt: 0,
    now: 5000,
    epochs: [] as EpochLog[],
  }
  expect(secondsLeft(progress)).toBeNull()
  // 18 epochs of 10 s, and half of the running one.
  expect(secondsLeft({ ...progress, epoch: 2, epochs: [log] })).toBeCloseTo(185)
  // Longer than the epochs before: no negative rest.
  expect(secondsLeft({ ...progress, epoch: 20, epochs: [log], now: 60_000 })).toBe(0)
})

test('where patience is over, only the epochs that are still to come are left', () => {
  const metrics = (accuracy: number) => ({ loss: 1, accuracy, correct: 100 * accuracy, samples: 100 })
  const epochs = [0.5, 0.7, 0.6, 0.6, 0.6, 0.6].map(
    (accuracy, index): EpochLog => ({
      stage: 'upper',
      epoch: index + 1,
      learningRate: 0.001,
      train: metrics(0.5),
      valid: metrics(accuracy),
      seconds: 10,
      locked: [],
    }),
  )
  const leftAfter = (count: number) =>
    secondsLeft({
      recipe: presetRecipe('standard'),
      stages: ['upper'],
      stage: 'upper',
      epoch: count + 1,
      share: 0,
      steps: 8,
      epochStartedAt: 0,
      now: 0,
      epochs: epochs.slice(0, count),
    })
  // All 12 are assumed at first; epoch 6 is the fourth without anything better, so the stage ends with epoch 10.
  expect(leftAfter(5)).toBeCloseTo(70)
  expect(leftAfter(6)).toBeCloseTo(40)
})

test('classes are uneven from twice the photos on; validation photos and empty classes do not count', () => {
  const dataset = (...counts: [train: number, valid: number][]) => ({
    name: 'things',
    classes: counts.map((_, label) => ({ id: String(label), name: String(label) })),
    samples: counts.flatMap(([train, valid], label) =>
      Array.from({ length: train + valid }, (_, index) => ({
        path: `${label}/${index}`,
        label,
        split: index < train ? ('train' as const) : ('valid' as const),
        source: { kind: 'url' as const, url: '' },
      })),
    ),
    problems: [],
    ignored: 0,
    splitBySeed: false,
  })
  expect(isUneven(dataset([10, 1], [20, 1]))).toBe(true)
  expect(isUneven(dataset([10, 1], [19, 40]))).toBe(false)
  expect(isUneven(dataset([10, 1], [10, 1], [0, 1]))).toBe(false)
  expect(isUneven(dataset())).toBe(false)
})

test('up to some hundred photos a class suggest the last stages, many all', () => {
  expect(suggestPlan(60, 2)).toBe('last-stages')
  expect(suggestPlan(400, 2)).toBe('last-stages')
  expect(suggestPlan(5000, 5)).toBe('all')
})

test('freeze plans with a name are known in any order', () => {
  expect(planName([])).toBe('all')
  expect(planName(['layer2', 'stem', 'layer1'])).toBe('last-stages')
  expect(planName(['layer4'])).toBeNull()
})

test('ImageNet weights train at their size', () => {
  expect(recipeFor('quick', { kind: 'imagenet' }).evaluation).toEqual({
    mode: 'short',
    resize: 256,
    crop: 224,
  })
  expect(recipeFor('course', { kind: 'imagenet' }).evaluation.crop).toBe(112)
  expect(recipeFor('course', BUILTIN_WEIGHTS).evaluation.crop).toBe(64)
  const slow = recipeFor('quick', { kind: 'imagenet' }, { photos, rate: 1 })
  expect(slow.evaluation).toEqual({ mode: 'short', resize: 128, crop: 112 })
  expect(sizeIsFarOff(recipeFor('best', BUILTIN_WEIGHTS))).toBe(false)
  expect(sizeIsFarOff(recipeFor('course', BUILTIN_WEIGHTS))).toBe(true)
  expect(sizeIsFarOff(recipeFor('best', { kind: 'imagenet' }))).toBe(false)
  expect(sizeIsFarOff(recipeFor('course', { kind: 'imagenet' }))).toBe(false)
})
