/** Where tunings are kept: in IndexedDB, beside what this process remembers. */
import { createStore, get, set, type UseStore, values } from 'idb-keyval'
import { z } from 'zod'
import { KINDS } from './kernels/convolution.ts'
import type { Tuning } from './tuner.ts'

/** Both reject where nothing can be kept (a private window). */
export interface TuningStore {
  get(key: string): Promise<Tuning | null>
  put(key: string, tuning: Tuning): Promise<void>
}

const tuningSchema: z.ZodType<Tuning> = z.object({
  kernels: z.string(),
  size: z.int().min(1),
  count: z.int().min(1),
  entries: z.array(
    z.object({
      layer: z.string(),
      kind: z.enum(KINDS),
      milliseconds: z.record(z.string(), z.number().min(0)),
    }),
  ),
  milliseconds: z.number().min(0),
  complete: z.boolean(),
})

/** What does not read back is as good as not there. */
const readTuning = (stored: unknown): Tuning | null => tuningSchema.safeParse(stored).data ?? null

let opened: UseStore | undefined
const store = () => {
  opened ??= createStore('tabtune-kernels', 'tunings')
  return opened
}

/** This browser's tunings; null where there is no IndexedDB (Node). */
export const browserTunings = (): TuningStore | null =>
  typeof indexedDB === 'undefined'
    ? null
    : {
        get: async (key) => readTuning(await get<unknown>(key, store())),
        put: (key, tuning) => set(key, tuning, store()),
      }

/** A tuning of this browser that came to this choice, for people; null where none is kept. */
export async function storedTuning(kernels: string): Promise<Tuning | null> {
  if (typeof indexedDB === 'undefined') return null
  const all = (await values<unknown>(store())).map(readTuning)
  return all.find((tuning) => tuning?.kernels === kernels) ?? null
}
