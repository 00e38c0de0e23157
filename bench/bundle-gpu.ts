/**
 * `npm run bench:gpu:bundle`: packs `bench:gpu` into bench-gpu.tar.gz, one file of a few MB for a Linux machine with a
 * GPU, its Vulkan driver and Node, but without this checkout: `tar xzf bench-gpu.tar.gz && node bench-gpu/gpu.mjs`.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const NAME = 'bench-gpu'
const DAWN = dirname(fileURLToPath(import.meta.resolve('webgpu')))
const beside = (file: string) => fileURLToPath(new URL(file, import.meta.url))

const folder = await mkdtemp(join(tmpdir(), 'tabtune-bench-'))
try {
  const target = join(folder, NAME)
  await build({
    entryPoints: [beside('gpu.ts')],
    outfile: join(target, 'gpu.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // Loads its own dawn.node.
    external: ['webgpu'],
  })
  await cp(beside('pytorch_gpu.py'), join(target, 'pytorch_gpu.py'))
  const packed = join(target, 'node_modules', 'webgpu')
  await mkdir(packed, { recursive: true })
  for (const part of ['package.json', 'index.js', 'LICENSE.md', 'dist/linux-x64'])
    await cp(join(DAWN, part), join(packed, part), { recursive: true })
  await promisify(execFile)('tar', ['czf', `${NAME}.tar.gz`, '-C', folder, NAME])
  console.log(`${NAME}.tar.gz`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
