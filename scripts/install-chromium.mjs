/** Makes sure that there is a Chromium: uses the one that is there, else installs one and says so. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { chromiumPath } from './chromium.mjs'

const run = (command, args, env = {}) =>
  spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status === 0

/** Ubuntu's `chromium` is a shell script that asks for a snap, so being there is not enough. */
const starts = (path) =>
  path !== undefined && existsSync(path) && spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0

/** Path of a Chromium that starts. @throws where none can be installed. */
export function ensureChromium() {
  if (starts(chromiumPath())) return chromiumPath()
  const root = process.getuid?.() === 0
  if (root && existsSync('/usr/bin/apt-get')) {
    console.log('No Chromium found: installing the system package (apt-get install chromium) ...')
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
    if (run('apt-get', ['update'], quiet)) run('apt-get', ['install', '-y', 'chromium'], quiet)
    if (starts(chromiumPath())) return chromiumPath()
  }
  console.log('No Chromium found: installing Playwright’s build (npx playwright install chromium) ...')
  const playwright = process.platform === 'win32' ? 'npx.cmd' : 'npx'
  run(playwright, ['playwright', 'install', ...(root ? ['--with-deps'] : []), 'chromium'])
  if (starts(chromiumPath())) return chromiumPath()
  throw new Error(
    'No Chromium could be installed. Install Chromium or Chrome, or name one in TABTUNE_CHROMIUM, and try again.',
  )
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) console.log(`Chromium: ${ensureChromium()}`)
