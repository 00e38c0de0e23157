/**
 * `npm test`: types, Biome, unit and kernel tests side by side, then page tests in two browsers, each shown as it runs.
 * The last line is the sum: `N passed, N failed`, with `, N skipped` where tests were.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './build.mjs'
import { firefoxPath } from './firefox.mjs'
import { ensureChromium } from './install-chromium.mjs'

const reports = mkdtempSync(join(tmpdir(), 'tabtune-test-'))
const bin = (name) => join(ROOT, 'node_modules', ...name.split('/'))

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
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

/** A runner that writes a JSON report. One that fails with no failed test in it (it crashed) counts as a failure. */
const runner =
  (program, args, read, file, env = {}) =>
  async () => {
    const report = join(reports, file)
    const code = await node(program, args(report), env)
    const counts = existsSync(report)
      ? read(JSON.parse(readFileSync(report, 'utf8')))
      : { passed: 0, failed: 0, skipped: 0 }
    const none = counts.passed + counts.skipped === 0
    if ((code !== 0 || none) && counts.failed === 0) counts.failed = 1
    return counts
  }

/** A test file that did not load has no tests of its own: it counts as one failure. */
function readVitest(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

function readPlaywright({ stats, errors }) {
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
  }
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

/** Two runners at a time: each line says whose it is. */
const together = (first, second) => async () => {
  const [a, b] = await Promise.all([first(), second()])
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

const checks = [
  ['Types', check('typescript/bin/tsc', ['--noEmit', '-p', '.'])],
  ['Biome', check('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])],
  ['Unit tests (Node) and kernel tests (Chromium)', together(vitest('unit'), vitest('kernels'))],
  ['Page tests (Chromium)', page],
  ['Page tests (Firefox)', vitest('firefox')],
]

const sum = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`

const total = { passed: 0, failed: 0, skipped: 0 }
try {
  console.log(`Chromium: ${ensureChromium()}`)
} catch (error) {
  console.error(error.message)
}
console.log(
  `Firefox: ${firefoxPath() ?? 'not found, so its tests are skipped (name one in TABTUNE_FIREFOX)'}`,
)
for (const [title, run] of checks) {
  console.log(`\n=== ${title} ===`)
  const started = Date.now()
  const counts = await run()
  for (const key of Object.keys(total)) total[key] += counts[key]
  console.log(`=== ${title}: ${sum(counts)}, ${Math.round((Date.now() - started) / 1000)} s ===`)
}
rmSync(reports, { recursive: true, force: true })
console.log(`\n${sum(total)}`)
process.exitCode = total.failed === 0 ? 0 : 1
