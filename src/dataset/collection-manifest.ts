/** The document beside a collection's photos: names, order, and what was removed but may still come back. */
import { z } from 'zod'
import type { Collection } from './collection.ts'

const classSchema = z.object({
  key: z.string().regex(/^class-\d+$/),
  name: z.string().min(1),
  nextRecording: z.int().min(1),
  nextPhoto: z.int().min(1),
})

const manifestSchema = z.object({
  version: z.literal(1),
  name: z.string().min(1),
  /** ISO 8601. */
  savedAt: z.string(),
  nextClass: z.int().min(1),
  classes: z.array(classSchema),
  /** Photos (`class-1/recording-2/0007.jpg`) that are deleted when the collection is opened again. */
  removed: z.array(z.string()),
})

export type CollectionManifest = z.infer<typeof manifestSchema>

export function manifestOf(
  collection: Collection,
  removed: readonly string[],
  savedAt: Date,
): CollectionManifest {
  const { name, nextClass, classes } = collection
  return {
    version: 1,
    name,
    savedAt: savedAt.toISOString(),
    nextClass,
    classes: classes.map(({ key, name, nextRecording, nextPhoto }) => ({
      key,
      name,
      nextRecording,
      nextPhoto,
    })),
    removed: [...removed],
  }
}

/** @throws where the text is no manifest. */
export const parseManifest = (text: string): CollectionManifest => manifestSchema.parse(JSON.parse(text))
