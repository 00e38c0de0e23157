/**
 * The checkpoint of an unfinished run: `checkpoint/` in --out, a copy of what the trainer keeps in the browser's own
 * file system, with the recipe beside it. Files never change once written, except the pointer, which names the
 * others; so a new checkpoint is: its new files, then the pointer, then the removal of what it no longer needs.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Recipe, recipeSchema } from '../src/recipe/index.ts'
import { BadInput } from './bad-input.ts'

/** In --out. */
export const CHECKPOINT_FOLDER = 'checkpoint'
const RECIPE = 'recipe.json'
const UNFINISHED = '.part'

export interface SavedCheckpoint {
  recipe: Recipe
  /** The trainer's own files by name. */
  files: Map<string, Uint8Array<ArrayBuffer>>
}

/** @throws BadInput where `out` holds none, or one that cannot be read. */
export async function readCheckpoint(out: string): Promise<SavedCheckpoint> {
  const folder = join(out, CHECKPOINT_FOLDER)
  const names = await readdir(folder).catch(() => {
    throw new BadInput(`--resume: ${folder} does not exist, so there is nothing to go on from`)
  })
  const recipe = await readFile(join(folder, RECIPE), 'utf8').then(
    (text) => recipeSchema.safeParse(parseJson(text)),
    () => null,
  )
  if (!recipe?.success) throw new BadInput(`--resume: ${join(folder, RECIPE)} is missing or not a recipe`)
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const name of names)
    if (name !== RECIPE && !name.endsWith(UNFINISHED))
      files.set(name, new Uint8Array(await readFile(join(folder, name))))
  return { recipe: recipe.data, files }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The folder that a run copies its checkpoints to; what an earlier run left there is replaced by the first. */
export class CheckpointWriter {
  readonly #folder: string
  #written: Set<string>

  /** @param resumed files that are there already and belong to this run. */
  constructor(
    out: string,
    private readonly recipe: Recipe,
    resumed: Iterable<string>,
  ) {
    this.#folder = join(out, CHECKPOINT_FOLDER)
    this.#written = new Set(resumed)
  }

  /**
   * Makes `names` the checkpoint. The pointer is the last of them; new bytes are taken out of `put`
   * (`checkpoint/NAME`).
   */
  async write(names: readonly string[], put: Map<string, Uint8Array>): Promise<void> {
    if (this.#written.size === 0) await rm(this.#folder, { recursive: true, force: true })
    await mkdir(this.#folder, { recursive: true })
    if (this.#written.size === 0) await this.#replace(RECIPE, `${JSON.stringify(this.recipe, null, 2)}\n`)
    for (const name of names) {
      const bytes = put.get(`checkpoint/${name}`)
      if (bytes) await this.#replace(name, bytes)
      else if (!this.#written.has(name)) throw new Error(`the checkpoint lacks ${name}`)
      put.delete(`checkpoint/${name}`)
      this.#written.add(name)
    }
    for (const name of this.#written)
      if (!names.includes(name)) await rm(join(this.#folder, name), { force: true })
    this.#written = new Set(names)
  }

  /** A completed run needs none. */
  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #replace(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.#folder, name)
    await writeFile(path + UNFINISHED, content)
    await rename(path + UNFINISHED, path)
  }
}
