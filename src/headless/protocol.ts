/**
 * What the command line and the headless page say to each other. Requests and messages are small JSON documents;
 * files travel by GET and PUT to the command line's own server, below an address that holds a one-time token.
 */
import { z } from 'zod'
import { recipeSchema } from '../recipe/index.ts'

export const headlessRequestSchema = z.strictObject({
  recipe: recipeSchema,
  /** Name of a weight file to be fetched from `transfer`/weights; null: the built-in ones. */
  weights: z.string().nullable(),
  /** Files of a checkpoint to go on from, to be fetched from `transfer`/checkpoint/NAME; null: a new run. */
  checkpoint: z.array(z.string()).nullable(),
  /** Number of loader workers; null: the pool's own choice. */
  loaders: z.int().min(1).max(8).nullable(),
  /** Whether it is tried after the run which depth is worth training next. */
  tryDepths: z.boolean(),
  /** Address below which files are fetched and put, ending in a slash. */
  transfer: z.string().endsWith('/'),
})
export type HeadlessRequest = z.infer<typeof headlessRequestSchema>

export const headlessMessageSchema = z.discriminatedUnion('type', [
  /** The page listens. `gpu`: what WebGPU offers here. */
  z.strictObject({ type: z.literal('ready'), gpu: z.enum(['hardware', 'software', 'none']) }),
  /** A line for the person. */
  z.strictObject({ type: z.literal('line'), text: z.string() }),
  /** All files of a checkpoint have been put. */
  z.strictObject({ type: z.literal('checkpoint'), files: z.array(z.string()) }),
  z.strictObject({
    type: z.literal('end'),
    /** `stopped`: by the person, best weights so far kept; `failed` may have put results too. */
    status: z.enum(['completed', 'stopped', 'failed', 'bad-input']),
    /** Whether all result files have been put. */
    results: z.boolean(),
    text: z.string(),
  }),
])
export type HeadlessMessage = z.infer<typeof headlessMessageSchema>

/** Files that a run leaves; put to `transfer`/results/NAME. */
export const RESULT_FILES = ['best.safetensors', 'history.json', 'predictions.csv', 'recipe.json'] as const

/** Names of the functions on the page's window (`start`, `stop`) and of the binding that it reports through. */
export const REPORT_BINDING = 'tabtuneReport'
