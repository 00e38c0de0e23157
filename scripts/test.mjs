/**
 * `npm test`: types, Biome, unit tests and page tests in one lane, kernel tests and Firefox in another, each shown as it runs.
 * What the system lacks is brought, or what needs it is skipped, counted and named (`system-needs.mjs`). The last line
 * is the sum: `N passed, N failed`, with `, N skipped` where tests were.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { ensureBuilt, ROOT } from './build.mjs'
import { bringNeeds } from './install-needs.mjs'
import { CHROMIUM, HARDWARE, remedy } from './system-needs.mjs'

const reports = mkdtempSync(join(tmpdir(), 'tabtune-test-'))
const bin = (name) => join(ROOT, 'node_modules', ...name.split('/'))

/** @typedef {{ passed: number, failed: number, skipped: Map<string, number> }} Counts `skipped` by file */

const none = () => ({ passed: 0, failed: 0, skipped: new Map() })

/** Exit status of a Node program of ours, its output passed through. */
function node(program, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin(program), ...args], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    })
    child.on('error', () => resolve(1))
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** A program that is one check as a whole. */
const check = (program, args) => async () => {
  const code = await node(program, args)
  return code === 0 ? { ...none(), passed: 1 } : { ...none(), failed: 1 }
}

/** A runner that writes a JSON report. One that fails with no failed test in it (it crashed) counts as a failure. */
const runner =
  (program, args, read, file, env = {}) =>
  async () => {
    const report = join(reports, file)
    const code = await node(program, args(report), env)
    const counts = existsSync(report) ? read(JSON.parse(readFileSync(report, 'utf8'))) : none()
    const ranNothing = counts.passed + counts.skipped.size === 0
    if ((code !== 0 || ranNothing) && counts.failed === 0) counts.failed = 1
    return counts
  }

const nameOf = (file) => relative(ROOT, file).replaceAll('\\', '/')

/** A test file that did not load has no tests of its own: it counts as one failure. */
function readVitest(report) {
  const skipped = new Map()
  let broken = 0
  for (const { name, status, assertionResults } of report.testResults) {
    if (status === 'failed' && assertionResults.length === 0) broken++
    const count = assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed').length
    if (count > 0) skipped.set(nameOf(name), count)
  }
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken, skipped }
}

function readPlaywright({ stats, errors, suites }) {
  const skipped = new Map()
  const read = (suite) => {
    for (const { tests } of suite.specs ?? [])
      for (const { status, results } of tests) {
        if (status === 'skipped') skipped.set(suite.file, (skipped.get(suite.file) ?? 0) + 1)
        if (status === 'unexpected') tellPage(results.at(-1)?.attachments ?? [])
      }
    suite.suites?.forEach(read)
  }
  suites.forEach(read)
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length, skipped }
}

/** What the page showed when a test failed. */
function tellPage(attachments) {
  for (const { name, path } of attachments)
    if (name === 'error-context' && path && existsSync(path))
      console.log(`\n${readFileSync(path, 'utf8').replace(/^.*?(?=# Page snapshot)/s, '')}`)
}

const vitest = (project) =>
  runner(
    'vitest/vitest.mjs',
    (report) => [
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    readVitest,
    `${project}.json`,
  )

const page = runner(
  '@playwright/test/cli.js',
  () => ['test', '--reporter=list,json'],
  readPlaywright,
  'page.json',
  { PLAYWRIGHT_JSON_OUTPUT_FILE: join(reports, 'page.json') },
)

const add = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: new Map([...a.skipped, ...b.skipped]),
})

/** Tests of a runner that is not started, one for each that its files name. */
const skipAll = (program, args) => async () => {
  const { stdout } = spawnSync(process.execPath, [bin(program), ...args], { cwd: ROOT, encoding: 'utf8' })
  const skipped = new Map()
  for (const line of stdout.split('\n')) {
    const file = /[\w/.-]+\.(browser-test|spec)\.ts/.exec(line)?.[0]
    if (file) skipped.set(file, (skipped.get(file) ?? 0) + 1)
  }
  return { ...none(), skipped }
}

const total = ({ skipped }) => [...skipped.values()].reduce((sum, count) => sum + count, 0)

function sum(counts) {
  const skipped = total(counts)
  return `${counts.passed} passed, ${counts.failed} failed${skipped ? `, ${skipped} skipped` : ''}`
}

/** Why tests were skipped, and what would bring them. */
function tellSkipped({ skipped }, missing) {
  if (skipped.size === 0) return
  console.log('\nSkipped on this machine:')
  const rest = new Map(skipped)
  for (const need of missing) {
    let count = 0
    for (const [file, tests] of rest)
      if (need.tests.test(file)) {
        count += tests
        rest.delete(file)
      }
    if (count > 0) console.log(`  ${count} for want of: ${need.name}. To run them, ${remedy(need)}.`)
  }
  for (const [file, count] of rest) console.log(`  ${count} in ${file}`)
}

const missing = bringNeeds()
const lacks = (need) => missing.includes(need)
for (const need of missing)
  console.log(`${need.name}: not found. Without it there are no ${need.serves}. To have it, ${remedy(need)}.`)

const kernels = lacks(CHROMIUM)
  ? skipAll('vitest/vitest.mjs', ['list', '--project', 'kernels', '--static-parse'])
  : vitest('kernels')
const pages = lacks(CHROMIUM) ? skipAll('@playwright/test/cli.js', ['test', '--list']) : page

const started = Date.now()
const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`
// A page that does not build fails the tests of it.
await ensureBuilt().catch((error) => console.error(error.message))

/** Checks one after the other. */
async function lane(checks) {
  let counts = none()
  for (const [title, run] of checks) {
    console.log(`\n=== ${title} begins ===`)
    const began = Date.now()
    const own = await run()
    counts = add(counts, own)
    console.log(`\n=== ${title}: ${sum(own)}, ${seconds(began)} ===`)
  }
  return counts
}

// Two lanes of about the same length, so that no core waits for a single test file; each line says whose it is.
const lanes = await Promise.all([
  lane([
    ['Types', check('typescript/bin/tsc', ['--noEmit', '-p', '.'])],
    ['Biome', check('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])],
    ['Unit tests (Node)', vitest('unit')],
    ['Page tests (Chromium)', pages],
  ]),
  lane([
    ['Kernel tests (Chromium)', kernels],
    ['Page tests (Firefox)', vitest('firefox')],
  ]),
])
const all = lanes.reduce(add)
rmSync(reports, { recursive: true, force: true })
tellSkipped(all, [...missing, ...HARDWARE])
console.log(`\nAll of it took ${seconds(started)}.`)
console.log(`\n${sum(all)}`)
process.exitCode = all.failed === 0 ? 0 : 1
