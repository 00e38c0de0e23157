/** One dataset that was opened, as it is remembered for the next visit. Photos are no part of it. */
import { z } from 'zod'
import { recipeSchema } from '../recipe/index.ts'

/** Where the photos come from: each kind opens again in another way. */
const kinds = ['folder', 'zip', 'collection', 'samples'] as const
export type ProjectKind = (typeof kinds)[number]

/** What structured cloning gave back may be anything; a handle is known by its class. */
const isHandle = (value: unknown): value is FileSystemHandle =>
  typeof FileSystemHandle !== 'undefined' && value instanceof FileSystemHandle

const projectSchema = z.strictObject({
  id: z.string().min(1),
  kind: z.enum(kinds),
  /** The dropped folder's name, or the collection's. */
  name: z.string(),
  /** What was dropped; empty where the browser keeps no handles: then the person is asked for it again. */
  handles: z.array(z.custom<FileSystemHandle>(isHandle)),
  /** Id of the classes made by hand. */
  collection: z.string().nullable(),
  /** Keys of the datasets that this project was, newest first: a photo more gives another key. */
  checkpointKeys: z.array(z.string()),
  openedAt: z.iso.datetime(),
  photos: z.int().nonnegative(),
  classes: z.int().nonnegative(),
  /** Classes that were named on the page: id, name. (A list, since a folder may be called `__proto__`.) */
  names: z.array(z.tuple([z.string(), z.string()])),
  /** The last run's; one that another version of the page wrote is left out. */
  recipe: recipeSchema.nullable().catch(null),
  /** Best validation accuracy of any run, 0..1. */
  best: z.number().min(0).max(1).nullable(),
})

export type Project = z.infer<typeof projectSchema>

/** Null where it is none, or another version's. */
export function parseProject(value: unknown): Project | null {
  const parsed = projectSchema.safeParse(value)
  return parsed.success ? parsed.data : null
}
