/**
 * Every setting of a recipe as a table: how it is shown, read and changed. What a value may be, the recipe's schema
 * alone says.
 */
import { LOCKABLE_STAGES, type LockableStage, STAGES, type Stage } from '../../model/index.ts'
import {
  AUGMENTATION_NUMBERS,
  type AugmentationNumber,
  ENGINES,
  PRECISIONS,
  type Recipe,
  type Schedule,
  type StageRecipe,
  switchOperation,
  TRAINING_STAGES,
  type TrainingStage,
  withSize,
} from '../../recipe/index.ts'

/** What a field is called: a text of `settings.field`, or torchvision's names, which are the same in any language. */
export type Label =
  | { text: FieldText; stage?: Stage }
  | { operation: AugmentationNumber['operation']; argument: string }

export type FieldText =
  | 'epochs_head'
  | 'epochs_upper'
  | 'epochs_all'
  | 'rate_head'
  | 'rate_upper'
  | 'rate_all'
  | 'batch'
  | 'size'
  | 'seed'
  | 'engine'
  | 'precision'
  | 'memory_limit'
  | 'workers'
  | 'shuffle'
  | 'validation_share'
  | 'evaluation_mode'
  | 'evaluation_resize'
  | 'optimizer'
  | 'weight_decay'
  | 'momentum'
  | 'schedule'
  | 'every'
  | 'gamma'
  | 'warmup'
  | 'scale'
  | 'locked'
  | 'learns_from'
  | 'views'
  | 'plain_view'
  | 'patience'
  | 'batch_norm'
  | 'geometry'
  | 'label_smoothing'
  | 'class_weights'

export type Option =
  | Recipe['engine']
  | Recipe['precision']
  | Recipe['evaluation']['mode']
  | StageRecipe['optimizer']['kind']
  | Schedule['kind']
  | Recipe['batchNorm']
  | Recipe['classWeights']
  | Recipe['augmentation']['geometry']['kind']
  | 'fresh'
  | 'views'

interface Common {
  /** The input's name for tests. */
  id: string
  label: Label
  /** Cannot be changed while a run goes on: it decides which photos validate. */
  fixedInRun?: boolean
  /** Whether the recipe has such a setting now. */
  isThere?(recipe: Recipe): boolean
}

export type Field = Common &
  (
    | {
        kind: 'number'
        step: number
        /** How many of the recipe's unit one of the field's is, where they differ. */
        unit?: number
        get(recipe: Recipe): number
        set(recipe: Recipe, value: number): Recipe
      }
    | {
        kind: 'choice'
        options: readonly Option[]
        get(recipe: Recipe): Option
        set(recipe: Recipe, value: string): Recipe
      }
    | { kind: 'switch'; get(recipe: Recipe): boolean; set(recipe: Recipe, value: boolean): Recipe }
    | {
        kind: 'stages'
        get(recipe: Recipe): readonly LockableStage[]
        set(recipe: Recipe, value: readonly string[]): Recipe
      }
  )

export type SectionName = 'run' | 'photos' | 'augmentation' | TrainingStage | 'loss'

export interface Section {
  name: SectionName
  fields: readonly Field[]
  /** `to` with what belongs to this section as `from` has it. */
  copy(to: Recipe, from: Recipe): Recipe
}

/** A choice that sets only what it offers. */
function choice<T extends Option>(
  options: readonly T[],
  get: (recipe: Recipe) => T,
  set: (recipe: Recipe, value: T) => Recipe,
) {
  return {
    kind: 'choice',
    options,
    get,
    set(recipe: Recipe, value: string) {
      const known = options.find((option) => option === value)
      return known === undefined ? recipe : set(recipe, known)
    },
  } as const
}

const changeStage = (recipe: Recipe, stage: TrainingStage, changes: Partial<StageRecipe>): Recipe => ({
  ...recipe,
  stages: { ...recipe.stages, [stage]: { ...recipe.stages[stage], ...changes } },
})

const changeOptimizer = (recipe: Recipe, stage: TrainingStage, changes: Partial<StageRecipe['optimizer']>) =>
  changeStage(recipe, stage, { optimizer: { ...recipe.stages[stage].optimizer, ...changes } })

const epochs = (stage: TrainingStage): Field => ({
  id: `epochs-${stage}`,
  label: { text: `epochs_${stage}` },
  kind: 'number',
  step: 1,
  // The course's recipe knows two stages.
  isThere: ({ preset, stages }) => stage !== 'upper' || preset !== 'course' || stages.upper.epochs > 0,
  get: ({ stages }) => stages[stage].epochs,
  set: (recipe, value) => changeStage(recipe, stage, { epochs: value }),
})

const rate = (stage: TrainingStage): Field => ({
  id: `rate-${stage}`,
  label: { text: `rate_${stage}` },
  kind: 'number',
  step: 0.001,
  isThere: ({ stages }) => stages[stage].epochs > 0,
  get: ({ stages }) => stages[stage].optimizer.learningRate,
  set: (recipe, learningRate) => changeOptimizer(recipe, stage, { learningRate }),
})

/** What a schedule begins with when it is chosen: the presets' values. */
const SCHEDULES: Record<Schedule['kind'], Schedule> = {
  constant: { kind: 'constant' },
  step: { kind: 'step', every: 10, gamma: 0.1 },
  cosine: { kind: 'cosine' },
  'one-cycle': { kind: 'one-cycle', warmup: 0.3 },
}

/** One number of one kind of schedule. */
function scheduleNumber(
  stage: TrainingStage,
  name: 'every' | 'gamma' | 'warmup',
  step: number,
  get: (schedule: Schedule) => number | null,
  set: (schedule: Schedule, value: number) => Schedule,
): Field {
  return {
    id: `${name}-${stage}`,
    label: { text: name },
    kind: 'number',
    step,
    isThere: ({ stages }) => get(stages[stage].schedule) !== null,
    get: ({ stages }) => get(stages[stage].schedule) ?? 0,
    set: (recipe, value) =>
      changeStage(recipe, stage, { schedule: set(recipe.stages[stage].schedule, value) }),
  }
}

const scheduleNumbers = (stage: TrainingStage): Field[] => [
  scheduleNumber(
    stage,
    'every',
    1,
    (schedule) => (schedule.kind === 'step' ? schedule.every : null),
    (schedule, every) => (schedule.kind === 'step' ? { ...schedule, every } : schedule),
  ),
  scheduleNumber(
    stage,
    'gamma',
    0.05,
    (schedule) => (schedule.kind === 'step' ? schedule.gamma : null),
    (schedule, gamma) => (schedule.kind === 'step' ? { ...schedule, gamma } : schedule),
  ),
  scheduleNumber(
    stage,
    'warmup',
    0.05,
    (schedule) => (schedule.kind === 'one-cycle' ? schedule.warmup : null),
    (schedule, warmup) => (schedule.kind === 'one-cycle' ? { ...schedule, warmup } : schedule),
  ),
]

const stageScale = (stage: TrainingStage, of: Stage): Field => ({
  id: `scale-${stage}-${of}`,
  label: { text: 'scale', stage: of },
  kind: 'number',
  step: 0.1,
  isThere: ({ stages }) => of === 'fc' || !stages[stage].locked.includes(of),
  get: ({ stages }) => stages[stage].optimizer.stageScale[of] ?? 1,
  set(recipe, value) {
    const { [of]: _, ...others } = recipe.stages[stage].optimizer.stageScale
    // A factor of 1 is what a recipe means by leaving it out.
    return changeOptimizer(recipe, stage, { stageScale: value === 1 ? others : { ...others, [of]: value } })
  },
})

const stageFields = (stage: TrainingStage): Field[] => [
  {
    id: `optimizer-${stage}`,
    label: { text: 'optimizer' },
    ...choice(
      ['adam', 'adamw', 'sgd'],
      ({ stages }) => stages[stage].optimizer.kind,
      (recipe, kind) => changeOptimizer(recipe, stage, { kind, momentum: kind === 'sgd' ? 0.9 : 0 }),
    ),
  },
  {
    id: `weight-decay-${stage}`,
    label: { text: 'weight_decay' },
    kind: 'number',
    step: 0.005,
    get: ({ stages }) => stages[stage].optimizer.weightDecay,
    set: (recipe, weightDecay) => changeOptimizer(recipe, stage, { weightDecay }),
  },
  {
    id: `momentum-${stage}`,
    label: { text: 'momentum' },
    kind: 'number',
    step: 0.05,
    isThere: ({ stages }) => stages[stage].optimizer.kind === 'sgd',
    get: ({ stages }) => stages[stage].optimizer.momentum,
    set: (recipe, momentum) => changeOptimizer(recipe, stage, { momentum }),
  },
  {
    id: `schedule-${stage}`,
    label: { text: 'schedule' },
    ...choice(
      ['constant', 'step', 'cosine', 'one-cycle'],
      ({ stages }) => stages[stage].schedule.kind,
      (recipe, kind) => changeStage(recipe, stage, { schedule: SCHEDULES[kind] }),
    ),
  },
  ...scheduleNumbers(stage),
  {
    id: `learns-from-${stage}`,
    label: { text: 'learns_from' },
    ...choice(
      ['fresh', 'views'],
      ({ stages }) => (stages[stage].cachedViews === null ? 'fresh' : 'views'),
      (recipe, value) => changeStage(recipe, stage, { cachedViews: value === 'views' ? 4 : null }),
    ),
  },
  {
    id: `views-${stage}`,
    label: { text: 'views' },
    kind: 'number',
    step: 1,
    isThere: ({ stages }) => stages[stage].cachedViews !== null,
    get: ({ stages }) => stages[stage].cachedViews ?? 1,
    set: (recipe, cachedViews) => changeStage(recipe, stage, { cachedViews }),
  },
  {
    id: `plain-view-${stage}`,
    label: { text: 'plain_view' },
    kind: 'switch',
    isThere: ({ stages }) => stages[stage].cachedViews !== null,
    get: ({ stages }) => stages[stage].plainView,
    set: (recipe, plainView) => changeStage(recipe, stage, { plainView }),
  },
  {
    id: `patience-${stage}`,
    label: { text: 'patience' },
    kind: 'number',
    step: 1,
    get: ({ stages }) => stages[stage].patience ?? 0,
    set: (recipe, patience) => changeStage(recipe, stage, { patience: patience === 0 ? null : patience }),
  },
  {
    id: `label-smoothing-${stage}`,
    label: { text: 'label_smoothing' },
    kind: 'number',
    step: 0.05,
    get: ({ stages, labelSmoothing }) => stages[stage].labelSmoothing ?? labelSmoothing,
    set: (recipe, labelSmoothing) => changeStage(recipe, stage, { labelSmoothing }),
  },
  {
    id: `locked-${stage}`,
    label: { text: 'locked' },
    kind: 'stages',
    get: ({ stages }) => stages[stage].locked,
    set: (recipe, names) =>
      changeStage(recipe, stage, { locked: LOCKABLE_STAGES.filter((name) => names.includes(name)) }),
  },
  ...STAGES.map((of) => stageScale(stage, of)),
]

const geometry: Field = {
  id: 'geometry',
  label: { text: 'geometry' },
  ...choice(
    ['resize-rotate-crop', 'random-resized-crop'],
    ({ augmentation }) => augmentation.geometry.kind,
    (recipe, kind) => {
      const isRandom = kind === 'random-resized-crop'
      return {
        ...recipe,
        augmentation: switchOperation(recipe.augmentation, 'RandomResizedCrop', isRandom),
      }
    },
  ),
}

const augmentationField = ({ id, operation, argument, step, get, set }: AugmentationNumber): Field => ({
  id,
  label: { operation, argument },
  kind: 'number',
  step,
  isThere: ({ augmentation }) => get(augmentation) !== null,
  get: ({ augmentation }) => get(augmentation) ?? 0,
  set: (recipe, value) => ({ ...recipe, augmentation: set(recipe.augmentation, value) }),
})

/** MB of a GB. */
const GIGABYTE = 1000

/** Kernels and portions of an earlier run would go before what is asked for now. */
const unresolved = ({ resolved: _, ...recipe }: Recipe): Recipe => recipe

const runFields: Field[] = [
  ...TRAINING_STAGES.map(epochs),
  ...TRAINING_STAGES.map(rate),
  {
    id: 'batch',
    label: { text: 'batch' },
    kind: 'number',
    step: 8,
    get: ({ batch }) => batch,
    set: (recipe, batch) => ({ ...recipe, batch }),
  },
  {
    id: 'size',
    label: { text: 'size' },
    kind: 'number',
    step: 32,
    get: ({ evaluation }) => evaluation.crop,
    set: (recipe, size) => (size === recipe.evaluation.crop ? recipe : withSize(recipe, size)),
  },
  {
    id: 'seed',
    label: { text: 'seed' },
    kind: 'number',
    step: 1,
    fixedInRun: true,
    get: ({ seed }) => seed,
    set: (recipe, seed) => ({ ...recipe, seed }),
  },
  {
    id: 'engine',
    label: { text: 'engine' },
    ...choice(
      ['auto', ...ENGINES],
      ({ engine }) => engine,
      (recipe, engine) => ({ ...recipe, engine }),
    ),
  },
  {
    id: 'memory-limit',
    label: { text: 'memory_limit' },
    kind: 'number',
    step: 0.5,
    unit: GIGABYTE,
    get: ({ memoryLimit }) => (memoryLimit ?? 0) / GIGABYTE,
    set: (recipe, gigabytes) => ({
      ...unresolved(recipe),
      memoryLimit: gigabytes === 0 ? null : Math.round(GIGABYTE * gigabytes),
    }),
  },
  {
    id: 'workers',
    label: { text: 'workers' },
    kind: 'number',
    step: 1,
    isThere: ({ engine }) => engine !== 'webgpu',
    get: ({ workers }) => workers,
    set: (recipe, workers) => ({ ...unresolved(recipe), workers }),
  },
  {
    id: 'precision',
    label: { text: 'precision' },
    isThere: ({ engine }) => engine !== 'wasm',
    ...choice(
      PRECISIONS,
      ({ precision }) => precision,
      (recipe, precision) => ({ ...unresolved(recipe), precision }),
    ),
  },
]

const photoFields: Field[] = [
  {
    id: 'validation-share',
    label: { text: 'validation_share' },
    kind: 'number',
    step: 0.05,
    fixedInRun: true,
    get: ({ validationShare }) => validationShare,
    set: (recipe, validationShare) => ({ ...recipe, validationShare }),
  },
  {
    id: 'evaluation-mode',
    label: { text: 'evaluation_mode' },
    ...choice(
      ['both', 'short'],
      ({ evaluation }) => evaluation.mode,
      (recipe, mode) => ({ ...recipe, evaluation: { ...recipe.evaluation, mode } }),
    ),
  },
  {
    id: 'evaluation-resize',
    label: { text: 'evaluation_resize' },
    kind: 'number',
    step: 8,
    get: ({ evaluation }) => evaluation.resize,
    set: (recipe, resize) => ({ ...recipe, evaluation: { ...recipe.evaluation, resize } }),
  },
  {
    id: 'shuffle',
    label: { text: 'shuffle' },
    kind: 'switch',
    get: ({ shuffle }) => shuffle,
    set: (recipe, shuffle) => ({ ...recipe, shuffle }),
  },
]

const lossFields: Field[] = [
  {
    id: 'label-smoothing',
    label: { text: 'label_smoothing' },
    kind: 'number',
    step: 0.05,
    get: ({ labelSmoothing }) => labelSmoothing,
    set: (recipe, labelSmoothing) => ({ ...recipe, labelSmoothing }),
  },
  {
    id: 'class-weights',
    label: { text: 'class_weights' },
    ...choice(
      ['none', 'balanced'],
      ({ classWeights }) => classWeights,
      (recipe, classWeights) => ({ ...recipe, classWeights }),
    ),
  },
  {
    id: 'batch-norm',
    label: { text: 'batch_norm' },
    ...choice(
      ['frozen', 'tutorial'],
      ({ batchNorm }) => batchNorm,
      (recipe, batchNorm) => ({ ...recipe, batchNorm }),
    ),
  },
]

const copyStage = (to: Recipe, from: Recipe, stage: TrainingStage): Recipe => {
  const { epochs: kept, optimizer } = to.stages[stage]
  const { learningRate } = optimizer
  const copied = { ...from.stages[stage], epochs: kept }
  return changeStage(to, stage, { ...copied, optimizer: { ...copied.optimizer, learningRate } })
}

/** In the order of a run. What is asked for most stands first. */
export const SECTIONS: readonly Section[] = [
  {
    name: 'run',
    fields: runFields,
    copy: (to, from) => runFields.reduce((recipe, field) => copyValue(recipe, from, field), to),
  },
  {
    name: 'photos',
    fields: photoFields,
    copy: (to, from) => ({
      ...to,
      validationShare: from.validationShare,
      shuffle: from.shuffle,
      evaluation: withSize(from, to.evaluation.crop).evaluation,
    }),
  },
  {
    name: 'augmentation',
    fields: [geometry, ...AUGMENTATION_NUMBERS.map(augmentationField)],
    copy: (to, from) => ({ ...to, augmentation: withSize(from, to.evaluation.crop).augmentation }),
  },
  ...TRAINING_STAGES.map(
    (stage): Section => ({
      name: stage,
      fields: stageFields(stage),
      copy: (to, from) => copyStage(to, from, stage),
    }),
  ),
  {
    name: 'loss',
    fields: lossFields,
    copy: (to, { labelSmoothing, classWeights, batchNorm }) => ({
      ...to,
      labelSmoothing,
      classWeights,
      batchNorm,
    }),
  },
]

function copyValue(to: Recipe, from: Recipe, field: Field): Recipe {
  switch (field.kind) {
    case 'number':
      return field.set(to, field.get(from))
    case 'choice':
      return field.set(to, field.get(from))
    case 'switch':
      return field.set(to, field.get(from))
    case 'stages':
      return field.set(to, field.get(from))
  }
}

/** Whether a section is not as the preset has it. */
export const isChanged = (section: Section, recipe: Recipe, preset: Recipe): boolean =>
  JSON.stringify(section.copy(recipe, preset)) !== JSON.stringify(recipe)
