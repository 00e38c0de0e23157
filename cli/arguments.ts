/** The flags of `npm run finetune`, read and checked one by one; files are not looked at here. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { z } from 'zod'
import { PRESETS, type Preset } from '../src/recipe/index.ts'
import { BadInput } from './bad-input.ts'

export const USAGE = `npm run finetune -- --data DIR --out DIR [options]

  --data DIR           folder of photos: train/<class>/, valid/<class>/, test/<class>/, or class folders only,
                       or photos with a CSV of file,label[,split]; or a .zip of such a folder
  --out DIR            where the results go: best.safetensors, history.json, predictions.csv, recipe.json
  --preset NAME        quick (default), standard, best or course
  --recipe FILE        a recipe.json instead of a preset; the other flags change single values of it
  --weights SOURCE     builtin (default), imagenet (torchvision's, fetched once, 46.8 MB) or a .safetensors
                       or .pth file, with or without a classifier
  --engine NAME        auto (default), webgpu or wasm
  --seed N             seed of shuffling, augmentation, splits and the new classifier (default 0)
  --size PX            training size, 32 to 512
  --batch N            photos a step, 1 to 512
  --head-epochs N      epochs of the classifier's stage; 0 leaves it out
  --upper-epochs N     epochs of the last layers' stage; 0 leaves it out
  --all-epochs N       epochs of all layers' stage; 0 leaves it out
  --try-depths         after quick: tries which layers are worth training next, and says so
  --loaders N          workers that decode and augment, 1 to 8 (default: the cores less one)
  --resume             go on from the checkpoint in --out
  --overwrite          replace the results or the unfinished run that --out holds
  --help               this text`

const FLAGS = {
  data: { type: 'string' },
  out: { type: 'string' },
  preset: { type: 'string' },
  recipe: { type: 'string' },
  weights: { type: 'string' },
  engine: { type: 'string' },
  seed: { type: 'string' },
  size: { type: 'string' },
  batch: { type: 'string' },
  'head-epochs': { type: 'string' },
  'upper-epochs': { type: 'string' },
  'all-epochs': { type: 'string' },
  loaders: { type: 'string' },
  'try-depths': { type: 'boolean' },
  resume: { type: 'boolean' },
  overwrite: { type: 'boolean' },
  help: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options']

const whole = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((value) => value >= from && value <= to)

const epochs = [whole(0, 1000), 'a whole number from 0 to 1000'] as const

/** `quality` is what `best` was called. */
const presetName = z
  .enum([...PRESETS, 'quality'])
  .transform((name): Preset => (name === 'quality' ? 'best' : name))

/** What each checked flag must be, and how to say so. */
const RULES = {
  preset: [presetName, 'quick, standard, best or course'],
  engine: [z.enum(['auto', 'webgpu', 'wasm']), 'auto, webgpu or wasm'],
  seed: [whole(0, 4294967295), 'a whole number from 0 to 4294967295'],
  size: [whole(32, 512), 'a whole number from 32 to 512'],
  batch: [whole(1, 512), 'a whole number from 1 to 512'],
  'head-epochs': epochs,
  'upper-epochs': epochs,
  'all-epochs': epochs,
  loaders: [whole(1, 8), 'a whole number from 1 to 8'],
} as const

type Checked = { [Name in keyof typeof RULES]?: z.infer<(typeof RULES)[Name][0]> }

export interface Arguments extends Checked {
  data: string
  out: string
  recipe?: string
  weights?: string
  tryDepths: boolean
  resume: boolean
  overwrite: boolean
}

/** The flags of a command line, or `help` where it asks for the text. @throws BadInput naming the flag. */
export function parseArguments(argv: readonly string[]): Arguments | 'help' {
  const values = parseFlags(argv)
  if (values.help) return 'help'
  const { data, out, recipe, weights } = values
  if (!data) throw new BadInput('--data is missing: name the folder of photos (--help shows all flags)')
  if (!out) throw new BadInput('--out is missing: name the folder for the results (--help shows all flags)')
  if (values.resume && values.overwrite)
    throw new BadInput('--overwrite: --resume goes on with what --out holds; name one of the two')
  if (recipe !== undefined && values.preset !== undefined)
    throw new BadInput('--preset: a --recipe is given already; name one of the two')
  for (const name of ['recipe', 'weights'] as const)
    if (values[name] === '') throw new BadInput(`--${name}: the value is empty`)
  return {
    data,
    out,
    recipe,
    weights,
    tryDepths: values['try-depths'] ?? false,
    resume: values.resume ?? false,
    overwrite: values.overwrite ?? false,
    preset: check('preset', values.preset, ...RULES.preset),
    engine: check('engine', values.engine, ...RULES.engine),
    seed: check('seed', values.seed, ...RULES.seed),
    size: check('size', values.size, ...RULES.size),
    batch: check('batch', values.batch, ...RULES.batch),
    'head-epochs': check('head-epochs', values['head-epochs'], ...RULES['head-epochs']),
    'upper-epochs': check('upper-epochs', values['upper-epochs'], ...RULES['upper-epochs']),
    'all-epochs': check('all-epochs', values['all-epochs'], ...RULES['all-epochs']),
    loaders: check('loaders', values.loaders, ...RULES.loaders),
  }
}

function parseFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, allowPositionals: false }).values
  } catch (error) {
    // Node adds advice on positional arguments after the first sentence.
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/)
    throw new BadInput(`${sentence.replace(/\.$/, '')} (--help shows all flags)`)
  }
}

function check<T>(
  flag: string,
  value: string | undefined,
  schema: z.ZodType<T>,
  words: string,
): T | undefined {
  if (value === undefined) return undefined
  const result = schema.safeParse(value)
  if (!result.success) throw new BadInput(`--${flag} ${value}: must be ${words}`)
  return result.data
}
