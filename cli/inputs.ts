/** Checks everything that the flags name, before anything is written: the photos, the recipe, the weights, --out. */
import { access, constants, open, readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { z } from 'zod'
import { isZip } from '../src/dataset/formats.ts'
import { RESULT_FILES } from '../src/headless/protocol.ts'
import {
  BUILTIN_WEIGHTS,
  FORMER_BUILTIN_WEIGHTS,
  isFormerBuiltin,
  presetRecipe,
  type Recipe,
  recipeSchema,
  stagesOf,
  TRAINING_STAGES,
  withSize,
} from '../src/recipe/index.ts'
import { openWeightFile, sha256Hex, WeightsError } from '../src/weights/index.ts'
import type { Arguments } from './arguments.ts'
import { BadInput } from './bad-input.ts'
import { CHECKPOINT_FOLDER, readCheckpoint, type SavedCheckpoint } from './checkpoint.ts'

export interface Inputs {
  /** Absolute paths. */
  data: string
  out: string
  recipe: Recipe
  /** The bytes of a weight file that the person named; ImageNet's and the built-in ones come later. */
  weights: { name: string; bytes: Uint8Array<ArrayBuffer> } | null
  checkpoint: SavedCheckpoint | null
  loaders: number | null
  tryDepths: boolean
}

/** @throws BadInput with one line that says what is wrong and where. */
export async function checkInputs(args: Arguments): Promise<Inputs> {
  const data = await checkData(args.data)
  const out = await checkOut(args.out)
  if (!args.resume && !args.overwrite) await checkNothingLost(args.out, out)
  const checkpoint = args.resume ? await readCheckpoint(out) : null
  const base = await baseRecipe(args, checkpoint)
  const recipe = withFlags(base.recipe, args)
  const weights =
    recipe.weights.kind === 'file' ? await readWeights(recipe.weights, base.folders, args) : null
  if (weights) recipe.weights = { ...weights.source }
  if (checkpoint) checkSameRun(recipe, checkpoint.recipe)
  return {
    data,
    out,
    recipe,
    weights: weights?.file ?? null,
    checkpoint,
    loaders: args.loaders ?? null,
    tryDepths: args.tryDepths,
  }
}

async function checkData(path: string): Promise<string> {
  const folder = resolve(path)
  const found = await stat(folder).catch(() => null)
  if (!found) throw new BadInput(`--data ${path}: there is no such folder`)
  if (isZip(folder)) return await checkZip(path, folder)
  if (!found.isDirectory()) throw new BadInput(`--data ${path}: is a file, not a folder of photos or a .zip`)
  const names = await readdir(folder).catch(() => null)
  if (!names) throw new BadInput(`--data ${path}: may not be read`)
  if (names.length === 0) throw new BadInput(`--data ${path}: the folder is empty`)
  return folder
}

/** What a zip holds the page finds out; that it is one at all shows in its first bytes. */
async function checkZip(path: string, file: string): Promise<string> {
  const handle = await open(file).catch(() => {
    throw new BadInput(`--data ${path}: may not be read`)
  })
  try {
    const { buffer } = await handle.read({ buffer: Buffer.alloc(4) })
    if (buffer.toString('latin1', 0, 2) !== 'PK') throw new BadInput(`--data ${path}: is no zip`)
  } finally {
    await handle.close()
  }
  return file
}

/** The folder itself, or the nearest one above it that exists, must be writable. */
async function checkOut(path: string): Promise<string> {
  const folder = resolve(path)
  let nearest = folder
  let found = await stat(nearest).catch(() => null)
  while (!found && dirname(nearest) !== nearest) {
    nearest = dirname(nearest)
    found = await stat(nearest).catch(() => null)
  }
  if (!found?.isDirectory()) throw new BadInput(`--out ${path}: ${nearest} is a file, not a folder`)
  await access(nearest, constants.W_OK | constants.X_OK).catch(() => {
    throw new BadInput(`--out ${path}: ${nearest} may not be written to`)
  })
  return folder
}

/** What hours gave is not replaced unasked. */
async function checkNothingLost(path: string, folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => [])
  if (names.includes(CHECKPOINT_FOLDER))
    throw new BadInput(
      `--out ${path}: holds a run that was broken off; --resume goes on with it, --overwrite begins anew in its place`,
    )
  // A recipe alone may be the one that the person gives.
  const result = RESULT_FILES.find((name) => name !== 'recipe.json' && names.includes(name))
  if (result)
    throw new BadInput(
      `--out ${path}: holds the results of a run (${result}); name another folder, or --overwrite to replace them`,
    )
}

const changesRecipe = (args: Arguments) =>
  [args.preset, args.weights, args.engine, args.seed, args.size, args.batch].some((v) => v !== undefined) ||
  TRAINING_STAGES.some((stage) => args[`${stage}-epochs`] !== undefined)

/** The recipe that the flags start from, and the folders in which its weight file is looked for. */
async function baseRecipe(
  args: Arguments,
  checkpoint: SavedCheckpoint | null,
): Promise<{ recipe: Recipe; folders: string[] }> {
  const here = process.cwd()
  if (args.recipe !== undefined)
    return { recipe: await readRecipe(args.recipe), folders: [here, dirname(resolve(args.recipe))] }
  if (checkpoint && !changesRecipe(args))
    return { recipe: structuredClone(checkpoint.recipe), folders: [here] }
  return { recipe: presetRecipe(args.preset ?? 'quick'), folders: [here] }
}

async function readRecipe(path: string): Promise<Recipe> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new BadInput(`--recipe ${path}: there is no such file, or it may not be read`)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new BadInput(`--recipe ${path}: is not JSON`)
  }
  const result = recipeSchema.safeParse(json)
  if (!result.success) throw new BadInput(`--recipe ${path}: ${issueLine(result.error)}`)
  return result.data
}

/** The first thing that zod found: where in the document, and what. */
export function issueLine(error: z.ZodError): string {
  const [issue] = error.issues
  return `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`
}

/** What a recipe becomes with the given flags. What was resolved on another engine, size or batch does not hold. */
function withFlags(recipe: Recipe, args: Arguments): Recipe {
  const changed =
    args.size === undefined ? structuredClone(recipe) : withSize(structuredClone(recipe), args.size)
  for (const stage of TRAINING_STAGES)
    changed.stages[stage].epochs = args[`${stage}-epochs`] ?? changed.stages[stage].epochs
  if (stagesOf(changed).length === 0)
    throw new BadInput(
      '--head-epochs, --upper-epochs and --all-epochs: no stage has an epoch, so there is nothing to train',
    )
  changed.seed = args.seed ?? changed.seed
  changed.batch = args.batch ?? changed.batch
  changed.engine = args.engine ?? changed.engine
  if (args.weights === 'builtin') changed.weights = BUILTIN_WEIGHTS
  else if (args.weights === 'imagenet') changed.weights = { kind: 'imagenet' }
  else if (args.weights !== undefined) changed.weights = { kind: 'file', name: args.weights }
  if (args.engine !== undefined || args.size !== undefined || args.batch !== undefined)
    delete changed.resolved
  return changed
}

/** A recipe of the time when other weights were built in means those, and trains from no others unless it is told to. */
const FORMER = `the weights that were built in before (${FORMER_BUILTIN_WEIGHTS.name}, Tiny-ImageNet), which are no longer built in`
const FORMER_RUN = `--resume: the run began from ${FORMER}; name that file with --weights FILE to go on`

/**
 * `--resume` goes on with the same recipe; what the first run resolved is not compared, and a weight file is the same
 * under another name.
 */
function checkSameRun(now: Recipe, then: Recipe): void {
  const [a, b] = [now.weights, then.weights]
  if (a.kind === 'builtin' && isFormerBuiltin(b)) throw new BadInput(FORMER_RUN)
  const isSameFile = a.kind === 'file' && b.kind === 'file' && a.sha256 !== undefined && a.sha256 === b.sha256
  const place = firstDifference(
    { ...now, resolved: undefined, ...(isSameFile && { weights: b }) },
    { ...then, resolved: undefined },
  )
  if (place !== null)
    throw new BadInput(
      `--resume: the checkpoint in --out was made with another recipe (${place} differs); give the same flags or none`,
    )
}

/** Path of the first value that differs between two JSON documents; a weight file's sha256 is filled in later. */
export function firstDifference(a: unknown, b: unknown, path = ''): string | null {
  if (path === 'weights.sha256') return null
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b ? null : path
  const left = new Map(Object.entries(a))
  const right = new Map(Object.entries(b))
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const place = firstDifference(left.get(key), right.get(key), path ? `${path}.${key}` : key)
    if (place !== null) return place
  }
  return null
}

type FileSource = Extract<Recipe['weights'], { kind: 'file' }>

async function readWeights(source: FileSource, folders: readonly string[], args: Arguments) {
  const candidates = folders.flatMap((folder) => [
    resolve(folder, source.name),
    join(folder, basename(source.name)),
  ])
  for (const path of new Set(candidates)) {
    const bytes = await readFile(path).catch(() => null)
    if (bytes) return openWeights(new Uint8Array(bytes), path, source)
  }
  if (args.weights === undefined && isFormerBuiltin(source))
    throw new BadInput(
      args.recipe === undefined
        ? FORMER_RUN
        : `--recipe ${args.recipe}: starts from ${FORMER}; name that file with --weights FILE, or take today's with --weights builtin`,
    )
  throw new BadInput(`--weights ${source.name}: there is no such file, or it may not be read`)
}

async function openWeights(bytes: Uint8Array<ArrayBuffer>, path: string, source: FileSource) {
  try {
    openWeightFile(bytes)
  } catch (error) {
    if (error instanceof WeightsError) throw new BadInput(`--weights ${source.name}: ${error.message}`)
    throw error
  }
  const sha256 = await sha256Hex(bytes)
  if (source.sha256 !== undefined && source.sha256 !== sha256)
    throw new BadInput(
      `--weights ${source.name}: is not the file that the recipe was made with (sha256 differs)`,
    )
  const name = relative(process.cwd(), path).startsWith('..') ? path : relative(process.cwd(), path)
  return {
    source: { kind: 'file', name, sha256 } as const,
    file: { name: basename(path), bytes },
  }
}
