/**
 * A recipe: everything that decides a run, as one zod-checked JSON document. The page, the command line and
 * every exported file carry the same one. Probabilities are in [0, 1], sizes in px, angles in degrees.
 */
import { z } from 'zod'
import { LOCKABLE_STAGES, STAGES } from '../model/index.ts'
import { presentBuiltin } from './builtin.ts'

const probability = z.number().min(0).max(1)
const side = z.int().min(32).max(512)
/** From and to, as torchvision's RandomResizedCrop takes them. */
const range = (bound: z.ZodNumber) =>
  z.tuple([bound, bound]).refine(([from, to]) => from <= to, {
    error: 'from must not be more than to',
    params: { reason: 'order' },
  })

/** torchvision's RandomRotation on both-sides-resized photos, or RandomResizedCrop. */
export const trainGeometrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    /** Resize([resize, resize]), RandomRotation(rotation), CenterCrop(crop). */
    kind: z.literal('resize-rotate-crop'),
    resize: z.int().min(32).max(1024),
    /** Degrees; the angle is uniform in [-rotation, rotation]. 0 = off. */
    rotation: z.number().min(0).max(180),
    crop: side,
  }),
  z.strictObject({
    /** RandomResizedCrop(crop, scale, ratio). */
    kind: z.literal('random-resized-crop'),
    crop: side,
    /** Share of the photo's area. */
    scale: range(z.number().gt(0).max(1)),
    /** Width by height. */
    ratio: range(z.number().gt(0).max(10)),
  }),
])

export const augmentationSchema = z.strictObject({
  geometry: trainGeometrySchema,
  horizontalFlip: probability,
  verticalFlip: probability,
  /** torchvision's ColorJitter: factors uniform in [max(0, 1 - x), 1 + x], hue in [-x, x]; 0 = off. */
  jitter: z.strictObject({
    brightness: z.number().min(0).max(2),
    contrast: z.number().min(0).max(2),
    saturation: z.number().min(0).max(2),
    hue: z.number().min(0).max(0.5),
  }),
  grayscale: probability,
})

export const evaluationTransformSchema = z.strictObject({
  /** `both`: both sides to `resize`; `short`: the short side, the other in proportion. */
  mode: z.enum(['both', 'short']),
  resize: z.int().min(32).max(1024),
  crop: side,
})

export const optimizerSchema = z.strictObject({
  kind: z.enum(['adam', 'adamw', 'sgd']),
  learningRate: z.number().gt(0).max(10),
  weightDecay: z.number().min(0).max(1),
  /** SGD only. */
  momentum: z.number().min(0).max(1).default(0),
  /** Factor on the learning rate of a stage's parameters; 1 where absent. */
  stageScale: z.partialRecord(z.enum(STAGES), z.number().gt(0).max(10)).default({}),
})

export const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  /** StepLR: times `gamma` every `every` epochs. */
  z.strictObject({ kind: z.literal('step'), every: z.int().min(1), gamma: z.number().gt(0).max(1) }),
  /** CosineAnnealingLR over the stage's epochs, to 0. Steps after an epoch. */
  z.strictObject({ kind: z.literal('cosine') }),
  /** OneCycleLR over the stage's batches with cosine annealing and without cycling momentum. Steps after a batch. */
  z.strictObject({ kind: z.literal('one-cycle'), warmup: z.number().gt(0).lt(1).default(0.3) }),
])

export const stageRecipeSchema = z.strictObject({
  /** 0 leaves the stage out. */
  epochs: z.int().min(0).max(1000),
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  locked: z.array(z.enum(LOCKABLE_STAGES)),
  /**
   * null: fresh augmentation each epoch; else so many seeded views a photo go once through the stages that rest, and the
   * epochs cycle through them.
   */
  cachedViews: z.int().min(1).max(64).nullable().default(null),
  /** Whether the first of the cached views is the photo as validation sees it, without augmentation. */
  plainView: z.boolean().default(false),
  /**
   * null: all epochs run. Else, after so many epochs in a row that brought no better validation, what is left of the
   * schedule is gone through in as many, and the stage ends.
   */
  patience: z.int().min(1).max(1000).nullable().default(null),
  /** Of the training criterion in this stage, in place of the recipe's; validation keeps the recipe's, so that stages compare. */
  labelSmoothing: z.number().min(0).lt(1).nullable().default(null),
})

export const weightsSourceSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('builtin'),
      /** Of the file; absent in recipes of the time when there was one such file only. */
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
    }),
    z.strictObject({ kind: z.literal('imagenet') }),
    z.strictObject({ kind: z.literal('file'), name: z.string(), sha256: z.string().optional() }),
  ])
  .transform((source) => (source.kind === 'builtin' ? presentBuiltin(source.sha256) : source))

/** Named by what one gets; `course` is the course's own, for learning. */
export const PRESETS = ['quick', 'standard', 'best', 'course'] as const
export const ENGINES = ['webgpu', 'wasm'] as const
export const PRECISIONS = ['float32', 'float16'] as const

/** A stage of recipes that know two only: it has no epochs. */
const NO_UPPER_STAGE = {
  epochs: 0,
  optimizer: { kind: 'adamw', learningRate: 1e-3, weightDecay: 0.01, momentum: 0, stageScale: {} },
  schedule: { kind: 'cosine' },
  locked: ['stem', 'layer1', 'layer2', 'layer3'],
  cachedViews: null,
  plainView: false,
  patience: null,
  labelSmoothing: null,
} satisfies StageRecipe

/**
 * What an older recipe says of cached views stood once, as `headFeatures`, and held for whichever stage locks the whole
 * backbone.
 */
const olderRecipe = z.looseObject({
  headFeatures: z.looseObject({ views: z.unknown() }).nullable(),
  stages: z.looseObject({
    head: z.looseObject({ locked: z.array(z.unknown()) }),
    all: z.looseObject({ locked: z.array(z.unknown()) }),
  }),
})

/** An older document as one of today; any other one as it is. `quality` is what `best` was called. */
function ofToday(document: unknown): unknown {
  const named = z.looseObject({ preset: z.literal('quality') }).safeParse(document)
  return viewsOfToday(named.success ? { ...named.data, preset: 'best' } : document)
}

function viewsOfToday(document: unknown): unknown {
  const older = olderRecipe.safeParse(document)
  if (!older.success) return document
  const { headFeatures, stages, ...recipe } = older.data
  const withViews = <T extends { locked: unknown[] }>(stage: T) => {
    const locksAll = LOCKABLE_STAGES.every((name) => stage.locked.includes(name))
    return { ...stage, cachedViews: locksAll && headFeatures ? headFeatures.views : null }
  }
  return { ...recipe, stages: { ...stages, head: withViews(stages.head), all: withViews(stages.all) } }
}

const documentSchema = z
  .strictObject({
    version: z.literal(1),
    preset: z.enum(PRESETS),
    weights: weightsSourceSchema,
    augmentation: augmentationSchema,
    evaluation: evaluationTransformSchema,
    batch: z.int().min(1).max(512),
    shuffle: z.boolean(),
    seed: z.int().min(0).max(4294967295),
    /** Share of each class that becomes validation where the folder has no validation photos. */
    validationShare: z.number().gt(0).lt(1).default(0.2),
    labelSmoothing: z.number().min(0).lt(1),
    /** Of the training loss. `balanced`: photos / (classes * photos of the class), as scikit-learn has it. */
    classWeights: z.enum(['none', 'balanced']).default('none'),
    /** `frozen`: a locked stage's batch norm is in eval mode; `tutorial`: train mode everywhere. */
    batchNorm: z.enum(['frozen', 'tutorial']),
    stages: z.strictObject({
      head: stageRecipeSchema,
      upper: stageRecipeSchema.default(() => structuredClone(NO_UPPER_STAGE)),
      all: stageRecipeSchema,
    }),
    engine: z.enum(['auto', ...ENGINES]),
    /** `float16`: WebGPU may round what it multiplies to half precision, where the adapter has it. */
    precision: z.enum(PRECISIONS).default('float32'),
    /** Most memory of a step in MB (10^6 bytes); null: what the engine allows itself. */
    memoryLimit: z.int().min(128).max(65536).nullable().default(null),
    /**
     * On wasm: engines that share each training batch, as PyTorch's DistributedDataParallel does it. 1: one engine takes
     * it whole.
     */
    workers: z.int().min(1).max(16).default(1),
    /** Written after a run; a repetition obeys it. */
    resolved: z
      .strictObject({
        engine: z.enum([...ENGINES, 'cpu']),
        kernels: z.string(),
        microBatch: z.int().min(1).nullable(),
      })
      .optional(),
  })
  .refine((r) => r.augmentation.geometry.crop === r.evaluation.crop, {
    path: ['evaluation', 'crop'],
    error: 'training and validation photos must have the same size',
    params: { reason: 'sizes' },
  })

export const recipeSchema = z.preprocess(ofToday, documentSchema)

export type Recipe = z.infer<typeof recipeSchema>
export type StageRecipe = z.infer<typeof stageRecipeSchema>
export type OptimizerRecipe = z.infer<typeof optimizerSchema>
export type Schedule = z.infer<typeof scheduleSchema>
export type Augmentation = z.infer<typeof augmentationSchema>
export type EvaluationTransform = z.infer<typeof evaluationTransformSchema>
export type WeightsSource = z.infer<typeof weightsSourceSchema>
export type Preset = Recipe['preset']

/** In order: `head` trains the classifier, `upper` the upper layers too, `all` what its freeze plan leaves unlocked. */
export const TRAINING_STAGES = ['head', 'upper', 'all'] as const
export type TrainingStage = (typeof TRAINING_STAGES)[number]

/** The stages of a recipe that have epochs, in order. */
export const stagesOf = ({ stages }: Recipe): TrainingStage[] =>
  TRAINING_STAGES.filter((stage) => stages[stage].epochs > 0)
