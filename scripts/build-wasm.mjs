/** `npm run build:wasm`: compiles assembly/ into src/engine/core/wasm/module.ts, which is checked in. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TARGET = new URL('../src/engine/core/wasm/module.ts', import.meta.url)

/** The text of module.ts. */
export async function compiled() {
  let binary
  const { error, stderr } = await asc.main(
    [
      'assembly/index.ts',
      ...['--baseDir', ROOT, '--outFile', 'kernels.wasm', '--optimizeLevel', '3', '--noAssert'],
      ...['--runtime', 'stub', '--importMemory', '--enable', 'simd'],
    ],
    {
      writeFile(_, contents) {
        binary = contents
      },
    },
  )
  if (error || !binary) throw new Error(`${error?.message ?? 'nothing was written'}\n${stderr}`)
  const base64 = Buffer.from(binary).toString('base64')
  const lines = base64.match(/.{1,100}/g).map((line) => `  '${line}',`)
  return [
    '/** The compiled assembly/, written by `npm run build:wasm`: a WebAssembly module in base64. */',
    'export const MODULE: string = [',
    ...lines,
    "].join('')",
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(TARGET, await compiled())
