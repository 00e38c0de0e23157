/** Builds `dist/` where it is missing or older than what it is made from. */
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
export const DIST = join(ROOT, 'dist')

const SOURCES = ['src', 'public', 'index.html', 'headless.html', 'vite.config.ts', 'package-lock.json']

/** Time in ms of the last change under a path; a folder's own time tells of deleted files. */
function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isFresh() {
  const stamp = join(DIST, 'index.html')
  if (!existsSync(stamp)) return false
  const built = statSync(stamp).mtimeMs
  return SOURCES.every((name) => newest(join(ROOT, name)) <= built)
}

/**
 * Path of an up-to-date `dist/`. Built aside and renamed, so that a server or a second run never sees half of it.
 * `say` gets one line when a build is needed. @throws where the sources do not build.
 */
export async function ensureBuilt(say = console.log) {
  if (isFresh()) return DIST
  say('Building the page ...')
  const started = new Date()
  const aside = join(ROOT, '.cache', `build-${process.pid}`)
  await build({ root: ROOT, logLevel: 'error', build: { outDir: aside, emptyOutDir: true } })
  utimesSync(join(aside, 'index.html'), started, started)
  rmSync(DIST, { recursive: true, force: true })
  renameSync(aside, DIST)
  return DIST
}
