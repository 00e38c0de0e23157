/** What the study compares, as data: one row a recipe. A row that several groups need as their usual case stands once. */
import {
  type Augmentation,
  inOrder,
  type OptimizerRecipe,
  type Preset,
  presetRecipe,
  type Recipe,
  type StageRecipe,
  stagesOf,
  type TrainingStage,
} from '../../src/recipe/index.ts'

export const GROUPS = {
  depth: 'How much of the network learns',
  views: 'Views of a photo that are computed once',
  rate: 'Optimizer and learning rate',
  size: 'Size of the photos',
  smoothing: 'Label smoothing',
  'class-weights': 'Class weights',
  augmentation: 'Strength of the augmentation',
  layers: 'Rates by layer where all layers learn',
  patience: 'Patience',
  schedule: 'Schedule',
} as const
export type Group = keyof typeof GROUPS

export interface StudyRecipe {
  name: string
  groups: readonly Group[]
  /** One sentence: what the row tests. */
  tests: string
  /** From the presets to a recipe; of two, the second starts from the best weights of the first. */
  make(preset: typeof presetRecipe): Recipe | [first: Recipe, second: Recipe]
}

/** `preset` with other values of one stage. */
const stage = (recipe: Recipe, name: TrainingStage, values: Partial<StageRecipe>): Recipe => ({
  ...recipe,
  stages: { ...recipe.stages, [name]: { ...recipe.stages[name], ...values } },
})

const rate = (recipe: Recipe, name: TrainingStage, optimizer: Partial<OptimizerRecipe>): Recipe =>
  stage(recipe, name, { optimizer: { ...recipe.stages[name].optimizer, ...optimizer } })

const crops = (recipe: Recipe, from: number): Recipe =>
  augmented(recipe, {
    geometry: {
      kind: 'random-resized-crop',
      crop: recipe.evaluation.crop,
      scale: [from, 1],
      ratio: [3 / 4, 4 / 3],
    },
  })

/** The largest square in the middle, mirrored or not: nothing else is random. */
const flipsOnly = (recipe: Recipe): Recipe =>
  augmented(recipe, {
    geometry: { kind: 'random-resized-crop', crop: recipe.evaluation.crop, scale: [1, 1], ratio: [1, 1] },
    jitter: { brightness: 0, contrast: 0, saturation: 0, hue: 0 },
  })

const augmented = (recipe: Recipe, values: Partial<Augmentation>): Recipe => ({
  ...recipe,
  augmentation: { ...recipe.augmentation, ...values },
})

const withoutUpper = (recipe: Recipe): Recipe => stage(recipe, 'upper', { epochs: 0 })

/**
 * Whether what `first` trains is how `whole` begins: all that differs is that stages follow. Quick is how Standard begins,
 * and Standard how Best does.
 */
export function isBeginning(first: Recipe, whole: Recipe): boolean {
  const ran = stagesOf(first)
  if (ran.length >= stagesOf(whole).length || ran.some((name, index) => stagesOf(whole)[index] !== name))
    return false
  const shortened = structuredClone({ ...whole, preset: first.preset })
  for (const name of stagesOf(whole)) if (!ran.includes(name)) shortened.stages[name].epochs = 0
  return JSON.stringify(shortened, inOrder) === JSON.stringify(first, inOrder)
}

/** Which file it is shows only when the run before has made it. */
export const RUN_BEFORE = { kind: 'file', name: 'run-before.safetensors' } as const

export const RECIPES: readonly StudyRecipe[] = [
  {
    name: 'quick',
    groups: ['depth', 'views', 'rate', 'size', 'smoothing', 'class-weights', 'schedule'],
    tests: 'The preset: the classifier alone learns, on the plain photo computed once.',
    make: (preset) => preset('quick'),
  },
  {
    name: 'standard',
    groups: [
      'depth',
      'views',
      'rate',
      'size',
      'smoothing',
      'class-weights',
      'augmentation',
      'patience',
      'schedule',
    ],
    tests: 'The preset: layer4 learns after the classifier, on eight views computed once.',
    make: (preset) => preset('standard'),
  },
  {
    name: 'best',
    groups: ['depth', 'augmentation', 'layers', 'patience', 'schedule'],
    tests: 'The preset: all layers learn after layer4, lower ones at lower rates.',
    make: (preset) => preset('best'),
  },
  {
    name: 'layer3',
    groups: ['depth'],
    tests: 'Whether layer3 should learn with layer4.',
    make: (preset) => stage(preset('standard'), 'upper', { locked: ['stem', 'layer1', 'layer2'] }),
  },
  {
    name: 'all',
    groups: ['depth'],
    tests: 'Whether all layers can learn right after the classifier, without the stage of layer4 between.',
    make: (preset) => withoutUpper(preset('best')),
  },
  ...[2, 4, 8].map(
    (views): StudyRecipe => ({
      name: `head-views-${views}`,
      groups: ['views'],
      tests: `Whether the classifier learns more from ${views} views, the plain one among them.`,
      make: (preset) => stage(preset('quick'), 'head', { cachedViews: views }),
    }),
  ),
  ...[1, 2, 4].map(
    (views): StudyRecipe => ({
      name: `upper-views-${views}`,
      groups: ['views'],
      tests: `Whether ${views === 1 ? 'the plain view is' : `${views} views are`} enough for layer4.`,
      make: (preset) => stage(preset('standard'), 'upper', { cachedViews: views }),
    }),
  ),
  ...[0.01, 0.05].map(
    (learningRate): StudyRecipe => ({
      name: `head-rate-${learningRate}`,
      groups: ['rate'],
      tests: `SGD at ${learningRate} for the classifier, instead of 0.02.`,
      make: (preset) => rate(preset('quick'), 'head', { learningRate }),
    }),
  ),
  ...[0.003, 0.01].map(
    (learningRate): StudyRecipe => ({
      name: `head-adam-${learningRate}`,
      groups: ['rate'],
      tests: `Adam at ${learningRate} for the classifier, without weight decay.`,
      make: (preset) =>
        rate(preset('quick'), 'head', { kind: 'adam', learningRate, momentum: 0, weightDecay: 0 }),
    }),
  ),
  ...(['1e-4', '1e-3', '3e-3'] as const).map(
    (text): StudyRecipe => ({
      name: `upper-rate-${text}`,
      groups: ['rate'],
      tests: `AdamW at ${text} for layer4.`,
      make: (preset) => rate(preset('standard'), 'upper', { learningRate: Number(text) }),
    }),
  ),
  {
    name: 'upper-sgd',
    groups: ['rate'],
    tests: 'SGD at 0.01 with momentum 0.9 for layer4.',
    make: (preset) =>
      rate(preset('standard'), 'upper', {
        kind: 'sgd',
        learningRate: 0.01,
        momentum: 0.9,
        weightDecay: 1e-4,
      }),
  },
  ...[112, 160].flatMap((size): StudyRecipe[] => [
    {
      name: `head-${size}`,
      groups: ['size'],
      tests: `What the classifier loses with photos of ${size} px, and how much faster they are.`,
      make: (preset) => preset('quick', size),
    },
    {
      name: `upper-${size}`,
      groups: ['size'],
      tests: `What layer4 loses with photos of ${size} px, and how much faster they are.`,
      make: (preset) => preset('standard', size),
    },
  ]),
  {
    name: 'fixres',
    groups: ['size'],
    tests:
      'FixRes: all layers learn at 112 px, then the classifier is refitted at 224 px from those weights, in a second run.',
    make: (preset) => [withoutUpper(preset('best', 112)), { ...preset('quick'), weights: RUN_BEFORE }],
  },
  {
    name: 'head-smoothing-0.1',
    groups: ['smoothing'],
    tests: 'The classifier with label smoothing 0.1.',
    make: (preset) => stage(preset('quick'), 'head', { labelSmoothing: 0.1 }),
  },
  {
    name: 'upper-no-smoothing',
    groups: ['smoothing'],
    tests: 'Layer4 without label smoothing.',
    make: (preset) => stage(preset('standard'), 'upper', { labelSmoothing: null }),
  },
  {
    name: 'head-balanced',
    groups: ['class-weights'],
    tests: 'The classifier with balanced class weights: without effect where all classes are the same size.',
    make: (preset) => ({ ...preset('quick'), classWeights: 'balanced' }),
  },
  {
    name: 'upper-balanced',
    groups: ['class-weights'],
    tests: 'Layer4 with balanced class weights.',
    make: (preset) => ({ ...preset('standard'), classWeights: 'balanced' }),
  },
  ...(['standard', 'best'] satisfies Preset[]).flatMap((base): StudyRecipe[] => [
    {
      name: `${base}-crop-0.35`,
      groups: ['augmentation'],
      tests: `${base} with crops of at least 0.35 of the photo instead of 0.6.`,
      make: (preset) => crops(preset(base), 0.35),
    },
    {
      name: `${base}-flips-only`,
      groups: ['augmentation'],
      tests: `${base} with the middle square, mirrored or not, and no jitter.`,
      make: (preset) => flipsOnly(preset(base)),
    },
  ]),
  {
    name: 'all-rates-same',
    groups: ['layers'],
    tests: 'All layers at one rate.',
    make: (preset) => rate(preset('best'), 'all', { stageScale: {} }),
  },
  {
    name: 'all-rates-graded',
    groups: ['layers'],
    tests: 'Each layer at 0.4 of the rate of the one above it.',
    make: (preset) =>
      rate(preset('best'), 'all', {
        stageScale: { layer3: 0.4, layer2: 0.16, layer1: 0.064, stem: 0.0256 },
      }),
  },
  {
    name: 'upper-no-patience',
    groups: ['patience'],
    tests: 'All epochs of layer4, whether they help or not.',
    make: (preset) => stage(preset('standard'), 'upper', { patience: null }),
  },
  {
    name: 'all-no-patience',
    groups: ['patience'],
    tests: 'All epochs of both later stages, whether they help or not.',
    make: (preset) => stage(stage(preset('best'), 'upper', { patience: null }), 'all', { patience: null }),
  },
  {
    name: 'head-one-cycle',
    groups: ['schedule'],
    tests: 'One-cycle instead of cosine for the classifier.',
    make: (preset) => stage(preset('quick'), 'head', { schedule: { kind: 'one-cycle', warmup: 0.3 } }),
  },
  {
    name: 'upper-one-cycle',
    groups: ['schedule'],
    tests: 'One-cycle instead of cosine for layer4.',
    make: (preset) => stage(preset('standard'), 'upper', { schedule: { kind: 'one-cycle', warmup: 0.3 } }),
  },
  {
    name: 'all-one-cycle',
    groups: ['schedule'],
    tests: 'One-cycle instead of cosine for all layers.',
    make: (preset) => stage(preset('best'), 'all', { schedule: { kind: 'one-cycle', warmup: 0.3 } }),
  },
]

/** `--check`: these rows, and the mean best validation accuracy that each must reach on a folder of that name. */
export const CHECKED = ['quick', 'standard', 'best'] as const
export const TARGETS: Record<string, Partial<Record<(typeof CHECKED)[number], number>>> = {
  hymenoptera: { quick: 0.93, standard: 0.935, best: 0.94 },
  trashnet: { quick: 0.8, standard: 0.86, best: 0.87 },
  samples: { quick: 0.94 },
}

/** The recipes of a row, one after the other, all with one seed. */
export function recipesOf(row: StudyRecipe, seed: number): Recipe[] {
  const made = row.make(presetRecipe)
  return (Array.isArray(made) ? made : [made]).map((recipe) => ({ ...recipe, seed }))
}

/** The rows that names (of rows or groups) choose, in the table's order; all without names. @throws where one is unknown. */
export function chosenRows(names: readonly string[] | null): readonly StudyRecipe[] {
  if (names === null) return RECIPES
  const unknown = names.filter((name) => !(name in GROUPS) && !RECIPES.some((row) => row.name === name))
  if (unknown.length > 0)
    throw new Error(
      `--only ${unknown.join()}: neither a recipe (${RECIPES.map(({ name }) => name).join(', ')}) nor a group (${Object.keys(GROUPS).join(', ')})`,
    )
  return RECIPES.filter(({ name, groups }) => [name, ...groups].some((one) => names.includes(one)))
}
