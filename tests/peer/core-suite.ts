/** tfjs-core's own tests on its wasm backend, as it is and with our gradients installed. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { z } from 'zod'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const resultsSchema = z.array(z.object({ name: z.string(), failure: z.string().nullable() }))
/** What each test said when it failed, by its name; null where it passed. */
export type SuiteResults = ReadonlyMap<string, string | null>

/** Both runs, each in a process of its own. @throws where a run ends without its results. */
export async function runCoreSuite(): Promise<{ stock: SuiteResults; ours: SuiteResults }> {
  const folder = await mkdtemp(join(tmpdir(), 'tabtune-peer-'))
  try {
    const program = join(folder, 'suite.cjs')
    await bundle(program)
    const run = async (kernels: 'stock' | 'ours'): Promise<SuiteResults> => {
      const file = join(folder, `${kernels}.json`)
      const wasm = here('../../node_modules/@tensorflow/tfjs-backend-wasm/dist/')
      await promisify(execFile)(process.execPath, [program, wasm, kernels, file], { maxBuffer: 2 ** 26 })
      const results = resultsSchema.parse(JSON.parse(await readFile(file, 'utf8')))
      return new Map(results.map(({ name, failure }) => [name, failure]))
    }
    return { stock: await run('stock'), ours: await run('ours') }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: [here('suite.ts')],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    // tfjs-core lists what has side effects, and its tests are not in the list.
    ignoreAnnotations: true,
    logLevel: 'error',
  })
}
