/** The page as it is built: which code reaches the page itself, and whether everything on it has its styles. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { beforeAll, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Mantine names its classes by a hash, in scripts and styles alike. */
const MANTINE_CLASS = /\bm_[0-9a-f]{6,8}\b/g

/** Modules of the page's scripts (workers are built apart and are none of them). */
let modules: string[]
let scripts: string
let styles: string

beforeAll(async () => {
  const built = await build({ root: ROOT, logLevel: 'error', build: { write: false } })
  const output = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  const chunks = output.filter((file) => file.type === 'chunk')
  modules = chunks.flatMap((chunk) => Object.keys(chunk.modules))
  scripts = chunks.map(({ code }) => code).join('\n')
  styles = output
    .flatMap((file) => (file.type === 'asset' && file.fileName.endsWith('.css') ? [String(file.source)] : []))
    .join('\n')
})

test('TensorFlow.js and the libraries that decode photos run in workers only', () => {
  expect(modules.some((id) => id.includes('react-dom'))).toBe(true)
  const workersOnly = /node_modules\/(?:@tensorflow|libheif-js|geotiff)\//
  expect(modules.filter((id) => workersOnly.test(id))).toEqual([])
})

test('every Mantine component that is used has its styles', () => {
  const folder = join(ROOT, 'node_modules/@mantine/core/styles')
  const used = new Set(scripts.match(MANTINE_CLASS))
  const styled = new Set(styles.match(MANTINE_CLASS))
  expect(used.size).toBeGreaterThan(50)
  const missing = readdirSync(folder).filter((file) => {
    if (!file.endsWith('.css') || file.endsWith('.layer.css')) return false
    const classes = new Set(readFileSync(join(folder, file), 'utf8').match(MANTINE_CLASS))
    return [...classes].some((name) => used.has(name) && !styled.has(name))
  })
  expect(missing).toEqual([])
})
