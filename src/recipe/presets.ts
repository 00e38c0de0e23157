/** The presets (docs/recipe.md has the table) and how a size replaces theirs. */
import { LOCK_ALL, LOCK_NONE } from '../model/index.ts'
import { BUILTIN_WEIGHTS } from './builtin.ts'
import type { Preset, Recipe } from './recipe.ts'

const adam = (learningRate: number) =>
  ({ kind: 'adam', learningRate, weightDecay: 0, momentum: 0, stageScale: {} }) as const
const adamw = (learningRate: number, stageScale = {}) =>
  ({ kind: 'adamw', learningRate, weightDecay: 0.01, momentum: 0, stageScale }) as const

const common = {
  version: 1,
  weights: BUILTIN_WEIGHTS,
  shuffle: true,
  seed: 0,
  validationShare: 0.2,
  batchNorm: 'frozen',
  classWeights: 'none',
  engine: 'auto',
  precision: 'float32',
  memoryLimit: null,
  workers: 1,
} as const

/** A fresh copy of a preset's recipe, at the preset's own size or with `size` px photos. */
export function presetRecipe(preset: Preset, size?: number): Recipe {
  const recipe = structuredClone(PRESETS[preset]) as Recipe
  return size === undefined ? recipe : withSize(recipe, size)
}

/**
 * The recipe with crops of `size` px. Where both sides are resized: resize = round(1.5 size); random resized
 * crops: validation resize = round(256 / 224 size).
 */
export function withSize(recipe: Recipe, size: number): Recipe {
  const { geometry } = recipe.augmentation
  const both = Math.round(1.5 * size)
  return {
    ...recipe,
    augmentation: {
      ...recipe.augmentation,
      geometry:
        geometry.kind === 'resize-rotate-crop'
          ? { ...geometry, resize: both, crop: size }
          : { ...geometry, crop: size },
    },
    evaluation:
      recipe.evaluation.mode === 'both'
        ? { mode: 'both', resize: both, crop: size }
        : { mode: 'short', resize: Math.round((256 / 224) * size), crop: size },
  }
}

const step = { kind: 'step', every: 10, gamma: 0.1 } as const
const cosine = { kind: 'cosine' } as const
const locked = {
  head: [...LOCK_ALL],
  upper: [...LOCK_ALL].filter((stage) => stage !== 'layer4'),
  all: [...LOCK_NONE],
}
/** A stage as most have it. */
const fresh = { cachedViews: null, plainView: false, patience: null, labelSmoothing: null } as const
const off = { epochs: 0, optimizer: adamw(1e-3), schedule: cosine, ...fresh } as const

/**
 * Quick, standard and best are one recipe, gone through to its first, second or third stage: each goes on where the one
 * before ended. docs/recipes.md has the measurements behind the numbers.
 */
const people = {
  ...common,
  augmentation: {
    geometry: { kind: 'random-resized-crop', crop: 224, scale: [0.6, 1], ratio: [3 / 4, 4 / 3] },
    horizontalFlip: 0.5,
    verticalFlip: 0,
    jitter: { brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.02 },
    grayscale: 0,
  },
  evaluation: { mode: 'short', resize: 256, crop: 224 },
  batch: 32,
  labelSmoothing: 0,
} satisfies Partial<Recipe>

const stages = {
  // On cached features an epoch takes milliseconds.
  head: {
    epochs: 30,
    optimizer: { kind: 'sgd', learningRate: 0.02, weightDecay: 0.001, momentum: 0.9, stageScale: {} },
    schedule: cosine,
    locked: locked.head,
    cachedViews: 1,
    plainView: true,
    patience: null,
    labelSmoothing: null,
  },
  upper: {
    epochs: 12,
    optimizer: adamw(3e-4),
    schedule: cosine,
    locked: locked.upper,
    cachedViews: 8,
    plainView: true,
    patience: 4,
    labelSmoothing: 0.1,
  },
  all: {
    epochs: 8,
    // Lower layers less: they came from a million photos.
    optimizer: adamw(1e-4, { stem: 0.1, layer1: 0.1, layer2: 0.3, layer3: 0.5 }),
    schedule: cosine,
    locked: locked.all,
    cachedViews: null,
    plainView: false,
    patience: 4,
    labelSmoothing: 0.1,
  },
} satisfies Recipe['stages']

const PRESETS: Record<Preset, Recipe> = {
  quick: {
    ...people,
    preset: 'quick',
    stages: { ...stages, upper: { ...stages.upper, epochs: 0 }, all: { ...stages.all, epochs: 0 } },
  },
  standard: { ...people, preset: 'standard', stages: { ...stages, all: { ...stages.all, epochs: 0 } } },
  best: { ...people, preset: 'best', stages },
  course: {
    ...common,
    preset: 'course',
    augmentation: {
      geometry: { kind: 'resize-rotate-crop', resize: 96, rotation: 45, crop: 64 },
      horizontalFlip: 0.5,
      verticalFlip: 0.5,
      jitter: { brightness: 0.2, contrast: 0.1, saturation: 0.1, hue: 0.1 },
      grayscale: 0.025,
    },
    evaluation: { mode: 'both', resize: 96, crop: 64 },
    batch: 128,
    labelSmoothing: 0,
    stages: {
      head: { epochs: 20, optimizer: adam(0.01), schedule: step, locked: locked.head, ...fresh },
      upper: { ...off, locked: locked.upper },
      all: { epochs: 20, optimizer: adam(0.001), schedule: step, locked: locked.all, ...fresh },
    },
  },
}
