/** `npm run assemble`: src/augment/simd/pixels.wat becomes binary.ts beside it. `assemble` also serves the test. */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import wabt from 'wabt'

const path = (name: string) => fileURLToPath(new URL(`../src/augment/simd/${name}`, import.meta.url))

/** What binary.ts must hold. */
export async function assemble(): Promise<string> {
  const { parseWat } = await wabt()
  const module = parseWat('pixels.wat', await readFile(path('pixels.wat'), 'utf8'), { simd: true })
  const { buffer } = module.toBinary({})
  const text = Buffer.from(buffer).toString('base64')
  return `/** pixels.wat, assembled by \`npm run assemble\`. */\nexport const PIXELS_WASM =\n  '${text}'\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(path('binary.ts'), await assemble())
