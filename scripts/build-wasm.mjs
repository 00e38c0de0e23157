/** `npm run build:wasm`: compiles assembly/ into modules of base64 beside their users, which are checked in. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Entry file of each module, what it asks of WebAssembly, and where it goes. */
export const MODULES = {
  engine: { source: 'assembly/index.ts', features: ['simd'], target: 'src/engine/core/wasm/module.ts' },
  fused: {
    source: 'assembly/fused.ts',
    features: ['simd', 'relaxed-simd'],
    target: 'src/engine/core/wasm/fused-module.ts',
  },
  pixels: { source: 'assembly/pixels/index.ts', features: ['simd'], target: 'src/augment/simd/module.ts' },
}

/**
 * The text of a module's target.
 *
 * @param {keyof typeof MODULES} name
 */
export async function compiled(name) {
  const { source, features } = MODULES[name]
  let binary
  const { error, stderr } = await asc.main(
    [
      source,
      ...['--baseDir', ROOT, '--outFile', 'kernels.wasm', '--optimizeLevel', '3', '--noAssert'],
      ...['--runtime', 'stub', '--importMemory'],
      ...features.flatMap((feature) => ['--enable', feature]),
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
    `/** ${source} compiled by \`npm run build:wasm\`: a WebAssembly module in base64. */`,
    'export const MODULE: string = [',
    ...lines,
    "].join('')",
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, { target }] of Object.entries(MODULES))
    await writeFile(new URL(`../${target}`, import.meta.url), await compiled(name))
