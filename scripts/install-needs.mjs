/** Brings what the checks need of the system, where that can be done without asking, and says so. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { ROOT } from './build.mjs'
import { CHROMIUM, NEEDS } from './system-needs.mjs'

/** The last lines of a program that failed, without its stack; null where it ended well. Its output is not shown. */
function failure(command, args, env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (status === 0) return null
  const lines = `${stdout ?? ''}\n${stderr ?? ''}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(E:|Error:|error:)|\bnot (found|supported)\b|failed/i.test(line))
  return error?.message ?? lines.at(-1) ?? `${command} ended with ${status}`
}

const QUIET = { DEBIAN_FRONTEND: 'noninteractive' }

/** apt-get as root, on Debian and Ubuntu. */
const hasApt = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

let isUpdated = false

/** Installs the first of these that the system offers; null, or why it could not. */
function aptInstall(packages) {
  if (!isUpdated) failure('apt-get', ['update'], QUIET)
  isUpdated = true
  let why = 'the system offers none of them'
  for (const names of packages) {
    const problem = failure(
      'apt-get',
      ['install', '-y', '--no-install-recommends', ...names.split(' ')],
      QUIET,
    )
    if (problem === null) return null
    why = problem
  }
  return why
}

/** Playwright's own build, for systems without apt-get or without the right to use it. */
function installPlaywrightChromium() {
  const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx'
  const deps = process.getuid?.() === 0 ? ['--with-deps'] : []
  return failure(npx, ['playwright', 'install', ...deps, 'chromium'])
}

/** What an attempt to install a need came to: a line for the person, or null where there was nothing to try. */
function install(need) {
  if (hasApt()) {
    console.log(`${need.name}: not found, installing (apt-get install ${need.packages.join(' or ')}) ...`)
    const problem = aptInstall(need.packages)
    if (need.find() !== null || need !== CHROMIUM) return problem
  }
  if (need !== CHROMIUM) return null
  console.log(`${need.name}: not found, installing Playwright’s build (npx playwright install chromium) ...`)
  const problem = installPlaywrightChromium()
  return problem ?? 'it was installed but does not start: run `npx playwright install-deps chromium` as root'
}

/**
 * Looks for every need, installs what is missing where it can, and prints one line each.
 * @returns the needs that are still missing
 */
export function bringNeeds() {
  const missing = []
  for (const need of NEEDS) {
    let found = need.find()
    if (found === null) {
      const problem = install(need)
      found = need.find()
      if (found === null && problem !== null) console.log(`${need.name}: could not be installed: ${problem}`)
    }
    if (found === null) missing.push(need)
    else console.log(`${need.name}: ${found}`)
  }
  return missing
}
