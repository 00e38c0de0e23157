/**
 * What the checks need of the system beyond Node and npm, in one list: `npm test` brings what is missing or skips what needs
 * it and says so at its end, and the README's table says the same (`tests/system-needs.test.ts`).
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './build.mjs'
import { chromiumPath } from './chromium.mjs'
import { firefoxPath } from './firefox.mjs'

/**
 * @typedef {object} SystemNeed
 * @property {string} name as in the README's table
 * @property {string} serves what cannot run without it
 * @property {() => string | null} find what is there, in words; null where it is missing
 * @property {readonly string[]} packages Debian's and Ubuntu's names, several to an entry; the first entry that the system
 *   offers is installed
 * @property {string} otherwise what to do where `npm test` cannot install it
 * @property {RegExp} tests files whose tests are skipped without it
 */

/** Ubuntu's `chromium` is a shell script that asks for a snap, so being there is not enough. */
const starts = (path) =>
  path !== undefined && existsSync(path) && spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0

const output = (program, args) => {
  const { status, stdout } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? stdout.trim() || null : null
}

const onLinux = (find) => () => (process.platform === 'linux' ? find() : 'part of the system')

/** @type {SystemNeed} */
export const CHROMIUM = {
  name: 'Chromium or Chrome',
  serves: 'kernel tests and page tests, and `npm run finetune` does not run',
  find: () => (starts(chromiumPath()) ? (chromiumPath() ?? null) : null),
  packages: ['chromium fonts-liberation'],
  otherwise:
    'install Chromium or Chrome, or run `npx playwright install --with-deps chromium`, or name one in TABTUNE_CHROMIUM',
  tests: /browser-test\.ts$|\.spec\.ts$/,
}

/** After Chromium, whose software adapter Dawn computes on. @type {SystemNeed} */
export const VULKAN = {
  name: 'Vulkan loader',
  serves: 'WebGPU kernel tests in Node',
  // Opened in a process of its own: a library that is missing, or of another system, may end it.
  find: () => output(process.execPath, ['--import', 'tsx', join(ROOT, 'scripts', 'find-dawn.ts')]),
  packages: ['libvulkan1'],
  otherwise:
    'install your system’s Vulkan loader (libvulkan1, vulkan-loader); a Chromium beside it brings a software adapter',
  tests: /tests\/peer\/random-plan|src\/engine\/plan\/tuner\.test|src\/store\/memory\.test/,
}

/** @type {SystemNeed} */
export const CHINESE_FONT = {
  name: 'A font with Chinese signs',
  serves: 'Chinese signs in page tests, which then measure boxes',
  find: onLinux(() => output('fc-list', [':lang=zh-cn', 'family'])?.split('\n')[0] ?? null),
  packages: ['fonts-wqy-microhei', 'fonts-noto-cjk'],
  otherwise: 'install one (fonts-wqy-microhei, fonts-noto-cjk)',
  tests: /^$/,
}

/** @type {SystemNeed} */
export const FIREFOX = {
  name: 'Firefox',
  serves: 'page tests in Firefox',
  find: () => (starts(firefoxPath()) ? (firefoxPath() ?? null) : null),
  packages: ['firefox-esr'],
  otherwise: 'install Firefox, or name one in TABTUNE_FIREFOX',
  tests: /\.firefox-test\.ts$/,
}

/** What no installation brings, and what is skipped without it. @type {readonly Pick<SystemNeed, 'name' | 'otherwise' | 'tests'>[]} */
export const HARDWARE = [
  {
    name: 'half precision in WebGPU',
    otherwise: 'use a graphics card that has it (a software adapter has none)',
    tests: /convolution-f16\.browser-test\.ts$/,
  },
  {
    name: 'fused multiply-add in WebAssembly',
    otherwise: 'use a processor that fuses (x86 since 2013, ARM64)',
    tests: /^tests\/engine-wasm\.test\.ts$/,
  },
]

/** What a person does to have it. @param {{ packages?: readonly string[], otherwise: string }} need */
export const remedy = ({ packages, otherwise }) =>
  packages && existsSync('/usr/bin/apt-get')
    ? `run \`apt-get install ${packages[0]}\` as root, or ${otherwise}`
    : otherwise

/** In the order in which they are looked for and installed. @type {readonly SystemNeed[]} */
export const NEEDS = [CHROMIUM, VULKAN, CHINESE_FONT, FIREFOX]
