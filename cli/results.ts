/** The files of a finished run: written aside in --out, then renamed, so that none is ever half there. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RESULT_FILES } from '../src/headless/protocol.ts'

/** @param files what the page has put, by `results/NAME`. @throws where one is missing. */
export async function writeResults(out: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const aside = join(out, '.results.new')
  await rm(aside, { recursive: true, force: true })
  await mkdir(aside, { recursive: true })
  for (const name of RESULT_FILES) {
    const bytes = files.get(`results/${name}`)
    if (!bytes) throw new Error(`the run gave no ${name}`)
    await writeFile(join(aside, name), bytes)
  }
  for (const name of RESULT_FILES) await rename(join(aside, name), join(out, name))
  await rm(aside, { recursive: true, force: true })
}
