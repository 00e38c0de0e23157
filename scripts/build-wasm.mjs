/** `npm run build:wasm`: compiles assembly/ into modules of base64 beside their users, which are checked in. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'
import binaryen from 'binaryen'

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

/** Binaryen's measure of a function's size: larger than any without a loop. */
const INLINED = 1000

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
  const base64 = Buffer.from(inlined(binary)).toString('base64')
  const lines = base64.match(/.{1,100}/g).map((line) => `  '${line}',`)
  return [
    `/** ${source} compiled by \`npm run build:wasm\`: a WebAssembly module in base64. */`,
    'export const MODULE: string = [',
    ...lines,
    "].join('')",
    '',
  ].join('\n')
}

/**
 * The same module with every small function in its callers: AssemblyScript leaves those of more than a few instructions
 * that are called twice, and a call a vector costs as much as the vector's sums.
 *
 * @param {Uint8Array} binary
 */
function inlined(binary) {
  const module = binaryen.readBinary(binary)
  try {
    const { SIMD128, RelaxedSIMD, SignExt, MutableGlobals, NontrappingFPToInt, BulkMemory } =
      binaryen.Features
    module.setFeatures(SIMD128 | RelaxedSIMD | SignExt | MutableGlobals | NontrappingFPToInt | BulkMemory)
    binaryen.setOptimizeLevel(3)
    binaryen.setShrinkLevel(0)
    binaryen.setAlwaysInlineMaxSize(INLINED)
    binaryen.setFlexibleInlineMaxSize(INLINED)
    module.optimize()
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, { target }] of Object.entries(MODULES))
    await writeFile(new URL(`../${target}`, import.meta.url), await compiled(name))
