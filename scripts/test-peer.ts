/**
 * `npm run test:peer`: tfjs-core's own tests of what training uses, on its wasm backend with our gradients installed,
 * and the plan beside plain tf-core at 200 random shapes and settings.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compareSuites, countSuites, failuresSchema } from '../tests/peer/compare-suites.ts'
import knownFailures from '../tests/peer/core-failures.json' with { type: 'json' }
import { runCoreSuite } from '../tests/peer/core-suite.ts'

async function coreSuite(): Promise<boolean> {
  const { stock, ours } = await runCoreSuite()
  const problems = compareSuites(stock, ours, failuresSchema.parse(knownFailures))
  const { tests, stockFailed, oursFailed, enabled } = countSuites(stock, ours)
  console.log(
    `tfjs-core's tests on wasm: ${tests}; with stock ${stockFailed} fail, with our gradients ${oursFailed}` +
      ` (listed with their reasons in tests/peer/core-failures.json); ${enabled} more pass`,
  )
  for (const problem of problems) console.error(problem)
  return problems.length === 0
}

function randomPlans(): Promise<boolean> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  return new Promise((resolve, reject) => {
    const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'peer'], {
      cwd: root,
      stdio: 'inherit',
    })
    vitest.on('error', reject)
    vitest.on('close', (code) => resolve(code === 0))
  })
}

const parts = [coreSuite, randomPlans]
const passed: boolean[] = []
for (const part of parts) passed.push(await part())
process.exitCode = passed.every(Boolean) ? 0 : 1
