/**
 * What a weight file of ours says beside its tensors, as safetensors' text metadata: `classes`, `preprocessing`,
 * `recipe` and `accuracy` are JSON, `version` is Tabtune's version, `format` is `pt` (PyTorch's names and layouts).
 */
import { z } from 'zod'
import { type Recipe, recipeSchema } from '../recipe/index.ts'

const channels = z.tuple([z.number(), z.number(), z.number()])
const preprocessingSchema = z.object({
  /** Side of the square that the network sees, in px. */
  size: z.int().min(1).max(4096),
  /** `both`: both sides to `size`; `short`: the short side, the other in proportion. Then a center crop. */
  resize: z.object({ mode: z.enum(['both', 'short']), size: z.int().min(1).max(8192) }),
  /** Of values in [0, 1], RGB. */
  mean: channels,
  std: channels,
})
export type Preprocessing = z.infer<typeof preprocessingSchema>

export interface WeightMetadata {
  /** Names in the order of the classifier's outputs. */
  classes: string[] | null
  /** As in validation. */
  preprocessing: Preprocessing | null
  recipe: Recipe | null
  /** Best validation accuracy, 0..1. */
  accuracy: number | null
  version: string | null
}

export function writeMetadata(metadata: WeightMetadata): Record<string, string> {
  const texts: Record<string, string> = { format: 'pt' }
  if (metadata.version !== null) texts.version = metadata.version
  for (const key of ['classes', 'preprocessing', 'recipe', 'accuracy'] as const)
    if (metadata[key] !== null) texts[key] = JSON.stringify(metadata[key])
  return texts
}

/** What of a file's metadata is ours; anything absent or of another form (other programs write other things) is null. */
export function readMetadata(texts: Readonly<Record<string, string>>): WeightMetadata {
  return {
    classes: field(texts.classes, z.array(z.string()).min(1)),
    preprocessing: field(texts.preprocessing, preprocessingSchema),
    recipe: field(texts.recipe, recipeSchema),
    accuracy: field(texts.accuracy, z.number().min(0).max(1)),
    version: texts.version ?? null,
  }
}

function field<T>(text: string | undefined, schema: z.ZodType<T>): T | null {
  if (text === undefined) return null
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return null
  }
}
